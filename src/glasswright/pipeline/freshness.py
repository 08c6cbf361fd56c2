"""Whether sources have changed since they were last read: by what their files look like from outside.

    size, when its bytes were last changed (mtime), when anything of it was (ctime)

The first time can be set back by anybody, the second by nobody: an edit of equal length under its old time is noticed.
The price is that a `chmod` counts as a change, and the source is read again. What this does not see: bytes that change
below the file system, and a second change within the same tick of its clock (a few milliseconds).

Documents of all kinds are read with packages whose versions decide bits: another version, and they are read again.
"""

import sys
from pathlib import Path
from typing import Any

from glasswright.corpus.sources.readers import PACKAGES, versions
from glasswright.pipeline.setting import Setting
from glasswright.records.canonical import digest
from glasswright.records.recipe import Recipe, Source


def source_inputs(recipe: Recipe, setting: Setting) -> dict[str, Any]:
    """The inputs of the corpus stage: what the recipe says, and what its files look like from outside."""
    written = recipe.model_dump(mode="json", include={"sources", "corpus"})
    states = {source.name: _state(source, setting) for source in recipe.sources}
    beside = [evaluation.path for evaluation in recipe.corpus.evaluations]
    if recipe.corpus.bad_words is not None:
        beside.append(recipe.corpus.bad_words)
    return {
        **written,
        "states": states,
        "beside": [look_below(setting.base / path) for path in beside],
    }


def _state(source: Source, setting: Setting) -> str:
    if source.kind == "python-docs":
        return sys.version
    path = _location(source, setting)
    if path is None:
        return ""  # fetched by its pinned commit, which the recipe holds
    seen = look_below(path)
    return digest([seen, versions(PACKAGES)]) if source.kind == "documents" else seen


def look_below(path: Path) -> str:
    """What a file, or those below a folder, look like, however the way to it is spelled. A link that is named is
    followed, as its reader does."""
    place = path.resolve()
    entries = sorted(place.rglob("*")) if place.is_dir() else [place]
    return digest([[str(entry), *_look(entry)] for entry in entries if not entry.is_dir()])


def _location(source: Source, setting: Setting) -> Path | None:
    if source.name in setting.locations:
        return setting.locations[source.name]
    if source.path is not None:
        return setting.base / source.path
    return setting.mirror


def _look(path: Path) -> list[str]:
    try:
        status = path.stat(follow_symlinks=False)
    except OSError as error:
        return [str(error.errno)]
    return [str(number) for number in (status.st_size, status.st_mtime_ns, status.st_ctime_ns)]
