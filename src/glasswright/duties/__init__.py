"""What the license of a parent asks of the model made from it: met, to do, unknown, or refused before any work.

    reading     the parent's folder: under which licenses it is, as an audit reads them, and the texts to carry
    case        one license of it, with its text where that is at hand
    answering   each duty and each limit with the clause that states it, and its answer
    inheriting  all of them, what they exclude, and the notices that have to be written
    refusing    a recipe that the license does not go with

Which license asks what stands in `licenses/model_licenses.toml`, and which licenses go with it in
`licenses/passing_on.py`; what is met, `release` writes.
"""

from glasswright.duties.inheriting import inherit
from glasswright.duties.refusing import require_allowed

__all__ = ["inherit", "require_allowed"]
