"""The process in which chat templates run: `python -m glasswright.chat.child`, a request in, an answer out, both JSON.

    in      {"template": TEXT, "variables": [{...}, ...], "at": ISO TIME}
    out     {"texts": [TEXT, ...], "answers": [[[FIRST, END], ...], ...]} or {"error": TEXT}

It has a bound on time, on memory and on what it says, and opens no file: whatever a template finds to do, it ends.
"""

import json
import sys
from datetime import datetime
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError

from glasswright.chat.environment import Refused, environment
from glasswright.foreign.bounded import bound

MAX_SECONDS = 3
MAX_BYTES = 2**30  # of memory
MAX_CHARACTERS = 2**24  # of all texts together


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    bound(MAX_SECONDS, MAX_BYTES)
    sys.stdout.write(json.dumps(_answer(request)))


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        sandbox = environment(datetime.fromisoformat(request["at"]))
        template = sandbox.from_string(request["template"])
        texts, answers, length = list[str](), list[list[tuple[int, int]]](), 0
        for variables in request["variables"]:
            sandbox.begin()
            texts.append("".join(map(sandbox.written, template.generate(**variables))))
            answers.append(sandbox.answers)
            length += len(texts[-1])
            if length > MAX_CHARACTERS:
                return {"error": f"makes more than {MAX_CHARACTERS:,} characters"}
    except Exception as error:  # whatever a template of a stranger brings about, here in a process of its own
        return {"error": _told(error)}
    return {"texts": texts, "answers": answers}


def _told(error: Exception) -> str:
    if isinstance(error, TemplateSyntaxError):
        return f"line {error.lineno}: {error.message}"
    if isinstance(error, Refused):
        return f"refuses the conversation: {error}"
    if isinstance(error, SecurityError):
        return f"reaches for what it may not have: {error}"
    if isinstance(error, UndefinedError):
        return f"asks for what is not there: {error}"
    if isinstance(error, MemoryError | RecursionError | OverflowError):
        return "takes more time or memory than it is given"  # as `render` says of the limits that end a process
    return f"fails: {error}" if isinstance(error, TemplateError) else f"fails: {type(error).__name__}: {error}"


if __name__ == "__main__":
    main()
