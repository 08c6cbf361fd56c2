"""What the values of a chat template are made from, and what its conditions hang on.

    said    what a message says, and all that is made from it
    dated   the date
    words   text of the template's own, under whatever names
    hung    a name whose value hangs on what is said, on the date, or on how many messages there are

A condition that compares what is said with words hangs on it; one that looks for a mark (`</think>`) does not. What is
set under such a condition, or by such a macro, hangs on the same.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from jinja2 import nodes

MARKS = re.compile(r"<[^<>\n]{0,60}>|\[[^\[\]\n]{0,60}\]|\{[^{}\n]{0,60}\}|/\w+|[\w.]*_[\w.]*")
CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
WORD = re.compile(rf"[^\W\d_{CJK}]{{2,}}|[{CJK}]{{1,2}}")  # of Chinese, Japanese and Korean two characters
NOTHING = re.compile(r"[\s<>|\[\]{}]*")  # what is left of marks
CLOCK = ("strftime_now", "now", "datetime", "date_string")
SAID = ("content", "text", "reasoning_content", "thinking", "tool_calls", "arguments")
STRUCTURE = ("role", "type", "name", "id", "tool_call_id")  # of a message, beside what it says
# Tests that tell what kind of value it is, or whether there is one.
NEUTRAL = frozenset(
    "boolean callable defined false float integer iterable mapping none number sequence string true undefined".split()
)
PICKING = ("map", "select", "reject", "selectattr", "rejectattr")
FEW = 2  # messages that a conversation has at its beginning
MAX_STEPS = 1_000_000  # a second or two; the templates of well-known models take some two thousand
ROUNDS = 3  # a name can be given its value behind the place that uses it
BY_WORDS, BY_DATE, BY_LENGTH = "what is said", "the date", "how many messages there are"
Setting = (nodes.Assign, nodes.AssignBlock, nodes.For)


def num_words(text: str) -> int:
    """How many words a text has beside marks such as `<|im_start|>`, `[INST]` and `/think`."""
    return len(WORD.findall(MARKS.sub(" ", text)))


class Flow:
    """What the names of one template stand for.

    Raises:  ValueError, from every method, if it takes too many steps to tell.
    """

    def __init__(self, tree: nodes.Template):
        self.num_steps = 0
        self.said: set[str] = set()
        self.dated: set[str] = set(CLOCK)
        self.words: dict[str, set[str]] = {}
        self.hung: dict[str, str] = {}
        self.built: set[str] = set()  # names of texts that are put together
        self.macros = {node.name: node for node in tree.find_all(nodes.Macro)}
        for name, macro in self.macros.items():
            self.words[name] = {text for node in macro.body for text in self.words_of(node)}
        for _ in range(ROUNDS):
            for node in tree.find_all(Setting):
                self._spread(node)
            for call in tree.find_all(nodes.Call):
                self._hand_over(call)
            self._hang(tree, "")

    def hangs_on(self, test: Any) -> str:
        """What a condition hangs on, in words; empty if on nothing that a reader would not expect."""
        for node in (test, *test.find_all(nodes.Node)):
            self._step()
            if why := self.hung.get(_name(node)):
                return why
            if isinstance(node, nodes.Compare):
                why = self._compared([node.expr, *(operand.expr for operand in node.ops)])
            elif isinstance(node, nodes.Call | nodes.Test | nodes.Filter):
                why = self._looked_for(node)
            elif isinstance(node, nodes.Getitem) and greatest_number(node.arg) > FEW:
                why = BY_LENGTH
            if why:
                return why
        return ""

    def is_said(self, node: Any) -> bool:
        """Whether a value is, or is made from, what a message says. A filter over a block (None) has all of it."""
        if node is None:
            return True
        self._step()
        if isinstance(node, nodes.Name):
            return node.name in self.said
        if isinstance(node, nodes.Getattr | nodes.Getitem):
            key = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
            if key in STRUCTURE:
                return False
            return key in SAID or _name(node) in self.said or self.is_said(node.node)
        if isinstance(node, nodes.Filter) and node.name in PICKING and any(text in SAID for text in arguments(node)):
            return True
        return not isinstance(node, nodes.Test) and any(map(self.is_said, node.iter_child_nodes()))

    def words_of(self, node: Any) -> set[str]:
        """Words of the template's own in an expression, or in a name of it."""
        if node is None:
            return set()
        self._step()
        if isinstance(node, nodes.Const | nodes.TemplateData):
            text = node.value if isinstance(node, nodes.Const) else node.data
            return {text} if isinstance(text, str) and not NOTHING.fullmatch(MARKS.sub("", text)) else set()
        if isinstance(node, nodes.Name):
            return self.words.get(node.name, set())
        if isinstance(node, nodes.Getitem | nodes.Getattr):
            return self.words.get(_name(node), set()) | self.words_of(node.node)
        return {text for child in node.iter_child_nodes() for text in self.words_of(child)}

    def has_words(self, node: Any, count: int) -> bool:
        """Whether any text of the template's own in an expression has so many words."""
        return any(num_words(text) >= count for text in self.words_of(node))

    def _is_dated(self, node: Any) -> bool:
        for each in (node, *node.find_all(nodes.Node)):
            self._step()
            if _name(each) in self.dated:
                return True
        return False

    def _step(self) -> None:
        """Raises:  ValueError after MAX_STEPS: conditions in conditions take the cube of their depth."""
        self.num_steps += 1
        if self.num_steps > MAX_STEPS:
            raise ValueError(f"to follow it takes more than {MAX_STEPS:,} steps")

    def _compared(self, sides: list[Any]) -> str:
        number = max(map(greatest_number, sides))
        if any(map(self._is_dated, sides)):
            return BY_DATE
        if any(map(_is_count, sides)) and number > FEW:
            return BY_LENGTH
        if not any(map(self.is_said, sides)):
            return ""
        return BY_WORDS if number > FEW or any(self.words_of(side) for side in sides if not self.is_said(side)) else ""

    def _looked_for(self, node: Any) -> str:
        """Whether a call, a test or a filter looks for words in what is said, or for anything in the date."""
        given = [*(node.args or ()), *(pair.value for pair in node.kwargs or ())]
        if isinstance(node, nodes.Test):
            return BY_WORDS if node.name not in NEUTRAL and self.is_said(node.node) else ""
        if isinstance(node, nodes.Filter):
            if node.name not in PICKING:
                return ""
            given = given[1:]  # the first names the attribute
        subject = node if isinstance(node, nodes.Filter) else node.node
        if given and isinstance(subject, nodes.Getattr) and self._is_dated(subject):
            return BY_DATE
        return BY_WORDS if self.is_said(subject) and any(map(self.words_of, given)) else ""

    def _spread(self, node: Any) -> None:
        """A name that is given what is said, the date or words stands for it."""
        source = node.iter if isinstance(node, nodes.For) else getattr(node, "node", node)
        names = {_name(target) for target in _targets(node.target)} - {""}
        self.said |= names if self.is_said(source) else set()
        self.dated |= names if self._is_dated(source) else set()
        self.built |= names if is_put_together(source) else set()
        for name in names:
            self.words.setdefault(name, set()).update(self.words_of(source))

    def _hand_over(self, call: nodes.Call) -> None:
        """What a macro is given stands under the names that it takes."""
        macro = self.macros.get(_name(call.node))
        for argument, given in zip(macro.args if macro else (), call.args, strict=False):
            self.said |= {argument.name} if self.is_said(given) else set()
            self.dated |= {argument.name} if self._is_dated(given) else set()
            self.words.setdefault(argument.name, set()).update(self.words_of(given))

    def _hang(self, node: Any, why: str, macro: str = "") -> None:
        """A name that is set, or a macro that decides, under a condition hangs on what that hangs on."""
        if isinstance(node, nodes.Macro):
            macro = node.name
        if isinstance(node, nodes.If | nodes.CondExpr):
            why = self.hangs_on(node.test) or why
            if why and macro:
                self.hung.setdefault(macro, why)
        if isinstance(node, nodes.Assign | nodes.AssignBlock):
            value = getattr(node, "node", None)
            reason = why or (
                self.hangs_on(value) if value is not None and not isinstance(value, nodes.CondExpr) else ""
            )
            if reason:
                self.hung.update({_name(target): reason for target in _targets(node.target) if _name(target)})
        for child in node.iter_child_nodes():
            self._hang(child, why, macro)


