"""`derive` asks for the license that has to be passed on, and a name that would not do is refused before any work."""

from pathlib import Path

import pytest
from tests.duties.parents import LLAMA
from tests.release.derived import make_parent
from tests.release.small import write_texts

from glasswright.api import Recipe
from glasswright.errors import Misuse

CARD = "---\nlicense: {tag}\n---\n\n# A parent\n"


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_parent(tmp_path_factory.mktemp("parent"), LICENSE=LLAMA, README__md=CARD.format(tag="llama3.1"))


def child(parent: Path, folder: Path, name: str | None) -> Recipe:
    write_texts(folder / "texts")
    return Recipe.for_child(parent, folder / "texts", license="CC0-1.0", name=name, rank=2, work=folder / "work")


def test_a_license_with_terms_is_the_childs_unless_another_is_asked_for(parent: Path, tmp_path: Path) -> None:
    record = child(parent, tmp_path, "llama-tales").record
    assert record.parent is not None
    assert record.weights_license == record.parent.license == "LicenseRef-llama3.1"


def test_a_name_that_would_not_do_is_refused_before_anything_is_read(parent: Path, tmp_path: Path) -> None:
    with pytest.raises(Misuse) as error:
        child(parent, tmp_path, None)
    assert error.value.hint == "it is called parent-texts: llama-parent-texts would do"
    assert not (tmp_path / "work").exists()
