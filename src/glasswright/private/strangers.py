"""The copy of a private release for strangers.

1. the owner's release is what it says: else the copy would carry a fault that nobody could see
2. every file that is not its owner's alone is copied, and listed anew; the root is the same
3. no sentence of the documents is in the copy
4. the copy is no less than it should be: of what is in it nothing is refuted

The copy has its name only when all of that is so.
"""

import shutil
from pathlib import Path

from glasswright.errors import ClaimFalse, Misuse, Unknown
from glasswright.private.search import Left, left_in
from glasswright.records.canonical import canonical_bytes, digest
from glasswright.records.progress import Report, silent
from glasswright.records.release import Release
from glasswright.records.verdict import Answer, Verdict
from glasswright.release.entries import list_files
from glasswright.release.public import copy_public
from glasswright.store.atomic import atomic_folder
from glasswright.verify.check import examine
from glasswright.verify.private import removed_by_no_salt

MAX_NAMED = 3  # findings, or sentences, that a message names


def publish(release: Path, out: Path, *, num_threads: int, report: Report = silent) -> Verdict:
    """Write the copy of the private release `release` for strangers to `out`. Returns what a check of it says.

    Raises:  Misuse if nothing in the release is private, `out` exists, the recipe removes a document by another digest
             than a salted one, or words of the documents would be in the copy;
             ClaimFalse or Unknown if the release is not shown to be what it says. In each case nothing is at `out`.
    """
    evidence, verdict = examine(release, num_threads=num_threads, report=report)
    _require_proved(verdict, release)
    if evidence.recipe().private is None:
        raise Misuse(f"{release}: nothing in it is private", hint="publish it as it is")
    for digest_left in removed_by_no_salt(evidence):
        raise Misuse(
            f"{release}: recipe.yaml: corpus.remove: {digest_left:.12} is of no document that was seen: if it is not "
            "salted, it names a text to whoever guesses it",
            hint="build without the entry, or with the one that `glasswright corpus remove` prints of a release",
        )
    with atomic_folder(out) as folder:
        copy_public(release, folder, copy=shutil.copyfile)
        _relist(evidence.release(), folder)
        _require_wordless(left_in(folder, release, report), out)
        checked, copied = examine(folder, num_threads=num_threads, report=report)
        if copied.answer is Answer.REFUTED or checked.release().root != evidence.release().root:
            raise ClaimFalse(_message(copied, out, Answer.REFUTED), hint="the disk, or memory, failed: do it again")
    return Verdict(subject=copied.subject, where=str(out), findings=copied.findings, not_checked=copied.not_checked)


def _relist(stated: Release, folder: Path) -> None:
    """A list of the files that are there, named by a release.json with the same root."""
    for name in ("manifest.json", "release.json"):
        (folder / name).unlink()
    manifest = list_files(folder)
    anew = Release(name=stated.name, root=stated.root, roots=stated.roots, manifest=digest(manifest.record()))
    (folder / "manifest.json").write_bytes(canonical_bytes(manifest.record()))
    (folder / "release.json").write_bytes(canonical_bytes(anew.record()))


def _require_proved(verdict: Verdict, release: Path) -> None:
    if verdict.answer is not Answer.PROVED:
        kind = ClaimFalse if verdict.answer is Answer.REFUTED else Unknown
        raise kind(
            _message(verdict, release, verdict.answer),
            hint="the owner's whole release is published from, not a copy of it; `glasswright verify` says more",
        )


def _require_wordless(left: list[Left], out: Path) -> None:
    if left:
        named = "\n".join(f"{it.path}: document {it.document_id[:12]}: {it.words}" for it in left[:MAX_NAMED])
        raise Misuse(
            f"{out}: {len(left)} passages of the documents would be in the copy, which was not put there:\n{named}",
            hint="take the words out of the recipe, or whatever else the copy has them from",
        )


def _message(verdict: Verdict, where: Path, answer: Answer) -> str:
    first = [f"{it.claim}: {it.evidence}" for it in verdict.findings if it.answer is answer][:MAX_NAMED]
    return "\n".join([f"{where}: not published: it is not shown to be what it says", *first])
