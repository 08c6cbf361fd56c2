"""All reports of a corpus, each in its file."""

from collections.abc import Callable
from pathlib import Path

from glasswright.corpus.reports.ab2013 import ab2013
from glasswright.corpus.reports.croissant import croissant
from glasswright.corpus.reports.data_card import PLOTS, data_card, data_card_plots
from glasswright.corpus.reports.facts import Facts, read_facts
from glasswright.corpus.reports.training_summary import training_summary
from glasswright.errors import Misuse
from glasswright.store.atomic import write_atomic

REPORTS: dict[str, Callable[[Facts], str]] = {
    "data-card.md": data_card,
    PLOTS: data_card_plots,
    "croissant.json": croissant,
    "training-summary.md": training_summary,
    "ab2013.md": ab2013,
}


def write_reports(folder: Path, out: Path) -> list[Path]:
    """Write the reports of a corpus folder or of a release to `out`; the files written.

    Raises:  Misuse if the corpus cannot be read or `out` cannot be made.
    """
    facts = read_facts(folder, out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misuse(f"{out}: cannot be made: {error.strerror}", hint="name a folder that you may write to") from error
    for name, write in REPORTS.items():
        write_atomic(out / name, write(facts).encode())
    return [out / name for name in REPORTS]
