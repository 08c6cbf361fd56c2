"""Storybooks, whose pages are turned by empty headings, become one text."""

from glasswright.corpus.sources.storybook import read_storybook

STORY = """# Where is my bat?

##
I have lost my bat, and I
cannot find it.
"Where is it?"
I asked.

##

##
* License: [CC-BY]
* Text: A. Body, B. Other
* Illustration: C. Painter
* Language: en
"""


def test_pages_are_joined_and_credits_are_not_part_of_the_story(collected):
    corpus = collected({"bat.md": STORY.encode()}, rules={"allow_licenses": ["LicenseRef-CC-BY"]})
    row = corpus.by_path["bat.md"]
    assert corpus.text("bat.md") == (
        '# Where is my bat?\n\nI have lost my bat, and I cannot find it.\n"Where is it?"\nI asked.'
    )
    assert (row.title, row.author, row.language) == ("Where is my bat?", "A. Body, B. Other", "en")


def test_the_license_is_read_from_the_credits_that_the_text_lacks(collected):
    row = collected({"bat.md": STORY.encode(), "a.txt": b"a"}, license="MIT").by_path["bat.md"]
    assert row.license == "LicenseRef-CC-BY"
    assert row.license_evidence is not None
    assert "[CC-BY]" in row.license_evidence


def test_the_story_ends_where_the_credits_begin():
    book = read_storybook("# A\n##\none\n##\ntwo\n##\nThe end.\n* License: MIT\n* Text: B\n\nWritten at school.\n")
    assert book is not None
    assert book.text == "# A\n\none\n\ntwo\n\nThe end."
    assert book.credits == {"license": "MIT", "text": "B"}


def test_a_list_without_a_license_is_part_of_the_story():
    book = read_storybook("# A\n##\none\n##\n* Fox: I am hungry\n* Crow: I am not\n")
    assert book is not None
    assert book.text.endswith("* Fox: I am hungry\n* Crow: I am not")
    assert book.credits == {}


def test_lists_verses_in_quotes_and_headings_keep_their_lines():
    book = read_storybook("# A\n##\n- one\n- two\n##\n> line\n> line\n##\n1. first\n2. second\n")
    assert book is not None
    assert book.text == "# A\n\n- one\n- two\n\n> line\n> line\n\n1. first\n2. second"


def test_other_markdown_has_no_pages():
    assert read_storybook("# A\n\n## Section\n\nWords.\n\n## Other\n\n## Third\n") is None
    assert read_storybook("# A\n\n```sh\n##\n##\n##\n```\n") is None
