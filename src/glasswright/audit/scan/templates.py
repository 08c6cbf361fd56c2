"""Chat templates, read and never rendered: what they reach, what they insert, and what that hangs on.

    reach      attributes of Python objects, other templates, loops without end
    insert     text of their own, in words, or with an address or a tag that a page would obey
    hangs on   what the messages say, how many there are, the date: a model that changes its instructions by these
               does so behind its reader's back

A template may look for marks in a message (`</think>`), and insert its own. Words that come and go with words do not.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, TemplateError, nodes
from jinja2.ext import Extension

from glasswright.audit.scan.bounds import named
from glasswright.audit.scan.item import Item
from glasswright.audit.scan.says import proved, refuted, unknown
from glasswright.records.verdict import Finding

MAX_TEMPLATE_CHARACTERS = 2**18
MAX_TEMPLATES = 200
MAX_NODES = 200_000
MAX_REPEAT = 1_000  # turns of a loop, or copies of a text, that a number in the template may ask for
NUM_WORDS = 3  # that make a text an instruction and no mark
HINT = "render it in a sandbox only, and read what it inserts before you use it"

METHODS = frozenset(
    """append capitalize count endswith extend find format get index isalnum isalpha isdigit isnumeric items join keys
    lower lstrip pop removeprefix removesuffix replace rfind rsplit rstrip split splitlines startswith strip title upper
    update values""".split()
)
FUNCTIONS = frozenset("raise_exception strftime_now namespace range dict joiner cycler caller super".split())
COMPARING = frozenset("in containing eq equalto == sameas ne lt gt le ge".split())
SPECIAL = re.compile(r"__\w+|\b(mro|func_globals|gi_frame|gi_code|f_globals|f_locals|f_builtins|f_back|tb_frame)\b")
ADDRESS = re.compile(
    r"https?://|www\.\w|<\s*(script|iframe|img|object|embed|link)\b|javascript:|data:text/", re.IGNORECASE
)
HIDING = re.compile(
    r"ignore (all |any |the )?(previous|prior|above|earlier)"
    r"|(do not|don't|never) (tell|reveal|mention|disclose|inform|warn)"
    r"|without (telling|informing|mentioning)|secretly|covertly|regardless of (what )?the (user|question)"
    r"|always (include|insert|recommend|append|add|end|mention|suggest|link)",
    re.IGNORECASE,
)
MARKS = re.compile(r"<[^<>\n]{0,60}>|\[[^\[\]\n]{0,60}\]|\{[^{}\n]{0,60}\}|/\w+|[\w.]*_[\w.]*")
WORD = re.compile(r"[^\W\d_]{2,}")
CLOCK = ("strftime_now", "now", "datetime", "date_string")
SAID = ("content", "text", "reasoning_content", "thinking", "tool_calls", "arguments")


def scan_templates(item: Item, sources: list[str]) -> Finding:
    """The finding of all chat templates of a file."""
    claim = f"{item.shown}: its chat template inserts nothing by what is said, and reaches nothing else"
    if len(sources) > MAX_TEMPLATES or max(map(len, sources), default=0) > MAX_TEMPLATE_CHARACTERS:
        return unknown(claim, f"at most {MAX_TEMPLATES} of {MAX_TEMPLATE_CHARACTERS:,} characters are looked at")
    wrong, doubts, inserted = list[str](), list[str](), list[str]()
    for source in sources:
        reading = Reading()
        try:
            reading.read(_parsed(source))
        except (RecursionError, MemoryError):
            reading.doubts.append("it is nested too deeply to be read")
        except ValueError as error:
            reading.doubts.append(f"it could not be read: {str(error)[:200]}")
        wrong, doubts = wrong + reading.wrong, doubts + reading.doubts
        inserted += reading.inserted
    if wrong:
        return refuted(claim, named(dict.fromkeys(wrong)), hint=HINT)
    if doubts:
        return unknown(claim, named(dict.fromkeys(doubts)), hint=HINT)
    said = f"; words of its own: {named(repr(text) for text in dict.fromkeys(inserted))}" if inserted else ""
    return proved(claim, f"{len(sources)} read{said}")


class Generation(Extension):
    """`{% generation %}`, with which loaders of models mark what the assistant said."""

    tags = {"generation"}  # noqa: RUF012

    def parse(self, parser: Any) -> nodes.Node:
        line = next(parser.stream).lineno
        return nodes.Scope(parser.parse_statements(("name:endgeneration",), drop_needle=True), lineno=line)


def _parsed(source: str) -> nodes.Template:
    """The tree of a template. Raises:  ValueError if it is none."""
    try:
        return Environment(extensions=["jinja2.ext.loopcontrols", Generation], autoescape=False).parse(source)
    except TemplateError as error:
        raise ValueError(str(error)) from error


def num_words(text: str) -> int:
    """How many words a text has beside marks such as `<|im_start|>`, `[INST]` and `/think`."""
    return len(WORD.findall(MARKS.sub(" ", text)))


@dataclass
class Reading:
    """One walk over the tree of a template."""

    wrong: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    inserted: list[str] = field(default_factory=list)  # words of its own
    tainted: set[str] = field(default_factory=set)  # names of values that hold what is said, or the date
    macros: set[str] = field(default_factory=set)
    num_nodes: int = 0

    def read(self, tree: Any) -> None:
        """Twice over, for a name can be given its value behind the place that uses it in a loop."""
        self.macros = {node.name for node in tree.find_all(nodes.Macro)}
        for _ in range(3):
            before = len(self.tainted)
            for node in tree.find_all((nodes.Assign, nodes.AssignBlock, nodes.For)):
                self._spread(node)
            if len(self.tainted) == before:
                break
        self._walk(tree, hangs_on="")

    def _spread(self, node: Any) -> None:
        """A name that is given what is said, or made from it, stands for it."""
        source = node.iter if isinstance(node, nodes.For) else getattr(node, "node", node)
        if isinstance(node, nodes.For) and not self._is_said(source):
            return
        if self._is_said(source) or (isinstance(node, nodes.AssignBlock) and any(map(self._is_said, node.body))):
            self.tainted |= {_name(target) for target in _targets(node.target)} - {""}

    def _is_said(self, node: Any) -> bool:
        """Whether a value is, or is made from, what a message says or the date."""
        if isinstance(node, nodes.Name):
            return node.name in self.tainted or node.name in CLOCK
        if isinstance(node, nodes.Getattr | nodes.Getitem):
            key = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
            return key in SAID or _name(node) in self.tainted or self._is_said(node.node)
        if isinstance(node, nodes.Test):
            return False
        if isinstance(node, nodes.Filter) and node.name in ("map", "selectattr", "rejectattr"):
            return True
        return any(map(self._is_said, node.iter_child_nodes()))

    def _walk(self, node: Any, hangs_on: str) -> None:
        self.num_nodes += 1
        if self.num_nodes > MAX_NODES:
            raise ValueError(f"more than {MAX_NODES:,} pieces")
        self._reach(node)
        if isinstance(node, nodes.If | nodes.CondExpr):
            inner = self._condition(node.test) or hangs_on
            self._walk(node.test, hangs_on)
            for child in node.iter_child_nodes(exclude=("test",)):
                self._walk(child, inner)
            return
        if isinstance(node, nodes.For) and node.test is not None:
            hangs_on = self._condition(node.test) or hangs_on
        if isinstance(node, nodes.TemplateData):
            self._insert(node.data, hangs_on)
        elif isinstance(node, nodes.Const) and isinstance(node.value, str):
            self._insert(node.value, hangs_on)
        for child in node.iter_child_nodes():
            if not isinstance(node, nodes.Call) or not _is_refusal(node):
                self._walk(child, hangs_on)

    def _condition(self, test: Any) -> str:
        """What a condition hangs on, in words: something said, the date, or how many messages there are."""
        for node in (test, *test.find_all((nodes.Compare, nodes.Call, nodes.Test))):
            if isinstance(node, nodes.Compare):
                sides = [node.expr, *(operand.expr for operand in node.ops)]
                if any(map(self._is_said, sides)) and not any(_is_nothing(side) for side in sides):
                    words = [text for side in sides for text in _strings(side)]
                    if not words or any(WORD.search(MARKS.sub(" ", text)) for text in words):
                        return "what is said"
                if any(_is_count(side) for side in sides) and any(_number(side) > 2 for side in sides):
                    return "how many messages there are"
            elif isinstance(node, nodes.Call) and self._is_said(node.node):
                words = [text for argument in node.args for text in _strings(argument)]
                if any(WORD.search(MARKS.sub(" ", text)) for text in words):
                    return "what is said"
            elif isinstance(node, nodes.Test) and node.name in COMPARING and self._is_said(node.node):
                return "what is said"
        return ""

    def _insert(self, text: str, hangs_on: str) -> None:
        words = num_words(text)
        if ADDRESS.search(text):
            (self.wrong if hangs_on else self.doubts).append(
                f"it inserts an address or a tag{_by(hangs_on)}: {text.strip()[:80]!r}"
            )
        elif HIDING.search(text):
            self.wrong.append(f"it inserts an instruction to hide{_by(hangs_on)}: {text.strip()[:80]!r}")
        elif words >= NUM_WORDS and hangs_on:
            self.wrong.append(f"it inserts words{_by(hangs_on)}: {text.strip()[:80]!r}")
        elif words >= NUM_WORDS:
            self.inserted.append(" ".join(text.split())[:80])

    def _reach(self, node: Any) -> None:
        """What a piece reaches that is no message."""
        if isinstance(node, nodes.Include | nodes.Import | nodes.FromImport | nodes.Extends):
            self.wrong.append("it takes in another template")
        elif isinstance(node, nodes.Getattr) and (SPECIAL.search(node.attr) or node.attr.startswith("_")):
            self.wrong.append(f"it reaches for {node.attr[:60]}")
        elif isinstance(node, nodes.Const) and isinstance(node.value, str) and SPECIAL.fullmatch(node.value.strip()):
            self.wrong.append(f"it names {node.value.strip()[:60]}")
        elif isinstance(node, nodes.TemplateData | nodes.Const) or node.__class__.__name__ == "Output":
            pass
        elif isinstance(node, nodes.Getitem) and _is_put_together(node.arg):
            self.doubts.append("it reaches for a name that is put together while it runs")
        elif isinstance(node, nodes.Filter) and (node.name == "attr" or _maps_attributes(node)):
            self.wrong.append(f"it reaches for attributes with the filter {node.name}")
        elif isinstance(node, nodes.Call):
            self._call(node)
        elif isinstance(node, nodes.Mul | nodes.Pow) and max(_number(node.left), _number(node.right)) > MAX_REPEAT:
            self.wrong.append("it asks for a text of endless length")

    def _call(self, node: Any) -> None:
        called = node.node
        if isinstance(called, nodes.Getattr):
            if called.attr == "format" and any(SPECIAL.search(text) for text in _strings(called.node)):
                self.wrong.append("it formats a text that reaches for attributes")
            elif called.attr not in METHODS and called.attr not in self.macros:
                self.doubts.append(f"it calls {called.attr[:60]}, on no list of safe names")
        elif isinstance(called, nodes.Name):
            if called.name == "range" and any(_number(argument) > MAX_REPEAT for argument in node.args):
                self.wrong.append("it goes round without end")
            elif called.name not in FUNCTIONS and called.name not in self.macros:
                self.doubts.append(f"it calls {called.name[:60]}, on no list of safe names")
        else:
            self.doubts.append("it calls what is made while it runs")


def _by(hangs_on: str) -> str:
    return f" by {hangs_on}" if hangs_on else ""


def _name(node: Any) -> str:
    """`x`, or `ns.x`."""
    if isinstance(node, nodes.NSRef):
        return f"{node.name}.{node.attr}"
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        return f"{node.node.name}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else ""


def _targets(target: Any) -> Iterable[Any]:
    return target.items if isinstance(target, nodes.Tuple) else (target,)


def _strings(node: Any) -> Iterator[str]:
    for each in (node, *node.find_all(nodes.Const)):
        if isinstance(each, nodes.Const) and isinstance(each.value, str):
            yield each.value


def _number(node: Any) -> float:
    """The greatest number that stands in an expression; 0 if none does."""
    numbers = [each.value for each in (node, *node.find_all(nodes.Const)) if isinstance(each, nodes.Const)]
    return max((abs(value) for value in numbers if type(value) in (int, float)), default=0)


def _is_nothing(node: Any) -> bool:
    """An empty text, none, a truth value: compared with these, nothing is looked for."""
    return isinstance(node, nodes.Const) and (node.value is None or node.value == "" or isinstance(node.value, bool))


def _is_count(node: Any) -> bool:
    if isinstance(node, nodes.Filter):
        return node.name in ("length", "count")
    return isinstance(node, nodes.Getattr) and node.attr in ("index", "index0", "revindex", "length")


def _is_put_together(node: Any) -> bool:
    return isinstance(node, nodes.Concat | nodes.Add | nodes.Mod | nodes.Filter | nodes.Call) and any(_strings(node))


def _maps_attributes(node: Any) -> bool:
    """`map(attribute="__class__")` and its kin; a plain name is a key of a message."""
    words = [*node.args, *(pair.value for pair in node.kwargs)]
    return any(SPECIAL.search(text) or text == "attr" for word in words for text in _strings(word))


def _is_refusal(node: Any) -> bool:
    """`raise_exception("...")`: its words go to the caller."""
    return getattr(node.node, "name", "") == "raise_exception"
