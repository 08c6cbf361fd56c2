"""What both statutory statements answer in the same words, and how they say that they cannot answer."""

from glasswright.corpus.reports.facts import Facts

PUBLIC_DOMAIN = frozenset({"CC0-1.0", "CC-PDM-1.0", "LicenseRef-PD", "LicenseRef-PD-US", "PDDL-1.0", "Unlicense"})


def not_derived(what: str) -> str:
    """An item that only the provider can answer."""
    return f"*Could not be derived from the ledger: {what}*"


def is_public_domain(license: str) -> bool:
    """Whether a license expression lets the text be used as one in the public domain, or dedicated to it."""
    plain = license.replace("(", "").replace(")", "")
    return any(all(part in PUBLIC_DOMAIN for part in choice.split(" AND ")) for choice in plain.split(" OR "))


def months(facts: Facts) -> tuple[str, str]:
    """When the first and the last source was obtained, MM/YYYY."""
    times = sorted(source["observed"]["obtained_at"] for source in facts.sources)
    first, last = (f"{time[5:7]}/{time[:4]}" for time in (times[0], times[-1]))
    return first, last


def masked(facts: Facts) -> str:
    """What became of personal data."""
    return (
        f"{facts.summary.pii_masked:,} pieces were masked in the kept documents (e-mail addresses, phone, IP and card "
        "numbers, keys and tokens); names of people were not looked for, and what no rule finds may remain"
    )


def processing(facts: Facts) -> str:
    """What was dropped, by reason, and what was done to the rest."""
    dropped = sorted(((count, name) for name, count in facts.reasons.items() if name != "kept"), reverse=True)
    told = ", ".join(f"{count:,} {name}" for count, name in dropped) or "none"
    return (
        f"{facts.summary.num_seen - facts.summary.num_kept:,} of {facts.summary.num_seen:,} documents were dropped, "
        f"each for one reason: {told}"
    )


def num_refused(facts: Facts) -> int:
    """Documents dropped for their license."""
    return sum(count for name, count in facts.reasons.items() if name.startswith("license_") and name != "license_text")
