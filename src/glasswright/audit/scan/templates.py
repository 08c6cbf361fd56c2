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
STRUCTURE = ("role", "type", "name", "id", "tool_call_id")  # of a message, beside what it says
PICKING = ("map", "select", "reject", "selectattr", "rejectattr")
FEW = 2  # messages that a conversation has at its beginning
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
    words: dict[str, set[str]] = field(default_factory=dict)  # names of values -> words that they hold
    macros: dict[str, nodes.Macro] = field(default_factory=dict)
    num_nodes: int = 0

    def read(self, tree: Any) -> None:
        """Twice over, for a name can be given its value behind the place that uses it in a loop."""
        self.macros = {node.name: node for node in tree.find_all(nodes.Macro)}
        for _ in range(3):
            for node in tree.find_all((nodes.Assign, nodes.AssignBlock, nodes.For)):
                self._spread(node)
            for call in tree.find_all(nodes.Call):
                self._hand_over(call)
        self._walk(tree, hangs_on="")

    def _spread(self, node: Any) -> None:
        """A name that is given what is said, or made from it, stands for it; one that is given words, for the words."""
        source = node.iter if isinstance(node, nodes.For) else getattr(node, "node", node)
        names = {_name(target) for target in _targets(node.target)} - {""}
        if self._is_said(source):
            self.tainted |= names
        for name in names:
            self.words.setdefault(name, set()).update(self._words(source))

    def _hand_over(self, call: nodes.Call) -> None:
        """What a macro is given stands under the names that it takes."""
        macro = self.macros.get(_name(call.node))
        for argument, given in zip(macro.args if macro else (), call.args, strict=False):
            if self._is_said(given):
                self.tainted.add(argument.name)
            self.words.setdefault(argument.name, set()).update(self._words(given))

    def _is_said(self, node: Any) -> bool:
        """Whether a value is, or is made from, what a message says or the date."""
        if isinstance(node, nodes.Name):
            return node.name in self.tainted or node.name in CLOCK
        if isinstance(node, nodes.Getattr | nodes.Getitem):
            key = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
            if key in STRUCTURE:
                return False
            return key in SAID or _name(node) in self.tainted or self._is_said(node.node)
        if isinstance(node, nodes.Filter) and node.name in PICKING and any(text in SAID for text in _arguments(node)):
            return True
        return not isinstance(node, nodes.Test) and any(map(self._is_said, node.iter_child_nodes()))

    def _words(self, node: Any) -> set[str]:
        """Words that stand in an expression, or in a name of it: what is said is compared with these."""
        if isinstance(node, nodes.Const | nodes.TemplateData):
            text = node.value if isinstance(node, nodes.Const) else node.data
            return {text} if isinstance(text, str) and WORD.search(MARKS.sub(" ", text)) else set()
        if isinstance(node, nodes.Name):
            return self.words.get(node.name, set())
        if isinstance(node, nodes.Getitem | nodes.Getattr):
            return self.words.get(_name(node), set()) | self._words(node.node)
        return {text for child in node.iter_child_nodes() for text in self._words(child)}

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
        for node in (test, *test.find_all((nodes.Compare, nodes.Call, nodes.Test, nodes.Filter))):
            if isinstance(node, nodes.Compare):
                sides = [node.expr, *(operand.expr for operand in node.ops)]
                number = max(map(_number, sides))
                if any(map(_is_count, sides)) and number > FEW:
                    return "how many messages there are"
                if any(map(self._is_said, sides)) and (number > FEW or any(map(self._words, sides))):
                    return "what is said"
            elif isinstance(node, nodes.Call | nodes.Test | nodes.Filter) and self._looks_for(node):
                return "what is said"
        return ""

    def _looks_for(self, node: Any) -> bool:
        """Whether a call, a test or a filter looks for words in what is said."""
        if isinstance(node, nodes.Test) and node.name not in COMPARING:
            return False
        if isinstance(node, nodes.Filter) and node.name not in PICKING:
            return False
        given = [*(node.args or ()), *(pair.value for pair in node.kwargs or ())]
        if isinstance(node, nodes.Filter):
            given = given[1:]  # the first names the attribute
        return self._is_said(node if isinstance(node, nodes.Filter) else node.node) and any(map(self._words, given))

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


def _arguments(node: Any) -> Iterator[str]:
    """The texts that a filter is given."""
    for given in (*(node.args or ()), *(pair.value for pair in node.kwargs or ())):
        yield from _strings(given)


def _is_count(node: Any) -> bool:
    if isinstance(node, nodes.Filter):
        return node.name in ("length", "count")
    return isinstance(node, nodes.Getattr) and node.attr in ("index", "index0", "revindex", "length")


def _is_put_together(node: Any) -> bool:
    return isinstance(node, nodes.Concat | nodes.Add | nodes.Mod | nodes.Filter | nodes.Call) and any(_strings(node))


def _maps_attributes(node: Any) -> bool:
    """`map(attribute="__class__")` and its kin; a plain name is a key of a message."""
    return any(SPECIAL.search(text) or text == "attr" for text in _arguments(node))


def _is_refusal(node: Any) -> bool:
    """`raise_exception("...")`: its words go to the caller."""
    return getattr(node.node, "name", "") == "raise_exception"
