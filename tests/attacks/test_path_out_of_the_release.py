"""The list of files leads out of the release."""

from pathlib import Path
from typing import Any

from tests.attacks.forging import change, read, refused, write

from glasswright.records.canonical import digest


def forge(release: Path) -> None:
    def edit(manifest: Any) -> None:
        entry = next(it for it in manifest["files"] if it["path"].endswith(".safetensors"))
        manifest["files"].remove(entry)
        manifest["files"].insert(0, {**entry, "path": "../outside.safetensors"})  # in order

    change(release / "manifest.json", edit)
    top = read(release / "release.json")
    write(release / "release.json", {**top, "manifest": digest(read(release / "manifest.json"))})


def test_path_out_of_the_release(release: Path) -> None:
    forge(release)
    refused(release, step="files", evidence=r"^'\.\./outside\.safetensors': not a safe path")