def strings(node: Any) -> Iterator[str]:
    """Every text that stands in an expression."""
    for each in (node, *node.find_all(nodes.Const)):
        if isinstance(each, nodes.Const) and isinstance(each.value, str):
            yield each.value


def greatest_number(node: Any) -> float:
    """The greatest number that stands in an expression; 0 if none does."""
    numbers = [each.value for each in (node, *node.find_all(nodes.Const)) if isinstance(each, nodes.Const)]
    return max((abs(value) for value in numbers if type(value) in (int, float)), default=0)


def arguments(node: Any) -> Iterator[str]:
    """The texts that a filter or a call is given."""
    for given in (*(node.args or ()), *(pair.value for pair in node.kwargs or ())):
        yield from strings(given)


def is_put_together(node: Any) -> bool:
    """Whether a text is made of pieces, so that nobody who reads the pieces reads it."""
    if isinstance(node, nodes.Add):
        return not greatest_number(node) and not any(map(_is_count, (node.left, node.right)))
    if isinstance(node, nodes.Call):
        return isinstance(node.node, nodes.Getattr) and node.node.attr in ("join", "format", "replace")
    if isinstance(node, nodes.Filter):
        return node.name in ("join", "format", "replace", "reverse")
    return isinstance(node, nodes.Concat | nodes.Mod) and not greatest_number(node)


def _name(node: Any) -> str:
    """`x`, or `ns.x`."""
    if isinstance(node, nodes.NSRef):
        return f"{node.name}.{node.attr}"
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        return f"{node.node.name}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else ""


def _targets(target: Any) -> Iterable[Any]:
    return target.items if isinstance(target, nodes.Tuple) else (target,)


def _is_count(node: Any) -> bool:
    if isinstance(node, nodes.Filter):
        return node.name in ("length", "count")
    return isinstance(node, nodes.Getattr) and node.attr in ("index", "index0", "revindex", "length")
