"""License texts that more than one test changes: our own, and pytest's. None is copied here."""

from importlib.metadata import files
from pathlib import Path

APACHE = (Path(__file__).resolve().parents[2] / "LICENSE").read_text()
(_PYTEST,) = (file for file in files("pytest") or () if file.name == "LICENSE")
MIT = "\n\n".join(" ".join(paragraph.split()) for paragraph in _PYTEST.read_text().split("\n\n")) + "\n"
