"""The step `parents`: what training began from is the model that the recipe names, tensor by tensor.

A parent is on record by its files and its tensors. Whether the folder of that name has these files is looked at where
it is given (`--parent`); what made the parent is not this release's to show.
"""

from glasswright.attest.tensors import tensors_root
from glasswright.errors import ClaimFalse, DigestMismatch, Unknown
from glasswright.records.decoder import decoder_of
from glasswright.records.parents import PARENTS, STATE_PREFIX, ParentModel, files_digest
from glasswright.records.release import PARENTS_PART
from glasswright.verify.checkpoints import require_same
from glasswright.verify.decode import EDITED
from glasswright.verify.evidence import Evidence
from glasswright.verify.state import DTYPE


def parent_is_named(evidence: Evidence) -> str:
    """The parent on record is the recipe's, has the tensors of its model, and is what training of all of it begins
    from."""
    recipe, record = evidence.recipe(), evidence.parent()
    assert recipe.parent is not None, "this step is taken of derived releases"
    assert record is not None, "and a recipe with a parent has its record read"
    evidence.require_part(PARENTS_PART, evidence.hashed_file(PARENTS).sha256 or "", PARENTS)
    said = {key: getattr(recipe.parent, key) for key in ("name", "revision", "license")}
    for key, expected in said.items():
        if getattr(record, key) != expected:
            raise ClaimFalse(f"{PARENTS}: {key}: the recipe has {expected!r}, found {getattr(record, key)!r:.80}")
    if files_digest(record.files) != recipe.parent.files:
        raise DigestMismatch(
            f"{PARENTS}: files", recorded=recipe.parent.files, found=files_digest(record.files), hint=EDITED
        )
    _require_tensors(evidence, record)
    if recipe.adapter is None:
        first = tuple(it for it in evidence.states()[0].tensors if it.name.startswith(STATE_PREFIX))
        require_same(f"{PARENTS}: the state that training began in", list(record.tensors), first)
    held = f"{len(record.files)} files, {len(record.tensors)} tensors"
    return f"{record.name}, {held}; root {tensors_root(record.tensors)}"


def what_stands_before(evidence: Evidence) -> tuple[str, ...]:
    """What a release with a parent does not show, for the list of what was not checked."""
    try:
        record = evidence.parent()
    except (ClaimFalse, Unknown, OSError):
        record = None
    if record is None:
        return ()
    if record.release is None:
        return (
            f"what made {record.name}, which training began from: unexplained weights, whatever they learned; known by "
            f"their digests in {PARENTS} alone",
        )
    return (f"what made {record.name}, which training began from: verify the release of root {record.release}",)


def _require_tensors(evidence: Evidence, record: ParentModel) -> None:
    recipe = evidence.recipe()
    layout = decoder_of(recipe, vocab_size=recipe.tokenizer.vocab_size, end_of_text=None).parameters()
    expected = {f"{STATE_PREFIX}{it.name}": it.shape for it in layout}
    found = {it.name: it.shape for it in record.tensors}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            told = f"expected shape {expected.get(name)}, found {found.get(name)}"
            raise ClaimFalse(f"{PARENTS}: tensor {name}: {told}", hint=EDITED)
    names = [it.name for it in record.tensors]
    if names != sorted(set(names)) or any(it.dtype != DTYPE for it in record.tensors):
        raise ClaimFalse(f"{PARENTS}: tensors: expected each once, in order, in {DTYPE}", hint=EDITED)
