"""Both ways to hold a folder, so that one test is of both."""

import pytest

from glasswright.foreign import files, folders
from glasswright.foreign.held import ByPath


@pytest.fixture(params=["by descriptor", "by path"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders are held as on this system, or as where there are no descriptors of folders."""
    if request.param == "by path":
        for module in (files, folders):
            monkeypatch.setattr(module, "held", lambda root: ByPath(str(root), None))
