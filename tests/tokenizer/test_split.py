"""Which documents are held back."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from glasswright.tokenizer.split import splits

LOW, HIGH = "0" * 64, "f" * 64


def test_a_low_id_is_held_back_and_a_high_one_is_not() -> None:
    assert splits([LOW, HIGH], Decimal("0.02")) == ["validation", "train"]


def test_the_limit_itself_is_learned_from() -> None:
    half = "8" + "0" * 63
    below = "7" + "f" * 63
    assert splits([below, half], Decimal("0.5")) == ["validation", "train"]


def test_with_no_share_nothing_is_held_back() -> None:
    assert splits([LOW], Decimal(0)) == ["train"]


def test_the_train_split_is_never_empty() -> None:
    assert splits([LOW, "0" * 63 + "1"], Decimal("0.9")) == ["validation", "train"]


@given(st.lists(st.integers(0, 2**256 - 1), min_size=2, max_size=30, unique=True), st.integers(0, 29))
def test_a_document_stays_where_it_is_when_another_goes(numbers: list[int], gone: int) -> None:
    names = [*sorted(f"{number:064x}" for number in numbers), HIGH]
    before = dict(zip(names, splits(names, Decimal("0.3")), strict=True))
    rest = [name for place, name in enumerate(names) if place != gone % (len(names) - 1)]
    assert splits(rest, Decimal("0.3")) == [before[name] for name in rest]
