"""Several subjects side by side: the same questions and claims, one column a subject.

Claims on which they differ come first; those on which all agree are named together, by the answer that they share.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_uppercase

from glasswright.audit.questions import REBUILD
from glasswright.audit.report import Report
from glasswright.audit.rows import LICENSES, LINEAGE, report_rows
from glasswright.audit.text import MIN_WIDTH, columns, wrapped
from glasswright.foreign import shown

QUESTIONS = "Questions"
MIN_CLAIM = 16
NOT_ASKED = "-"


@dataclass(frozen=True, slots=True)
class Compared:
    """One claim and what it is for each subject."""

    id: str
    group: str
    claim: str
    answers: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether two subjects have different answers."""
        return len(set(self.answers)) > 1


def comparison(reports: list[Report]) -> list[Compared]:
    """Every claim with its answers, in the order of a report."""
    tables = [dict(_claims(report)) for report in reports]
    keys = dict.fromkeys(key for table in tables for key in table)
    return [Compared(*key, tuple(table.get(key, NOT_ASKED) for table in tables)) for key in keys]


def _claims(report: Report) -> Iterator[tuple[tuple[str, str, str], str]]:
    """(id, group, claim) and the answer."""
    for answered in report.questions:
        words = answered.words.rstrip("?")
        if answered.id == REBUILD.id:
            yield (answered.id, QUESTIONS, words), answered.answer
            continue
        for scope in answered.scopes:
            yield (f"{answered.id}.{scope}", QUESTIONS, f"{words}: {scope}"), answered.answer
    for scope in ("weights", "code", "data"):
        value = report.facts[f"license.{scope}"].value
        yield (f"license.{scope}", LICENSES, f"license of the {scope}"), shown(value or "unknown")
    made_from = report.facts["lineage.derived"]
    yield ("lineage", LINEAGE, "made from"), shown(made_from.value or "no parent is named")
    yield ("osaid", "Open Source AI Definition 1.0", "the definition"), report.osaid.status
    yield ("mof", "Model Openness Framework", "class"), report.mof.mof_class
    for row in report_rows(report):
        if row.group not in (LICENSES, LINEAGE):
            yield (row.id, row.group.split(":")[0], row.claim), row.answer


def comparison_text(reports: list[Report], *, width: int = 100) -> str:
    """The comparison as text, no line wider than `width` columns, of which there are at least 40."""
    width, rows = max(MIN_WIDTH, width), comparison(reports)
    letters = [_letters(number) for number in range(len(reports))]
    lines = [
        line
        for letter, report in zip(letters, reports, strict=True)
        for line in wrapped(f"{letter}  {shown(report.subject.name)}", width)
    ]
    differing = [row for row in rows if row.differs]
    for group in dict.fromkeys(row.group for row in differing):
        of_group = [row for row in differing if row.group == group]
        lines += ["", *wrapped(group, width), *_matrix(of_group, letters, width)]
    return "\n".join([*lines, *_the_same([row for row in rows if not row.differs], width)])


def _matrix(rows: list[Compared], letters: list[str], width: int) -> list[str]:
    """A column for each subject where they fit beside the claims, else a line for each."""
    cells = [max(len(letter), *(len(row.answers[i]) for row in rows)) for i, letter in enumerate(letters)]
    claim = min(max(columns(row.claim) for row in rows), width - 2 - sum(cell + 2 for cell in cells))
    if claim < MIN_CLAIM:
        return [line for row in rows for line in _stacked(row, letters, width)]
    lines = [" " * (2 + claim) + _cells(letters, cells)]
    for row in rows:
        first, *rest = wrapped(row.claim, claim)
        lines += [
            f"  {first}{' ' * (claim - columns(first))}{_cells(row.answers, cells)}",
            *(f"  {line}" for line in rest),
        ]
    return [line.rstrip() for line in lines]


def _cells(words: list[str] | tuple[str, ...], cells: list[int]) -> str:
    return "".join(f"  {word:{cell}}" for word, cell in zip(words, cells, strict=True))


def _stacked(row: Compared, letters: list[str], width: int) -> list[str]:
    answers = "; ".join(f"{letter} {answer}" for letter, answer in zip(letters, row.answers, strict=True))
    return [*wrapped(row.claim, width, "  "), *wrapped(answers, width, "    ", "      ")]


def _the_same(rows: list[Compared], width: int) -> list[str]:
    """What all share, a paragraph an answer."""
    lines: list[str] = []
    for answer in dict.fromkeys(row.answers[0] for row in rows):
        sharing = [row for row in rows if row.answers[0] == answer]
        lines += ["", *wrapped(f"All of them: {answer}", width)]
        for group in dict.fromkeys(row.group for row in sharing):
            claims = ", ".join(row.claim for row in sharing if row.group == group)
            lines += wrapped(f"{group}: {claims}", width, "  ", "    ")
    return lines


def _letters(number: int) -> str:
    """A, B, ... Z, AA, AB, ..."""
    more, last = divmod(number, len(ascii_uppercase))
    return (_letters(more - 1) if more else "") + ascii_uppercase[last]
