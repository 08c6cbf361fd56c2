"""docs/python.md is true: its blocks run, one after the other, and give what it shows."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.release.small import RECIPE, write_texts

import glasswright
from glasswright.errors import Misuse
from glasswright.recipe import write_resolved

PAGE = Path(__file__).resolve().parents[2] / "docs" / "python.md"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_texts(tmp_path / "texts")
    (tmp_path / "recipe.yaml").write_text(write_resolved(RECIPE))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("here")
def test_the_blocks_of_the_page_give_what_it_shows() -> None:
    blocks = "\n".join(re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE))
    page = doctest.DocTestParser().get_doctest(blocks, {}, "docs/python.md", str(PAGE), 0)
    assert len(page.examples) > 20
    said: list[str] = []
    doctest.DocTestRunner().run(page, out=said.append)
    assert said == []


def test_documents_without_a_recipe_are_built_as_the_command_does(here: Path) -> None:
    recipe = glasswright.Recipe.for_documents("texts", license="CC0-1.0")
    assert recipe.locations == {"texts": Path("texts")}
    assert recipe.record.sources[0].license == "CC0-1.0"
    elsewhere = glasswright.Recipe.for_documents("texts", license="CC0-1.0", locations={"texts": here / "texts"})
    assert elsewhere.digest == recipe.digest


def test_what_cannot_be_done_is_said_before_any_work(here: Path) -> None:
    recipe = glasswright.Recipe.load("recipe.yaml")
    with pytest.raises(Misuse, match="is the work folder as well"):
        glasswright.build(recipe, out="same", work="same")
    assert not Path("same").exists()
    with pytest.raises(Misuse, match="release"):
        glasswright.Release(here / "texts")
    with pytest.raises(Misuse, match="no such file"):
        glasswright.Recipe.load("nowhere.yaml")


def test_the_library_is_typed_and_imports_nothing_before_it_is_asked() -> None:
    assert (Path(glasswright.__file__).parent / "py.typed").exists()
    program = (
        "import sys, glasswright\n"
        "assert not {'pydantic', 'torch', 'numpy', 'glasswright.api'} & set(sys.modules)\n"
        "assert set(glasswright.__all__) == set(dir(glasswright))\n"
        "assert all(getattr(glasswright, name) for name in glasswright.__all__)\n"
        "assert not {'torch', 'numpy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'verity'"):
        glasswright.verity  # noqa: B018
