"""Python files: what importing one would do, as far as its statements say; never that running it is safe.

only words and names    PROVED: a docstring, constants, imports of the file's own package
a call that runs, fetches or evaluates, at the top of a file that a loader imports    REFUTED
anything else           UNKNOWN: it is code, and somebody has to read it
"""

import ast
import re
import warnings
from collections.abc import Iterator

from glasswright.audit.scan.bounds import named
from glasswright.audit.scan.item import Item
from glasswright.audit.scan.says import proved, refuted, unknown
from glasswright.records.verdict import Finding

MAX_CODE_BYTES = 2**20
# Files that pip, torch.hub, an inference server, pytest, the interpreter or transformers import by name.
IMPORTED = re.compile(
    r"(setup|hubconf|handler|inference|conftest|sitecustomize|usercustomize|__init__|__main__|generate|pipeline"
    r"|model|mlflow_model|(modeling|configuration|tokenization|processing|image_processing|feature_extraction)_\w+)\.pyw?"
)
# What runs, fetches, evaluates or takes away: a name, or everything below it.
RUNNING = re.compile(
    r"os\.(system|popen|exec\w*|spawn\w*|posix_spawnp?|fork|kill|remove|unlink|rmdir|removedirs|startfile|putenv)"
    r"|(subprocess|pty|socket|ctypes|runpy|code|webbrowser|requests|httpx|aiohttp|ftplib|smtplib|telnetlib)\..+"
    r"|(urllib\.request|http\.client|xmlrpc\.client)\..+|shutil\.(rmtree|move)"
    r"|(builtins\.)?(eval|exec|compile|__import__)|importlib\.(import_module|__import__)"
    r"|(pickle|cPickle|_pickle|dill|cloudpickle|marshal|joblib|shelve)\.(load|loads|open)|pip\..+|setuptools\.sandbox\..+"
)
HINT = "read it before anything imports it"


def scan_python(item: Item) -> Finding:
    """The finding of one file."""
    claim = f"{item.shown}: importing it runs nothing"
    if item.size_bytes > MAX_CODE_BYTES:
        return unknown(claim, f"{item.size_bytes:,} bytes, where at most {MAX_CODE_BYTES:,} are looked at")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the file's own escapes
            tree = ast.parse(item.beginning(MAX_CODE_BYTES))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return unknown(claim, f"could not be read: {type(error).__name__}", hint=HINT)
    if all(map(_is_words, tree.body)):
        return proved(claim, "it holds constants and nothing else")
    aliases = _aliases(tree)
    calls = sorted({call for statement in tree.body for call in _calls(statement, aliases)})
    if calls and IMPORTED.fullmatch(item.name):
        return refuted(claim, f"a loader may import it, and it calls {named(calls)}", hint=HINT)
    return unknown(claim, f"it is code{f', and calls {named(calls)}' if calls else ''}", hint=HINT)


def _is_words(statement: ast.stmt) -> bool:
    """A docstring, a constant under a name, `pass`."""
    if isinstance(statement, ast.Expr | ast.Assign):
        try:
            ast.literal_eval(statement.value)
        except (ValueError, TypeError, RecursionError, MemoryError):
            return False
        return isinstance(statement, ast.Expr) or all(isinstance(target, ast.Name) for target in statement.targets)
    return isinstance(statement, ast.Pass)


def _aliases(tree: ast.Module) -> dict[str, str]:
    """What a name in the file stands for: `from os import system as s` -> s: os.system."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _calls(statement: ast.stmt, aliases: dict[str, str]) -> Iterator[str]:
    """Unsafe calls that importing makes: not those in the bodies of functions, nor under `if __name__ == ...`."""
    if isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test):
        return
    left: list[ast.AST] = [statement]
    while left:
        node = left.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            left += node.decorator_list if not isinstance(node, ast.Lambda) else []
            continue
        if isinstance(node, ast.Call) and (name := _dotted(node.func)):
            first, dot, rest = name.partition(".")
            full = aliases.get(first, first) + dot + rest
            if RUNNING.fullmatch(full):
                yield full
        left += ast.iter_child_nodes(node)


def _dotted(node: ast.expr) -> str:
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
