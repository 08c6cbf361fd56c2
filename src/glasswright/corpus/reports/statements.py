"""Statements that laws ask for, as far as the ledger answers them.

    training_summary    European Union: public summary of training content, Regulation (EU) 2024/1689, article 53(1)(d),
                        in the sections of the AI Office's template of July 2025
    ab2013              California: AB 2013 (2024), Civil Code section 3111, item by item

A draft for the provider, who alone can answer the rest. No legal advice.
"""

from glasswright.corpus.reports.facts import Facts, table

UNANSWERED = "*Not in the ledger: the provider answers this.*"
PUBLIC = {"git": "public repository", "python-docs": "documentation shipped with Python"}


def training_summary(facts: Facts) -> str:
    """Markdown."""
    languages = ", ".join(name for name, _, kept, _ in facts.summary.tables["language"] if kept)
    return f"""# Public summary of training content (draft)

Written from the ledger with root `{facts.summary.root}`.

## 1. General information

- Provider, authorised representative, model name and versions, date of placement on the market: {UNANSWERED}
- Modality: text. Size: {facts.summary.bytes_kept} bytes in {facts.summary.num_kept} documents.
- Languages, as detected or stated: {languages}.

## 2. Data sources

### 2.1 Publicly available datasets, and other sources named in the recipe

{_sources(facts)}

Licenses: {_licenses(facts)}

### 2.2 Private datasets obtained from third parties

A folder or file on the provider's machine may be one. {UNANSWERED}

### 2.3 Data crawled and scraped from online sources

No crawler is part of this stage. Whether a folder or file given to it came from one: {UNANSWERED}

### 2.4 User data

{UNANSWERED}

### 2.5 Synthetic data

{UNANSWERED}

## 3. Data processing

- Respect of reservations from the text and data mining exception: documents are used only under a stated open
  license or in the public domain; {_refused(facts)} documents were refused for their license. Reservations stated
  elsewhere, such as in robots.txt, were not looked for.
- Removal of illegal content: {UNANSWERED}
- Personal data: {facts.summary.pii_masked} pieces masked in the kept documents (e-mail addresses, phone, IP and card
  numbers, keys).
"""


def ab2013(facts: Facts) -> str:
    """Markdown."""
    rows = [
        ("1. Sources or owners of the datasets", ", ".join(source["determined"]["uri"] for source in facts.sources)),
        ("2. How the datasets further the intended purpose", UNANSWERED),
        ("3. Number of data points", f"{facts.summary.num_kept} documents"),
        ("4. Types of data points", "texts, unlabelled"),
        ("5. Protected by copyright, trademark or patent, or in the public domain", _licenses(facts)),
        ("6. Purchased or licensed", f"under the licenses above; purchases: {UNANSWERED}"),
        ("7. Personal information", f"{facts.summary.pii_masked} pieces masked; what no rule finds may remain"),
        ("8. Aggregate consumer information", UNANSWERED),
        (
            "9. Cleaning, processing or modification",
            "normalization, masking, removal of repetitions; see the data card",
        ),
        ("10. Time of collection", _times(facts)),
        ("11. Dates first used in development", UNANSWERED),
        ("12. Synthetic data generation", UNANSWERED),
    ]
    return f"""# Training data transparency statement, AB 2013 (draft)

Written from the ledger with root `{facts.summary.root}`.

{table(("asked", "answer"), rows)}
"""


def _sources(facts: Facts) -> str:
    rows = [
        (known["name"], PUBLIC.get(known["kind"], "files of the provider"), known["uri"], known["bytes"])
        for known in (source["determined"] for source in facts.sources)
    ]
    return table(("source", "kind", "address", "bytes read"), rows)


def _licenses(facts: Facts) -> str:
    return "; ".join(f"{name}: {kept} documents" for name, kept, _ in facts.licenses)


def _refused(facts: Facts) -> int:
    return sum(row.reason.startswith("license_") and row.reason != "license_text" for row in facts.rows)


def _times(facts: Facts) -> str:
    times = sorted(source["observed"]["obtained_at"] for source in facts.sources)
    return f"obtained by this stage from {times[0]} to {times[-1]}; whether collection is ongoing: {UNANSWERED}"
