"""The texts of a snapshot that are at hand: the documents that were read, and every other file that may hold words.

README.md, LICENSE, config.json      documents, as `subject` read them
demo.ipynb, sft.sh, REUSE.toml       and the rest: prose, settings and scripts, each from its beginning
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from glasswright.audit.reading import decode
from glasswright.audit.subject import ASIDE, Document, Entry, Snapshot
from glasswright.foreign import NotRead, opened

PROSE = re.compile(r"\.(?:md|markdown|txt|rst|org|adoc|html?|ipynb|tex)$", re.IGNORECASE)
SETTINGS = re.compile(
    r"\.(?:json|jsonld|ya?ml|toml|cfg|ini|xml|cff|spdx|properties|licen[sc]e|nuspec|gemspec|podspec|cabal|nimble|opam)$"
    r"|(?:^|/)(?:dep5|(?:Docker|Model)file[^/]*|DESCRIPTION|copyright)$",
    re.IGNORECASE,
)
SCRIPT = re.compile(r"\.(?:sh|bash|zsh|bat|ps1|py|js|ts|jsx|tsx|mjs)$", re.IGNORECASE)
NO_SUFFIX = re.compile(r"(?:^|/)[^/.]+$")
MAX_FILES, MAX_FILE_BYTES, MAX_TOTAL_BYTES = 2_000, 262_144, 24_000_000
MAX_SIZE = 2_000_000  # of a file; larger ones are data
MAX_DEPTH = 4


@lru_cache(maxsize=8)
def texts_at_hand(snapshot: Snapshot) -> tuple[Document, ...]:
    """Every text of a snapshot, those first that were read as documents, then the least deep."""
    return (*snapshot.documents, *_others(snapshot))


def _others(snapshot: Snapshot) -> Iterator[Document]:
    if snapshot.root is None:
        return
    read = {document.path for document in snapshot.documents}
    wanted = [entry.path for entry in snapshot.entries if entry.path not in read and _may_speak(entry)]
    left = MAX_TOTAL_BYTES
    for path in sorted(wanted, key=lambda path: (path.count("/"), path))[:MAX_FILES]:
        if left <= 0:
            return
        try:
            with opened(path, below=snapshot.root) as file:
                data = file.read(MAX_FILE_BYTES)
        except NotRead:  # listed, and not at hand
            continue
        left -= len(data)
        if lines := decode(data).lines:
            yield Document(snapshot.name, path, lines)


def _may_speak(entry: Entry) -> bool:
    if entry.path.count("/") > MAX_DEPTH or ASIDE.search(entry.path) or (entry.size_bytes or 0) > MAX_SIZE:
        return False
    return any(kind.search(entry.path) for kind in (PROSE, SETTINGS, SCRIPT, NO_SUFFIX))
