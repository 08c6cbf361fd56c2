"""The list of files leads out of the release."""

from pathlib import Path
from typing import Any

from tests.attacks.forging import change, read, refused, write

from glasswright.records.canonical import digest


def forge(release: Path) -> None:
    def edit(manifest: Any) -> None:
        manifest["files"][0]["path"] = "../outside.safetensors"

    change(release / "manifest.json", edit)
    top = read(release / "release.json")
    write(release / "release.json", {**top, "manifest": digest(read(release / "manifest.json"))})


def test_path_out_of_the_release(release: Path) -> None:
    forge(release)
    refused(release, step="files", evidence=r"^'\.\./outside\.safetensors': not a safe path")
