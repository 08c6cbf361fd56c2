"""Equal weights, another meaning: the epsilon of the norms is changed."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    path = release / "model" / "config.json"
    path.write_text(path.read_text().replace("1e-05", "1e-03"))
    relist(release)


def test_edited_config(release: Path) -> None:
    forge(release)
    refused(release, step="model", evidence=r"^model/config\.json: rms_norm_eps: expected .*, found")
