"""Whether training can have taken 1e25 operations, where the AI Act presumes systemic risk.

    operations = 6 * parameters * tokens       (Kaplan et al. 2020, section 2.1)

Taken from the largest numbers of parameters and of tokens that the documents name, of whatever model: an upper bound.
Below the threshold it proves; above it, it proves nothing, for the numbers may belong to different models.
"""

import re

from glasswright.audit.passages import Passage
from glasswright.audit.record import Evidence, Fact, unchecked
from glasswright.audit.subject import Subject
from glasswright.audit.voices import prose, root_voices

THRESHOLD = 1e25  # Regulation (EU) 2024/1689, Art. 51(2)
UNITS = {"k": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "billion": 1e9, "t": 1e12, "trillion": 1e12}
TOKENS = re.compile(
    r"(?i)(?<![\w.])(\d[\d,]*(?:\.\d+)?)\s*(trillion|billion|million|T|B|M)\b\+?\s*(?:[\w-]+ ){0,3}tokens"
)
PARAMETERS = re.compile(
    r"(?<![\w.])(\d+(?:\.\d+)?)\s*(trillion|billion|million|B|M|T)\b(?!\+?\s*(?:[\w-]+ ){0,3}tokens)", re.IGNORECASE
)


def scale_facts(subject: Subject) -> list[Fact]:
    """The upper bound, and whether it is below the threshold."""
    fact_id = "training_compute.below_threshold"
    tokens, parameters = _largest(subject, TOKENS), _largest(subject, PARAMETERS)
    if tokens is None or parameters is None:
        return [unchecked(fact_id, "parameters or training tokens are not given in the evidence")]
    bound = 6 * tokens[0] * parameters[0]
    evidence = (parameters[1], tokens[1])
    if bound < THRESHOLD:
        return [Fact(id=fact_id, status="proved", value=f"at most {bound:.1e} operations", evidence=evidence)]
    note = f"the largest numbers in the documents allow up to {bound:.1e} operations; the threshold is 1e25"
    return [Fact(id=fact_id, status="unknown", gap="unchecked", evidence=evidence, note=note)]


def least_tokens(subject: Subject) -> float | None:
    """The smallest number of tokens that the documents name: what is claimed at the least."""
    passages = prose(root_voices(subject))
    return min((_value(match) for passage in passages for match in TOKENS.finditer(passage.text)), default=None)


def _largest(subject: Subject, pattern: re.Pattern[str]) -> tuple[float, Evidence] | None:
    best: tuple[float, Passage, re.Match[str]] | None = None
    for passage in prose(root_voices(subject)):
        for match in pattern.finditer(passage.text):
            value = _value(match)
            if best is None or value > best[0]:
                best = (value, passage, match)
    return None if best is None else (best[0], best[1].evidence(best[2], "scale.number"))


def _value(match: re.Match[str]) -> float:
    return float(match[1].replace(",", "")) * UNITS[match[2].lower()]
