"""Pages to stories: what a reader would read, and nothing fetched or expanded."""

from contextlib import suppress

import pytest

from glasswright.corpus import markup

PAGE = """<?xml version="1.0"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" xml:lang="en-GB">
<head><title>Two</title><style>p {}</style></head>
<body epub:type="bodymatter">%s</body></html>"""


def text_of(body: str) -> str:
    (story,) = markup.stories((PAGE % body).encode(), is_xml=True)
    return story.text


def test_blocks_stand_apart_and_white_space_is_one_space():
    assert text_of("<p>One  <b>bold</b>\n word.</p><p>Two.<br/>Three.</p>") == "One bold word.\n\nTwo.\nThree."


def test_items_of_a_list_are_lines():
    assert text_of("<p>List:</p><ul><li>a</li><li>b</li></ul><p>End</p>") == "List:\n\na\nb\n\nEnd"


def test_preformatted_text_keeps_its_lines():
    assert text_of("<pre>a\n  b</pre>") == "a\n  b"


def test_scripts_pictures_and_note_references_hold_no_text():
    body = '<p>Word<a epub:type="noteref" href="#n">1</a>.<script>x()</script></p><!-- no --><svg><text>no</text></svg>'
    assert text_of(body) == "Word."


def test_articles_are_documents_of_their_own():
    body = "<h1>Fables</h1><article><h2>Fox</h2><p>A fox.</p></article><article><h2>Hen</h2><p>A hen.</p></article>"
    found = markup.stories((PAGE % body).encode(), is_xml=True)
    assert [(story.title, story.text) for story in found] == [
        ("Fox", "Fox\n\nA fox."),
        ("Hen", "Hen\n\nA hen."),
        ("Fables", "Fables"),
    ]
    assert {story.language for story in found} == {"en-GB"}


def test_an_article_within_an_article_is_part_of_it():
    body = "<article><p>a</p><article><p>b</p></article></article>"
    assert len(markup.stories((PAGE % body).encode(), is_xml=True)) == 1


@pytest.mark.parametrize("kind", ["titlepage", "colophon", "imprint", "copyright-page", "halftitlepage", "loi"])
def test_a_page_about_the_book_is_boilerplate(kind: str):
    (story,) = markup.stories((PAGE % f'<section epub:type="{kind}"><p>x</p></section>').encode(), is_xml=True)
    assert story.is_boilerplate


def test_a_chapter_is_not_boilerplate():
    (story,) = markup.stories((PAGE % '<section epub:type="chapter"><p>x</p></section>').encode(), is_xml=True)
    assert not story.is_boilerplate


def test_an_entity_is_never_expanded(tmp_path):
    (tmp_path / "secret").write_text("secret words")
    bomb = f"""<!DOCTYPE html [<!ENTITY a "boom boom"><!ENTITY f SYSTEM "file://{tmp_path}/secret">]>
    <html xmlns="http://www.w3.org/1999/xhtml"><body><p>x&a;y&f;z</p></body></html>"""
    (story,) = markup.stories(bomb.encode(), is_xml=True)
    assert story.text == "xyz"


def test_markup_in_name_only_is_read_as_browsers_do():
    (story,) = markup.stories(b"<p>One<p>Two &amp; three", is_xml=True)
    assert story.text == "One\n\nTwo & three"


def test_a_deep_page_does_not_exhaust_the_stack():
    deep = b"<html><body>" + b"<div>" * 50_000 + b"x" + b"</div>" * 50_000 + b"</body></html>"
    for is_xml in (True, False):
        with suppress(markup.NotMarkup):  # refused as a whole is as good
            assert len(markup.stories(deep, is_xml=is_xml)) == 1


def test_a_page_with_an_element_of_more_attributes_than_can_be_read_is_refused():
    few, many = (f"<p {' '.join(f'a{number}=1' for number in range(count))}>x</p>".encode() for count in (256, 257))
    (story,) = markup.stories(few, is_xml=False)
    assert story.text == "x"
    with pytest.raises(markup.NotMarkup, match="an element has 257 attributes"):
        markup.stories(many, is_xml=False)


@pytest.mark.parametrize("around", ["<!-- {} -->", "<script>{}</script>", "<style>{}</style>"])
def test_what_only_looks_like_attributes_is_none(around: str):
    words = "<p " + " ".join(f"a{number}=1" for number in range(1000)) + ">"
    (story,) = markup.stories(f"<p>Before.</p>{around.format(words)}<p>After.</p>".encode(), is_xml=False)
    assert story.text == "Before.\n\nAfter."


def test_bytes_that_are_no_markup_are_refused():
    with pytest.raises(markup.NotMarkup):
        markup.stories(b"", is_xml=False)


@pytest.mark.parametrize("tag", ["<h1<<if", "<h{{", "<a:b:c", "<p$", "<h1\x01>"])
def test_tags_that_are_no_names_are_read_as_a_browser_would(tag: str):
    (story,) = markup.stories(f"<html><body><p>Before.</p>{tag} x>Words.</body></html>".encode(), is_xml=False)
    assert "Before." in story.text
