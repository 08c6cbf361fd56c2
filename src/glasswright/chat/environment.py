"""The sandbox in which a chat template runs. What it offers is what `transformers` offers; the two give the same text.

    tags        break, continue, generation (what the assistant said: text as any other, whose place is kept)
    filters     jinja's, but `tojson` escapes nothing for HTML
    functions   raise_exception(message), strftime_now(format), namespace(...), dict(...)

A value of the conversation is never changed, and no attribute with an underscore is reached.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from jinja2 import TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace


class Refused(TemplateError):
    """The template itself calls the conversation wrong."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, which keeps where the answers stand in the text that is written.

    A mark within a macro, or in a text that is kept and written later, is off by what is not written yet, as it is in
    transformers.
    """

    answers: list[tuple[int, int]]
    length: int  # of what is written

    def begin(self) -> None:
        """A new text."""
        self.answers, self.length = [], 0

    def written(self, text: str) -> str:
        """The next piece of the text."""
        self.length += len(text)
        return text

    def mark(self, answer: str) -> None:
        """What is written next is an answer."""
        self.answers.append((self.length, self.length + len(answer)))


class Generation(Extension):
    """`{% generation %}`, which marks what the assistant said."""

    tags = {"generation"}  # noqa: RUF012 (jinja's own way)

    def parse(self, parser: Any) -> nodes.Node:
        """The block's own text, in a scope of its own as in `transformers`."""
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_said"), [], [], body).set_lineno(line)

    def _said(self, caller: Callable[[], str]) -> str:
        answer = caller()
        if isinstance(self.environment, Sandbox):
            self.environment.mark(answer)
        return answer


class Names(Namespace):
    """`namespace(...)`, without names that begin with an underscore."""

    def __init__(*args: Any, **kwargs: Any) -> None:  # so that `namespace(self=...)` works, as in jinja
        self, *more = args
        names = dict(*more, **kwargs)
        for name in names:
            _require_plain(name)
        Namespace.__init__(self, names)

    def __setitem__(self, name: str, value: Any) -> None:
        _require_plain(name)
        super().__setitem__(name, value)


class Dict:
    """`dict(...)` as a function, and no more of it than that."""

    def __call__(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        return dict(*args, **kwargs)

    def fromkeys(self, *args: Any) -> dict[Any, Any]:
        """As dict's own."""
        return dict.fromkeys(*args)


def environment(at: datetime) -> Sandbox:
    """The sandbox, at an instant: the only time that a template learns."""
    sandbox = Sandbox(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols], autoescape=False)
    sandbox.filters["tojson"] = _tojson
    sandbox.globals.update(
        raise_exception=_raise_exception,
        strftime_now=lambda format: at.strftime(format),
        namespace=Names,
        dict=Dict(),
    )
    return sandbox


def _tojson(
    value: Any, ensure_ascii: bool = False, indent: Any = None, separators: Any = None, sort_keys: bool = False
) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _raise_exception(message: str) -> None:
    raise Refused(message)


def _require_plain(name: Any) -> None:
    if isinstance(name, str) and name.startswith("_"):
        raise SecurityError(f"a namespace holds no name with an underscore in front: {name!r}")
