"""What a license is called, what its text says, and whether it is open.

    normalize_expression("Apache 2.0")     -> "Apache-2.0", the SPDX expression, or None
    spdx_expression("CC BY 4.0")           -> None: what is to be SPDX is spelt as SPDX has it
    openness("CC-BY-4.0", "code")          -> open, by which list, and whether it fits that kind of work
    is_open("CC-BY-NC-4.0", "data")        -> False
    text_license(text)                     -> the license that a text is word for word, or was before it was changed,
                                              and what it says beyond it
    mentions(text)                         -> every license that a text names, and where
    grant(text)                            -> what a text grants whose whole purpose is to say so
    restrictions(text)                     -> words that take away what an open license gives
    find_clauses(text)                     -> clauses that close a license, with section and line

Names come from the SPDX index that `license-expression` carries. Texts are recognised by hashed word sequences, so no
license text is in this package. Clauses are found in any text, known or not.
"""

from glasswright.licenses.additions import Addition, additions_to
from glasswright.licenses.clauses import CLAUSES, Clause, ClauseRule, find_clauses
from glasswright.licenses.creative_commons import legal_code_title
from glasswright.licenses.fidelity import Fidelity, LicenseText, taken_beyond, text_license
from glasswright.licenses.grants import Grant, expression_of, grant, granted, spoken_grant
from glasswright.licenses.mentions import Mention, mentions
from glasswright.licenses.names import (
    given_to_weights,
    hub_tag_expression,
    normalize_expression,
    spdx_expression,
    what_was_meant,
)
from glasswright.licenses.openness import Openness, is_open, openness
from glasswright.licenses.restrictions import restrictions

__all__ = [
    "CLAUSES",
    "Addition",
    "Clause",
    "ClauseRule",
    "Fidelity",
    "Grant",
    "LicenseText",
    "Mention",
    "Openness",
    "additions_to",
    "expression_of",
    "find_clauses",
    "given_to_weights",
    "grant",
    "granted",
    "hub_tag_expression",
    "is_open",
    "legal_code_title",
    "mentions",
    "normalize_expression",
    "openness",
    "restrictions",
    "spdx_expression",
    "spoken_grant",
    "taken_beyond",
    "text_license",
    "what_was_meant",
]
