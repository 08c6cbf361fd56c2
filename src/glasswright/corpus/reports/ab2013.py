"""California's statement on training data: AB 2013 (2024), Civil Code section 3111(a), items (1) to (12).

The words are ours. Each item is answered from the ledger, or says what only the developer knows. A draft; no legal
advice.
"""

from glasswright.corpus.reports.answers import is_public_domain, masked, months, not_derived, processing
from glasswright.corpus.reports.facts import Facts
from glasswright.corpus.reports.text import amount, counts_table, documents, table


def ab2013(facts: Facts) -> str:
    """Markdown."""
    return f"""# Training data transparency statement, AB 2013 (draft)

Under section 3111 of the California Civil Code. Written from the ledger with root `{facts.root}`; a developer
completes it.

{table(("asked", "answer"), _items(facts))}

## Sources

{_sources(facts)}

## Licenses of the documents used

{counts_table("license", facts.kept("license"))}
"""


def _items(facts: Facts) -> list[tuple[str, str]]:
    first, last = months(facts)
    kept = facts.summary.num_kept
    return [
        (
            "(1) Sources or owners of the datasets",
            f"{len(facts.sources)}, in the table below. " + not_derived("owners, where the address does not tell"),
        ),
        (
            "(2) How the datasets further the intended purpose",
            not_derived("the purpose of the system, and why these texts serve it"),
        ),
        (
            "(3) Number of data points",
            f"{documents(kept)}, {amount(facts.summary.bytes_kept)} of text{_tokens(facts)}",
        ),
        (
            "(4) Types of data points",
            "texts without labels. " + ", ".join(f"{num:,} {name}" for name, num, _ in facts.kept("media_type")),
        ),
        ("(5) Protected by copyright, trademark or patent, or entirely in the public domain", _protected(facts)),
        (
            "(6) Purchased or licensed",
            "used under the open licenses below, as their sources state them. " + not_derived("whether any was bought"),
        ),
        ("(7) Personal information, as in section 1798.140(v)", f"may be included: {masked(facts)}"),
        ("(8) Aggregate consumer information, as in section 1798.140(b)", not_derived("it is not looked for")),
        (
            "(9) Cleaning, processing or other modification, and its purpose",
            f"{processing(facts)}. In the rest, broken encodings were mended and personal data masked, where the "
            "recipe did not switch that off. Purpose: to learn what may be used, and to learn it once",
        ),
        (
            "(10) Period of collection, and whether it goes on",
            f"obtained by this stage from {first} to {last}. "
            + not_derived("when the sources themselves were collected, and whether collection is ongoing"),
        ),
        ("(11) Dates of first use in development", not_derived("the dates")),
        ("(12) Synthetic data generation", not_derived("whether it was or is used; texts are not tested for it")),
    ]


def _tokens(facts: Facts) -> str:
    return "" if facts.num_tokens is None else f", {facts.num_tokens:,} tokens"


def _protected(facts: Facts) -> str:
    free = sum(num for name, num, _ in facts.kept("license") if is_public_domain(name))
    kept = facts.summary.num_kept
    told = f"of {documents(kept)}, {free:,} are in the public domain, or dedicated to it, by what their sources state"
    if kept > free:
        told += f"; {kept - free:,} are under licenses, so under copyright"
    return f"{told}. " + not_derived("trademarks and patents")


def _sources(facts: Facts) -> str:
    counted = {name: (kept, size) for name, kept, size in facts.kept("source")}
    known = [source["determined"] for source in facts.sources]
    rows = [(one["name"], one["uri"], one["revision"] or "", *counted.get(one["name"], (0, 0))) for one in known]
    return table(("source", "address", "revision", "documents", "bytes"), rows)
