"""Sentences in which a text speaks of itself: "This document has been placed in the public domain".

A sentence about code, about the work of others, in quotation marks, or with a blank to fill in is none.
"""

import re

from glasswright.corpus.found import Nearness, Statement
from glasswright.licenses import restrictions
from glasswright.licenses.grants import Grant, spoken_grant
from glasswright.licenses.mentions import mentions
from glasswright.licenses.parts import OTHER_PART, TEXT_PART
from glasswright.licenses.spoken import spoken

QUOTE_CHARS, SENTENCE_CHARS = 160, 600
SUBJECT = (
    r"(?:document|work|book|ebook|pages?|site|website|articles?|tutorials?|essay|texts?|guides?|handbook|manual|"
    r"materials?|contents?|documentation|docs|story|stories|paper|report|posts?|proposal|project|repository|repo|pep|"
    r"p\.e\.p\.|bip|eip|erc|rfc|specification|lessons?|chapter|translation|curriculum|course|list|wiki|playbook|"
    r"style guides|is all)"
)
SELF = spoken(
    rf"\b(?:this|these|the|all|our|its) (?:\w+ ){{0,3}}?{SUBJECT}\b(?P<between>(?:[^.\n]|\n(?!\n)){{0,120}}?)"
    r"\b(?:licen[sc]ed|placed|released|dedicated|distributed|published|available|covered|put|under|falls|"
    r"in the public)\b"
)
SELF_CHINESE = re.compile(
    r"(?:本|这些|這些|此|该|該)(?:文|内容|內容|作品|项目|項目|书|書|仓库|教程|站)[^。\n]{0,100}(?:协议|協議|许可|許可|授权|授權)"
)
WAIVED = spoken(
    r"\bworks? of the (?:united states|U\.?S\.?A?\.?) (?:federal )?government\b",
    r"\bcopyright and related rights (?:are )?waived\b",
    r"\bwe waive copyright\b",
)
APPLIES = spoken(  # "The X license applies to the files in this package"
    r"\bthe [^.\n]{1,60}?\blicen[sc]e\b[^.]{0,60}? applies to (?:this |these |(?:all )?(?:the )?files in this)"
)
SELF_TAKEN = spoken(
    rf"\b(?:no part of )?(?:this|these|all) (?:\w+ ){{0,3}}?{SUBJECT} (?:is|are|may|must|can|shall)\b[^.]{{0,200}}"
)
BY_HAND = spoken(r"\b(?:by hand|manually|directly|edit)")  # what may not be changed so is generated
ABOUT_OTHERS = spoken(  # "this project uses X, which is licensed under ..."
    r"\b(?:uses?|using|includes?|including|contains?|depends?|bundles?|embeds?|vendors?|requires?|incorporates?|"
    r"based on|built (?:on|with)|borrows?|derived from|inspired|powered|theme|template)\b"
)
# Looked for first, since they are fast: where neither is, no license is named and nothing is taken.
NAMES_LICENSE = spoken(
    r"licen|commons|\bcc\b|\bcc[-0]|public domain|gpl|fdl|\bmit\b|apache|bsd|copyright|-\d\.\d",
    r"许可|授权|授權|协议|協議|知识|創用|クリエ",
)
TAKES = spoken(
    r"\b(?:may|must|can|shall)(?: ?not|n.t)\b|\bonly\b|\bsolely\b|commercial|prohibit|forbid|permission|no part"
)
SENTENCE_END = re.compile(r"[.!?:](?=\s)|\n[ \t]*\n|\n[ \t]*[-*][ \t]")
PARAGRAPH_END = re.compile(r"\n[ \t]*\n(?!additionally)", re.IGNORECASE)
PLACEHOLDER = re.compile(
    r"\{\w+\}|<(?:year|name|author|owner)[^>\n]{0,40}>|\[(?:year|yyyy|name|author|owner)[^\]\n]{0,40}\](?!\()",
    re.IGNORECASE,
)
QUOTATION_MARKS = ('"', "“", "‘", "`", "«", "„")


def self_statement(zone: str, nearness: Nearness = Nearness.DOCUMENT) -> Statement | None:
    """The first sentence in which a text says under what license it is, or what may not be done with it."""
    if found := self_grant(zone):
        return Statement(license=found[0].license, evidence=f'"{_quote(found[1])}"', nearness=nearness)
    return None


def self_grant(zone: str) -> tuple[Grant, str] | None:
    """What the first such sentence grants, and the sentence."""
    if not NAMES_LICENSE.search(zone):
        return taken_by_itself(zone)
    for pattern in (SELF, WAIVED, SELF_CHINESE):
        for match in pattern.finditer(zone):
            if pattern is SELF and (ABOUT_OTHERS.search(match["between"]) or _is_about_code(zone, match.start())):
                continue
            sentence = _sentence(zone, match.start(), match.end())
            if PLACEHOLDER.search(sentence) or zone[max(0, match.start() - 1) : match.start()] in QUOTATION_MARKS:
                continue  # an example of a statement
            if mentions(sentence) and (found := spoken_grant(sentence)):
                return found, sentence
    for match in APPLIES.finditer(zone):
        if found := spoken_grant(match.group()):
            return found, match.group()
    return taken_by_itself(zone)


def taken_by_itself(zone: str) -> tuple[Grant, str] | None:
    """The first sentence in which a text says what may not be done with it."""
    if not TAKES.search(zone):
        return None
    for match in SELF_TAKEN.finditer(zone):
        taken = restrictions(match.group())
        if taken and not BY_HAND.search(match.group()):
            return Grant(taken[0][1]), match.group()
    return None


def _is_about_code(zone: str, place: int) -> bool:
    """Whether the sentence that leads to a place is about the code of the work: "the code samples of this book are"."""
    before = SENTENCE_END.split(zone[max(0, place - 200) : place])[-1]
    return bool(OTHER_PART.search(before)) and not TEXT_PART.search(before)


def _sentence(text: str, start: int, end: int) -> str:
    """From the match to the end of its paragraph, not further than a few lines."""
    stop = PARAGRAPH_END.search(text, end)
    return text[start : stop.start() if stop else len(text)][:SENTENCE_CHARS]


def _quote(text: str) -> str:
    return " ".join(text.split())[:QUOTE_CHARS]
