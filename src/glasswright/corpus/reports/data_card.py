"""The data card: what is in the corpus, where it comes from, what was left out and why."""

from glasswright.corpus.removal import left_open
from glasswright.corpus.reports.facts import Counts, Facts
from glasswright.corpus.reports.plot import Panel, plot
from glasswright.corpus.reports.text import amount, counts_table, documents, table

PLOTS = "data-card.svg"
MAX_DOTS = 15
NOT_DERIVED = """\
- who the people in the texts are, and whether they agreed to be in them
- whether a stated license is true, or was given by somebody entitled to give it
- facts, opinions and biases in the texts: no text was read by a person for this card
"""


def data_card(facts: Facts) -> str:
    """Markdown."""
    found = facts.summary
    tokens = "" if facts.num_tokens is None else f"\n{facts.num_tokens:,} tokens."
    return f"""# Data card

{found.num_seen:,} documents were seen and {found.num_kept:,} kept ({found.num_kept / found.num_seen:.1%}),
{found.bytes_kept:,} bytes of UTF-8 text ({amount(found.bytes_kept)}).{tokens}
Ledger root `{facts.root}`.

![The tables below as plots, on logarithmic axes]({PLOTS})

## Sources

{_sources(facts)}

{_parts(facts)}

## Licenses of the kept documents

{counts_table("license", facts.kept("license"))}

{_jurisdictions(facts)}

## Selection: why documents were kept or dropped

{table(("reason", "documents", "share"), _reasons(facts))}

{_removals(facts)}

{_rules(facts)}

## Languages of the kept documents

As stated by the source, else as detected; `(none)` where a text was too short to tell.

{counts_table("language", facts.kept("language"))}

## Lengths of the kept documents

{counts_table("length in bytes of UTF-8", facts.lengths)}

{", ".join(f"{name}: {amount(size)}" for name, size in facts.quantiles.items())}.

## Personal data

{found.pii_masked:,} pieces were masked in the kept documents: e-mail addresses, phone, IP and card numbers, keys and
tokens, as far as rules find them. Names of people were not looked for.

## Evaluation sets

{_evaluations(facts)}

## Where the texts are available

All kept texts are in `documents/`, beside the ledger, which has a row for every document, dropped ones included.

## What this card could not derive

{NOT_DERIVED}"""


def data_card_plots(facts: Facts) -> str:
    """SVG: the card's tables as they look."""
    reasons: Counts = [(name, seen, size) for name, seen, _, size in facts.summary.tables["reason"]]
    panels = [
        Panel(
            title="Selection: why documents were kept or dropped",
            unit="documents",
            dots=[(name, seen, f"{seen:,}") for name, seen, _ in sorted(reasons, key=lambda reason: -reason[1])],
        ),
        _by_bytes("Sources of the kept documents, by first folder", facts.folders),
        _by_bytes("Domain names of the kept documents", facts.domains),
        _by_bytes("Licenses of the kept documents", facts.kept("license")),
        _by_bytes("Languages of the kept documents", facts.kept("language")),
        Panel(
            title="Lengths of the kept documents",
            unit="documents",
            dots=[(name, count, f"{documents(count)}, {amount(size)}") for name, count, size in facts.lengths],
        ),
    ]
    return plot(
        [panel for panel in panels if panel.dots],
        f"{documents(facts.summary.num_kept)} kept of {facts.summary.num_seen:,} seen",
    )


def _by_bytes(title: str, counts: Counts) -> Panel:
    more = f"; the largest {MAX_DOTS} of {len(counts)}" if len(counts) > MAX_DOTS else ""
    dots = [(name, size, f"{amount(size)}, {documents(kept)}") for name, kept, size in counts[:MAX_DOTS]]
    return Panel(title=title + more, unit="bytes", dots=dots)


def _sources(facts: Facts) -> str:
    counted = {name: (seen, kept, size) for name, seen, kept, size in facts.summary.tables["source"]}
    rows: list[tuple[object, ...]] = []
    for source in facts.sources:
        known = source["determined"]
        seen, kept, size = counted.get(known["name"], (0, 0, 0))
        rows.append((known["name"], known["kind"], known["uri"], known["revision"] or "", seen, kept, size))
    totals = tuple(sum(count[place] for count in counted.values()) for place in range(3))
    rows.append(("**all**", "", "", "", *totals))
    return table(("source", "kind", "address", "revision", "seen", "kept", "bytes kept"), rows)


def _parts(facts: Facts) -> str:
    """The largest parts of the sources, where they have more than one."""
    named = (("source and first folder", facts.folders), ("domain name", facts.domains))
    return "\n\n".join(counts_table(name, counts) for name, counts in named if len(counts) > 1)


def _rules(facts: Facts) -> str:
    names, num_words = facts.quality["rules"], facts.quality["num_bad_words"]
    told = f"Published rules applied to the texts: {', '.join(names)}." if names else "No published rules were applied."
    if num_words:
        return f"{told} Texts that say one of {num_words} bad words were dropped."
    return f"{told} No list of bad words was named in the recipe, so C4's rule about them was not applied."


def _jurisdictions(facts: Facts) -> str:
    places = [(name, kept) for name, kept, _ in facts.kept("jurisdiction") if name != "(none)"]
    if not places:
        return "No license is bound to a country."
    told = ", ".join(f"{documents(kept)} in {name}" for name, kept in places)
    return f"Some licenses are known to hold in one country only: {told}. Elsewhere these texts may be protected."


def _reasons(facts: Facts) -> list[tuple[object, ...]]:
    seen = facts.summary.num_seen
    rows = sorted(facts.reasons.items(), key=lambda reason: (-reason[1], reason[0]))
    return [*((name, count, f"{count / seen:.1%}") for name, count in rows), ("**all**", seen, "100%")]


def _removals(facts: Facts) -> str:
    """What was asked to be removed, and what of that was not reached."""
    if not facts.removals:
        return "No document was taken out by name."
    told = f"Texts to be taken out by name, with what repeats them: {len(facts.removals):,}."
    return "\n".join([told, *(f"- {line}" for line in left_open(facts.removals))]).replace("\n", "\n\n", 1)


def _evaluations(facts: Facts) -> str:
    sets = facts.evaluations["sets"]
    if not sets:
        return "None were named in the recipe, so none were searched for: evaluation items may be in the corpus."
    rows = []
    for searched in sets:
        hits = [hit for hit in facts.evaluations["hits"] if hit["evaluation_set"] == searched["name"]]
        met = (len({hit["item"] for hit in hits}), len({hit["document_id"] for hit in hits}))
        rows.append((searched["name"], searched["num_items"], searched["num_items_too_short"], *met))
    return table(("set", "items", "too short to search for", "items found", "documents dropped"), rows)
