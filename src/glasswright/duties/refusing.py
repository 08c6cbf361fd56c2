"""A recipe that its parent's license does not go with is refused before any work."""

from glasswright.errors import Misuse
from glasswright.records.duties import Inheritance, Inherited

MAX_TOLD = 4


def require_allowed(inheritance: Inheritance) -> None:
    """That nothing which the parent's license asks is refused.

    Raises:  Misuse with the clauses, and what would be allowed.
    """
    refused = inheritance.answered("refused")
    if refused:
        told = [f"parent {inheritance.parent}: its license does not go with what the recipe asks"]
        would = "; ".join(dict.fromkeys(duty.told for duty in refused[:MAX_TOLD]))
        raise Misuse("\n".join([*told, *map(_told, refused[:MAX_TOLD])]), hint=would)


def _told(duty: Inherited) -> str:
    section = f", s. {duty.section}" if duty.section else ""
    words = f": “{duty.quote}”" if duty.quote else ""
    return f"{duty.license}{section}: {duty.means}{words}"
