"""What stands under a heading about the license is understood, or may be terms."""

import pytest
from tests.licenses.wordings import FREE, FRESH

from glasswright.licenses.beside import HARMLESS, is_license_title, unclear_terms
from glasswright.licenses.spoken import spoken

UNCLEAR = [said for wordings in FRESH.values() for said in wordings]
CLEAR = [said for wordings in FREE.values() for said in wordings]


@pytest.mark.parametrize("said", UNCLEAR)
def test_a_sentence_that_takes_or_is_not_understood_may_be_terms(said: str):
    assert [found.quote for found in unclear_terms(f"MIT License. {said}")] == [said.rstrip("。")]


@pytest.mark.parametrize("said", CLEAR)
def test_a_sentence_that_gives_is_none(said: str):
    assert list(unclear_terms(f"MIT License. {said}")) == []


@pytest.mark.parametrize("said", [example for _, example in HARMLESS])
def test_what_is_known_to_be_harmless_is(said: str):
    assert list(unclear_terms(f"MIT License. {said}")) == []


def test_each_harmless_phrase_is_needed_by_its_example():
    for pattern, example in HARMLESS:
        assert spoken(pattern).search(example), example


def test_an_addition_is_named_by_its_line():
    (found,) = unclear_terms("MIT License.\n\nShops have to ask us first.\n")
    assert found.line == 3


@pytest.mark.parametrize("title", ["License", "授权协议", "Licence and copyright", "Lizenz"])
def test_a_heading_about_the_license(title: str):
    assert is_license_title(title)


@pytest.mark.parametrize("title", ["用户数据报协议（UDP）", "传输控制协议", "Usage"])
def test_a_heading_about_a_protocol_is_none(title: str):
    assert not is_license_title(title)


def test_the_cells_of_a_table_are_read_one_by_one() -> None:
    rows = "| license | documents | bytes | size |\n| --- | ---: | ---: | --- |\n| CC0-1.0 | 24 | 12,716 | 12.7 kB |\n"
    assert list(unclear_terms(rows + "| **all of them** | 24 | 12,716 | 12.7 kB |\n")) == []
    (found,) = unclear_terms(rows + "| MIT | Shops have to ask us first | 7 | 7 kB |\n")
    assert found.quote == "Shops have to ask us first"


@pytest.mark.parametrize(
    "said",
    [
        "See the License for the specific language governing permissions and\n   limitations under the License.",
        '<p align="right"> [ <a href="#top">Back to top ⬆️ </a> ] </p>',
        "All files that do not contain such a header are the\nexclusive copyright of their author.",
    ],
)
def test_a_notice_over_two_lines_and_the_markup_of_a_page_are_no_terms(said: str) -> None:
    assert list(unclear_terms(f"MIT License.\n\n{said}\n")) == []


def test_terms_within_markup_are_found() -> None:
    said = '<p align="right">Shops have to <a href="https://x.y">ask us</a> first.</p>'
    (found,) = unclear_terms(f"MIT License.\n\n{said}\n")
    assert "Shops have to" in found.quote
