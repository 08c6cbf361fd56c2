"""C4's rules about lines: each line that goes is counted with its fault."""

from glasswright.corpus.quality.lines import clean, has_placeholder

GOOD = "The miller crossed the bridge early."


def test_each_fault_takes_its_line_and_is_counted() -> None:
    text = f"Home\n{GOOD}\nPlease enable Javascript in your browser.\nWe value your privacy policy very much.\n"
    text += "x" * 1001 + " and four more words.\n" + f"{GOOD}"
    found = clean(text, needs_ending=False)
    assert found.text == f"{GOOD}\n{GOOD}"
    assert dict(found.removed) == {"few_words": 1, "javascript": 1, "policy": 1, "long_word": 1}


def test_a_line_needs_an_ending_only_where_that_is_asked() -> None:
    text = f"{GOOD}\nThe miller crossed the bridge and\nThe miller crossed the bridge early..."
    assert clean(text, needs_ending=True).text == GOOD
    assert clean(text, needs_ending=False).text == text


def test_citation_marks_go_and_other_brackets_stay() -> None:
    text = "The miller[12] crossed the bridge[citation needed] early [sic]."
    assert clean(text, needs_ending=True).text == "The miller crossed the bridge early [sic]."


def test_blank_lines_between_paragraphs_stay() -> None:
    text = f"{GOOD}\n\n{GOOD}"
    assert clean(text, needs_ending=True).text == text
    assert clean(f"{GOOD}\n\nMenu\n\n{GOOD}", needs_ending=True).text == text


def test_placeholder_text_is_seen_in_any_case() -> None:
    assert has_placeholder("... Lorem Ipsum dolor")
    assert not has_placeholder(GOOD)
