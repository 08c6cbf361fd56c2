"""Whether a child follows from its parents, tensor by tensor.

    1. its tensors    each derived again and compared; what is on one side alone is named
    2. what is said   tokenizer, chat template, sizes: against the parent's

Findings of one answer that say the same of many tensors are one finding.
"""

from collections import Counter
from collections.abc import Iterator

from glasswright.errors import Unknown
from glasswright.lineage.compare import Compared, compare
from glasswright.lineage.derived import Derivation
from glasswright.lineage.stored import Stored
from glasswright.records.progress import Report, of_bytes, silent
from glasswright.records.verdict import Answer, Finding

MOST_ABSENT = 8


def check_tensors(child: Stored, derivation: Derivation, report: Report = silent) -> Iterator[Finding]:
    """The findings on a child's tensors: those that are not what they should be one by one, the others together."""
    proved: dict[str, str] = {}
    notes = Counter[str]()
    others = []
    total, done = sum(it.size_bytes for it in child.tensors.values()), 0
    for name in sorted(child.tensors.keys() & derivation.tensors.keys(), key=lambda it: child.tensors[it].offset):
        report(of_bytes("derive", done, total))
        found = _compared(child, name, derivation)
        done += child.tensors[name].size_bytes
        if found.answer is Answer.PROVED:
            proved[name] = child.tensors[name].kind
            notes[found.note] += 1
        else:
            others.append(_finding(name, found, derivation))
    report(of_bytes("derive", total, total))
    if proved:
        yield _together(proved, notes, derivation)
    yield from others
    yield from _absent(child, derivation)


def _compared(child: Stored, name: str, derivation: Derivation) -> Compared:
    try:
        return compare(child, name, derivation.tensors[name])
    except Unknown as error:
        return Compared(answer=Answer.UNKNOWN, evidence=str(error), place={"tensor": name})


def _finding(name: str, found: Compared, derivation: Derivation) -> Finding:
    claim = f"{name} is {derivation.words}"
    return Finding(claim=claim, answer=found.answer, evidence=found.evidence, place=found.place or {"tensor": name})


def _together(proved: dict[str, str], notes: Counter[str], derivation: Derivation) -> Finding:
    kinds = Counter(proved.values())
    told = ", ".join(f"{count} of {kind}" for kind, count in sorted(kinds.items()))
    through = "".join(f"; {count} of them {note}" for note, count in sorted(notes.items()) if note)
    claim = f"{len(proved)} {'tensors are' if len(proved) > 1 else 'tensor is'} {derivation.words}"
    return Finding(claim=claim, answer=Answer.PROVED, evidence=f"computed again, bits equal: {told}{through}")


def _absent(child: Stored, derivation: Derivation) -> Iterator[Finding]:
    """Tensors on one side alone: nothing is shown of them, and nothing is held against anybody."""
    unused = {name for name in child.tensors if derivation.is_optional(name)}
    beyond = sorted(child.tensors.keys() - derivation.tensors.keys() - unused)
    missing = sorted(name for name in derivation.tensors.keys() - child.tensors.keys()
                     if not derivation.is_optional(name))  # fmt: skip
    for names, claim in (
        (beyond, "every tensor of the child has one that it follows from"),
        (missing, "every tensor that follows is in the child"),
    ):
        if names:
            more = f" and {len(names) - MOST_ABSENT} more" if len(names) > MOST_ABSENT else ""
            told = f"not so: {', '.join(names[:MOST_ABSENT])}{more}"
            yield Finding(claim=claim, answer=Answer.UNKNOWN, evidence=told, place={"tensor": names[0]})
