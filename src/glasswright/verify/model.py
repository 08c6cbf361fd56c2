"""Step 19: model/ is what recipe and tokenizer make it, key by key, so that whoever loads it gets the model recorded.

A chat template, a token that is forced or suppressed, a class to load: all of these change what the same weights say.
"""

from glasswright.attest.parts import files_root
from glasswright.errors import ClaimFalse, DigestMismatch
from glasswright.records.adapter import adapter_config
from glasswright.records.decoder import decoder_of
from glasswright.records.parents import TOKENIZER_FILES
from glasswright.records.release import BESIDE_MODEL_PART, weights_of
from glasswright.verify.evidence import Evidence
from glasswright.verify.folder import REPLACE
from glasswright.verify.model_files import check_config, check_generation_config
from glasswright.verify.settings import require_exactly
from glasswright.verify.state import layout_of
from glasswright.verify.tokenizer import check_tokenizer_config

FOLDER = "model/"
WHOLE = ("config.json", "generation_config.json", "model.safetensors")
ADAPTER = ("adapter_config.json", "adapter_model.safetensors")
TOKENIZER = ("tokenizer.json", "tokenizer_config.json")


def model_is_the_recipe_s(evidence: Evidence) -> str:
    """The files of model/ are those that a model of this recipe has, each as recipe and tokenizer give it."""
    recipe = evidence.recipe()
    found, files = set(evidence.listed(FOLDER)), _files(evidence)
    if found != files:
        path = min(found ^ files)
        raise ClaimFalse(f"{path}: {'missing' if path in files else 'not a file of this model'}", hint=REPLACE)
    num_parameters = _require_shapes(evidence)
    read = evidence.folder.read
    config = decoder_of(recipe, vocab_size=recipe.tokenizer.vocab_size, end_of_text=evidence.end_of_text())
    if recipe.adapter is not None:
        require_exactly(read(FOLDER + ADAPTER[0]), adapter_config(recipe, config), FOLDER + ADAPTER[0])
    else:
        check_config(read("model/config.json"), config)
        check_generation_config(read("model/generation_config.json"), config)
    _require_tokenizer_files(evidence)
    if not evidence.is_of_first_schema():
        digests = {path: evidence.hashed_file(path).sha256 or "" for path in files - set(BESIDE_MODEL_PART)}
        evidence.require_part("model", files_root(digests), "model/: Merkle root over its files")
    kind = "an adapter of " if recipe.adapter is not None else ""
    return f"{kind}{recipe.model.family}, {num_parameters:,} parameters"


def _files(evidence: Evidence) -> set[str]:
    """The files of model/: those of the weights, and the tokenizer's, which are the parent's where there is one."""
    parent = evidence.parent()
    tokenizer = TOKENIZER if parent is None else [it.path for it in parent.files if it.path in TOKENIZER_FILES]
    weights = WHOLE if evidence.recipe().adapter is None else ADAPTER
    return {FOLDER + name for name in ("README.md", *weights, *tokenizer)}


def _require_tokenizer_files(evidence: Evidence) -> None:
    """That what says how texts become tokens is as this format has it, or as the parent had it."""
    parent = evidence.parent()
    if parent is None:
        check_tokenizer_config(evidence.folder.read("model/tokenizer_config.json"))
        return
    for file in parent.files:
        if file.path in TOKENIZER_FILES:
            found = evidence.hashed_file(FOLDER + file.path).sha256 or ""
            if found != file.sha256:
                raise DigestMismatch(f"{FOLDER}{file.path}: the parent's", recorded=file.sha256, found=found)


def _require_shapes(evidence: Evidence) -> int:
    """That the weights have the tensors of the recipe; how many parameters they are."""
    weights = weights_of(evidence.recipe())
    layout = evidence.hashed_file(weights).layout
    found = {place.name: place.shape for place in layout.places} if layout else {}
    layout_wanted = layout_of(evidence.recipe(), evidence.recipe().tokenizer.vocab_size)
    shapes = {it.name: it.shape for it in layout_wanted}
    for name in sorted(found.keys() | shapes.keys()):
        if found.get(name) != shapes.get(name):
            raise ClaimFalse(
                f"{weights}: tensor {name}: expected shape {shapes.get(name)}, found {found.get(name)}",
                place={"file": weights, "tensor": name},
            )
    if layout is None or any(place.dtype != "F32" for place in layout.places):
        raise ClaimFalse(f"{weights}: expected every tensor in F32")
    return sum(it.size for it in layout_wanted)
