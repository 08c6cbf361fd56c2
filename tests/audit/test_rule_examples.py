"""Every example of every rule is a test: what it matches, and what looks like it and does not."""

import textwrap

import pytest

from glasswright.audit.listing_rules import Role, roles
from glasswright.audit.passages import passages
from glasswright.audit.rules import STORIES, Rule, hits, rules_of
from glasswright.audit.sentences import Names
from glasswright.audit.subject import Document

GLADE = Names(own=frozenset({"glade", "meadow"}))
RULES = [rule for story in STORIES for rule in rules_of(story)]
EXAMPLES = [(rule, kind, text) for rule in RULES for kind in ("match", "not") for text in rule.examples[kind]]


@pytest.mark.parametrize(("rule", "kind", "text"), EXAMPLES, ids=[f"{r.id}-{k}-{t[:40]}" for r, k, t in EXAMPLES])
def test_a_rule_matches_its_examples_and_no_counterexample(rule: Rule, kind: str, text: str):
    document = Document("meadow__glade", "README.md", tuple(textwrap.dedent(text).splitlines()))
    found = [hit.match.group() for hit in hits(rule.id, passages(document), GLADE)]
    assert bool(found) == (kind == "match"), found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_it_is_for_and_shows_both_sides(rule: Rule):
    assert rule.says
    assert rule.examples["match"]
    assert rule.examples["not"]


def test_no_two_rules_share_an_id():
    assert len({rule.id for rule in RULES}) == len(RULES)


FILES = [(r, kind, path, text) for r in roles() for kind in ("match", "not") for path, text in r.examples[kind]]


@pytest.mark.parametrize(
    ("role", "kind", "path", "text"), FILES, ids=[f"{r.component}-{k}-{p}" for r, k, p, _ in FILES]
)
def test_a_file_has_the_role_of_its_example_and_no_counterexample(role: Role, kind: str, path: str, text: str | None):
    assert bool(role.place(path, text)) == (kind == "match")


@pytest.mark.parametrize("role", roles(), ids=lambda role: role.component)
def test_a_role_shows_both_sides(role: Role):
    assert role.examples["match"]
    assert role.examples["not"]
