"""What a dataset's card states: the field `license` of its front matter, in the names that the Hugging Face hub uses.

license: cc-by-4.0                    CC-BY-4.0
license: [mit, cc-by-sa-4.0]          parts are under each: MIT AND CC-BY-SA-4.0
license: other                        states nothing, as unknown does
license: openrail                     no license expression: as it is written
"""

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from glasswright.corpus.evidence.fields import FRONT_MATTER
from glasswright.corpus.found import Nearness, Statement
from glasswright.licenses import hub_tag_expression

STATES_NOTHING = frozenset({"", "other", "unknown"})
NULL = "tag:yaml.org,2002:null"
MAX_CHARS = 80  # of a license that is no expression


def card_statement(text: str, path: str) -> Statement | None:
    """The license that a card states, or None."""
    tags = _license_tags(text)
    if not {tag.lower() for tag in tags} - STATES_NOTHING:
        return None
    names = dict.fromkeys(hub_tag_expression(tag) or tag[:MAX_CHARS] for tag in tags)
    license = " AND ".join(f"({name})" if " OR " in name and len(names) > 1 else name for name in names)
    return Statement(license=license, evidence=f"{path}, license", nearness=Nearness.TREE)


def _license_tags(text: str) -> list[str]:
    """The texts under `license`, as nodes of the YAML: what its merges and aliases come to may be any number."""
    front = FRONT_MATTER.match(text)
    if front is None:
        return []
    try:
        root = YAML(typ="safe", pure=True).compose(front.group(1))
    except (YAMLError, ValueError, RecursionError):
        return []  # no card that the hub would take
    stated = [value for key, value in root.value if key.value == "license"] if isinstance(root, MappingNode) else []
    values = [one for value in stated for one in (value.value if isinstance(value, SequenceNode) else [value])]
    return [one.value.strip() for one in values if isinstance(one, ScalarNode) and one.tag != NULL]
