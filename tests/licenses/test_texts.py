"""License texts by their fingerprints. The text at hand on every machine is the repository's own license."""

from pathlib import Path

from glasswright.licenses import identify_text

LICENSE = (Path(__file__).resolve().parents[2] / "LICENSE").read_text()


def test_a_whole_text_is_named_and_nothing_is_left_over():
    best = identify_text(LICENSE)[0]
    assert best.license == "Apache-2.0"
    assert best.is_whole
    assert best.is_alone


def test_layout_and_copyright_line_do_not_matter():
    other = "Copyright 2031 Somebody Else\n" + LICENSE.upper().replace("\n", " \n  ")
    assert identify_text(other)[0].is_whole


def test_half_a_text_is_cut_and_not_whole():
    best = identify_text(LICENSE[: len(LICENSE) // 2])[0]
    assert best.license == "Apache-2.0"
    assert best.is_cut
    assert not best.is_whole


def test_a_text_that_says_more_is_not_alone():
    more = " ".join(f"clause {i} takes away the freedom number {i} from whoever reads line {i}" for i in range(300))
    best = identify_text(LICENSE + more)[0]
    assert best.is_whole
    assert not best.is_alone


def test_a_text_of_no_license_matches_nothing():
    assert (
        identify_text("You may look at this model on Tuesdays, when the moon is full, and tell nobody about it at all.")
        == []
    )
