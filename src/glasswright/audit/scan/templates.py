"""Chat templates, read and never rendered: what they reach, what they insert, and what that hangs on.

    reach      attributes of Python objects, other templates, loops without end
    insert     text of their own, in words, or with an address or a tag that a page would obey
    hangs on   what the messages say, how many there are, the date: a model that changes its instructions by these
               does so behind its reader's back

A template may look for marks in a message (`</think>`), and insert its own. Words that come and go with words do not.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, TemplateError, nodes
from jinja2.ext import Extension

from glasswright.audit.scan.bounds import named
from glasswright.audit.scan.item import Item
from glasswright.audit.scan.says import proved, refuted, unknown
from glasswright.audit.scan.template_flow import Flow, arguments, greatest_number, is_put_together, num_words, strings
from glasswright.records.verdict import Finding

MAX_TEMPLATE_CHARACTERS = 2**18
MAX_TEMPLATES = 200
NUM_SCATTERED_WORDS = 8  # in texts of one or two: more than the names of roles
SENTENCE_WORDS = 5  # that a template does not add to a conversation, but for tools and documents that it was given
GIVEN = re.compile("tool|function|document|context|builtin", re.IGNORECASE)
UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e0fff]")  # turns the reading order, or tags
WIDTHLESS = re.compile("[\u200b\u200e\u200f\u2060-\u2064\ufeff]")
MAX_NODES = 200_000
MAX_REPEAT = 1_000  # turns of a loop, or copies of a text, that a number in the template may ask for
NUM_WORDS = 3  # that make a text an instruction and no mark
HINT = "render it in a sandbox only, and read what it inserts before you use it"

METHODS = frozenset(
    """append capitalize count endswith extend find format get index isalnum isalpha isdigit isnumeric items join keys
    lower lstrip pop removeprefix removesuffix replace rfind rsplit rstrip split splitlines startswith strip title upper
    update values""".split()
)
FILTERS = frozenset(
    """abs batch capitalize count d default dictsort e escape first float format from_json fromjson groupby indent int
    items join last length list lower map max min reject rejectattr replace reverse round safe select selectattr slice
    sort string strip sum title to_json tojson trim unique upper wordcount""".split()
)
FUNCTIONS = frozenset("raise_exception strftime_now namespace range dict joiner cycler caller super".split())
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


def scan_templates(item: Item, sources: list[str]) -> Finding:
    """The finding of all chat templates of a file."""
    claim = f"{item.shown}: its chat template inserts nothing by what is said, and reaches nothing else"
    if len(sources) > MAX_TEMPLATES or max(map(len, sources), default=0) > MAX_TEMPLATE_CHARACTERS:
        return unknown(claim, f"at most {MAX_TEMPLATES} of {MAX_TEMPLATE_CHARACTERS:,} characters are looked at")
    wrong, doubts, inserted = list[str](), list[str](), list[str]()
    for source in sources:
        reading = Reading()
        try:
            reading.read(source)
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


@dataclass
class Reading:
    """One walk over the tree of a template."""

    wrong: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    inserted: list[str] = field(default_factory=list)  # words of its own
    num_nodes: int = 0
    num_scattered: int = 0  # words that come and go, in texts of few
    scattered: set[str] = field(default_factory=set)
    is_talking: bool = False  # within or behind the loop that hands on what is said
    is_given: bool = False  # under a condition that asks for tools or documents

    def read(self, source: str) -> None:
        """Raises:  ValueError; RecursionError."""
        if unseen := UNSEEN.search(source):
            self.wrong.append(f"it holds characters that are not seen: U+{ord(unseen[0]):04X}")
        elif unseen := WIDTHLESS.search(source):
            self.doubts.append(f"it holds characters without width: U+{ord(unseen[0]):04X}")
        tree = _parsed(source)
        self.flow = Flow(tree)
        self._walk(tree, "")

    def _walk(self, node: Any, why: str) -> None:
        self.num_nodes += 1
        if self.num_nodes > MAX_NODES:
            raise ValueError(f"more than {MAX_NODES:,} pieces")
        self._reach(node)
        self._change(node)
        if isinstance(node, nodes.If | nodes.CondExpr):
            self._branch(node, why)
            return
        if isinstance(node, nodes.Call) and getattr(node.node, "name", "") == "raise_exception":
            return  # its words go to the caller
        if isinstance(node, nodes.For):
            self.is_talking |= any(map(self.flow.is_said, node.find_all(nodes.Output)))
            why = self.flow.hangs_on(node.iter) or (node.test is not None and self.flow.hangs_on(node.test)) or why
        elif isinstance(node, nodes.And | nodes.Or | nodes.Mul):  # conditions in all but name
            why = self.flow.hangs_on(node) or why
        elif isinstance(node, nodes.TemplateData):
            self._insert(node.data, why)
        elif isinstance(node, nodes.Const) and isinstance(node.value, str):
            self._insert(node.value, why)
        elif isinstance(node, nodes.Name) and node.ctx == "load" and why:
            for text in self.flow.words.get(node.name, ()):
                self._insert(text, why)
        for child in node.iter_child_nodes():
            self._walk(child, why)

    def _branch(self, node: Any, why: str) -> None:
        self._walk(node.test, why)
        was_given = self.is_given
        self.is_given |= _asks_for_more(node.test)
        for child in node.iter_child_nodes(exclude=("test",)):
            self._walk(child, self.flow.hangs_on(node.test) or why)
        self.is_given = was_given

    def _insert(self, text: str, why: str) -> None:
        told, words = f"{f' by {why}' if why else ''}: {text.strip()[:80]!r}", num_words(text)
        if ADDRESS.search(text):
            (self.wrong if why else self.doubts).append(f"it inserts an address or a tag{told}")
        elif HIDING.search(text):
            self.wrong.append(f"it inserts an instruction to hide{told}")
        elif words >= NUM_WORDS and why:
            self.wrong.append(f"it inserts words{told}")
        elif why and self._adds_up(text, words):
            self.doubts.append(f"it inserts words, one by one,{told}")
        elif words >= SENTENCE_WORDS and self.is_talking and not self.is_given:
            self.doubts.append(f"it adds a sentence to what is said{told}")
        elif words >= NUM_WORDS:
            self.inserted.append(" ".join(text.split())[:80])

    def _adds_up(self, text: str, words: int) -> bool:
        """Whether the words that come and go are many, each of which is few."""
        self.num_scattered += words if text not in self.scattered else 0
        self.scattered.add(text)
        return self.num_scattered >= NUM_SCATTERED_WORDS

    def _change(self, node: Any) -> None:
        """What is said is handed on as it is, but for marks; and no words are looked up by it."""
        subject, called, by = _looked_up(node)
        if called == "replace" and self.flow.is_said(subject) and any(map(num_words, arguments(node))):
            self.wrong.append("it changes words of what is said")
        if by is not None and self.flow.is_said(by) and self.flow.has_words(subject, NUM_WORDS):
            self.wrong.append("it picks words by what is said")

    def _reach(self, node: Any) -> None:
        """What a piece reaches that is no message."""
        if isinstance(node, nodes.Include | nodes.Import | nodes.FromImport | nodes.Extends):
            self.wrong.append("it takes in another template")
        elif isinstance(node, nodes.Getattr) and (SPECIAL.search(node.attr) or node.attr.startswith("_")):
            self.wrong.append(f"it reaches for {node.attr[:60]}")
        elif isinstance(node, nodes.Const) and isinstance(node.value, str) and SPECIAL.fullmatch(node.value.strip()):
            self.wrong.append(f"it names {node.value.strip()[:60]}")
        elif isinstance(node, nodes.Getitem) and self._is_built(node.arg):
            self.doubts.append("it reaches for a name that is put together while it runs")
        elif isinstance(node, nodes.Filter) and (node.name == "attr" or _maps_attributes(node)):
            self.wrong.append(f"it reaches for attributes with the filter {node.name}")
        elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
            self.doubts.append(f"it uses the filter {node.name[:60]}, on no list of safe names")
        elif isinstance(node, nodes.Filter) and node.name == "reverse" and self.flow.has_words(node.node, 1):
            self.doubts.append("it turns a text around")
        elif isinstance(node, nodes.Call):
            self._call(node)
        elif isinstance(node, nodes.Pow):
            self.doubts.append("it raises to a power")
        elif isinstance(node, nodes.Mul) and greatest_number(node) > MAX_REPEAT:
            self.wrong.append("it asks for a text of endless length")

    def _is_built(self, key: Any) -> bool:
        return is_put_together(key) or getattr(key, "name", "") in self.flow.built

    def _call(self, node: nodes.Call) -> None:
        called = node.node
        if isinstance(called, nodes.Getattr):
            if called.attr == "format" and any(SPECIAL.search(text) for text in strings(called.node)):
                self.wrong.append("it formats a text that reaches for attributes")
            elif called.attr not in METHODS and called.attr not in self.flow.macros:
                self.doubts.append(f"it calls {called.attr[:60]}, on no list of safe names")
        elif isinstance(called, nodes.Name):
            if called.name == "range" and any(greatest_number(argument) > MAX_REPEAT for argument in node.args):
                self.wrong.append("it goes round without end")
            elif called.name == "range" and any(True for _ in node.find_all(nodes.Mul)):
                self.doubts.append("it goes round as often as a product says")
            elif called.name not in FUNCTIONS and called.name not in self.flow.macros:
                self.doubts.append(f"it calls {called.name[:60]}, on no list of safe names")
        else:
            self.doubts.append("it calls what is made while it runs")


def _looked_up(node: Any) -> tuple[Any, str, Any]:
    """Of `x | f`, `x.f(y)` and `x[y]`: x, the name of f, and y, by which something is looked up in x."""
    if isinstance(node, nodes.Getitem):
        return node.node, "", node.arg
    if isinstance(node, nodes.Filter):
        return node.node, node.name, None
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr):
        return node.node.node, node.node.attr, node.args[0] if node.args and node.node.attr == "get" else None
    return None, "", None


def _asks_for_more(test: Any) -> bool:
    names = [test, *test.find_all(nodes.Name)]
    return any(GIVEN.search(name.name) for name in names if isinstance(name, nodes.Name))


def _maps_attributes(node: Any) -> bool:
    """`map(attribute="__class__")` and its kin; a plain name is a key of a message."""
    return any(SPECIAL.search(text) or text == "attr" for text in arguments(node))
