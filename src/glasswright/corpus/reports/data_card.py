"""The data card: what is in the corpus, where it comes from, what was left out and why."""

from fractions import Fraction

from glasswright.corpus.reports.facts import Facts, bars, table

NOT_DERIVED = """\
- who the people in the texts are, and whether they agreed to be in them
- whether a stated license is true, or was given by somebody entitled to give it
- facts, opinions and biases in the texts: no text was read by a person for this card
"""
SIZES = ((1_000, "below 1 kB"), (10_000, "1 to 10 kB"), (100_000, "10 to 100 kB"), (1_000_000, "100 kB to 1 MB"))


def data_card(facts: Facts) -> str:
    """Markdown."""
    found = facts.summary
    share = Fraction(found.num_kept, found.num_seen)
    return f"""# Data card

{found.num_seen} documents were seen and {found.num_kept} kept ({float(share):.1%}),
{found.bytes_kept} bytes of UTF-8 text.
Ledger root `{found.root}`.

## Sources

{_sources(facts)}

## Licenses of the kept documents

{table(("license", "documents", "bytes"), facts.licenses)}

{_jurisdictions(facts)}

## Selection: why documents were kept or dropped

{bars([(name, seen) for name, seen, _, _ in found.tables["reason"]])}

{_rules(facts)}

## Languages of the kept documents

{bars([(name, kept) for name, _, kept, _ in found.tables["language"]])}

## Lengths of the kept documents

{bars(_lengths(facts))}

## Personal data

{found.pii_masked} pieces were masked in the kept documents: e-mail addresses, phone, IP and card numbers, keys and
tokens, as far as rules find them. Names of people were not looked for.

## Evaluation sets

{_evaluations(facts)}

## Where the texts are available

All kept texts are in `documents/`, beside this card; the ledger has a row for every document, dropped ones included.

## What this card could not derive

{NOT_DERIVED}"""


def _sources(facts: Facts) -> str:
    rows = []
    for source in facts.sources:
        known = source["determined"]
        of = [row for row in facts.rows if row.source == known["name"]]
        kept = sum(row.is_kept for row in of)
        rows.append((known["name"], known["kind"], known["uri"], known["revision"] or "", len(of), kept))
    return table(("source", "kind", "address", "revision", "seen", "kept"), rows)


def _rules(facts: Facts) -> str:
    names, num_words = facts.quality["rules"], facts.quality["num_bad_words"]
    told = f"Published rules applied to the texts: {', '.join(names)}." if names else "No published rules were applied."
    if num_words:
        return f"{told} Texts that say one of {num_words} bad words were dropped."
    return f"{told} No list of bad words was named in the recipe, so C4's rule about them was not applied."


def _jurisdictions(facts: Facts) -> str:
    places = [(name, kept) for name, _, kept, _ in facts.summary.tables["jurisdiction"] if kept and name != "(none)"]
    if not places:
        return "No license is bound to a country."
    told = ", ".join(f"{kept} documents in {name}" for name, kept in places)
    return f"Some licenses are known to hold in one country only: {told}. Elsewhere these texts may be protected."


def _lengths(facts: Facts) -> list[tuple[str, int]]:
    counts = dict.fromkeys([name for _, name in SIZES] + ["over 1 MB"], 0)
    for row in facts.kept:
        counts[next((name for limit, name in SIZES if row.bytes < limit), "over 1 MB")] += 1
    return list(counts.items())


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
