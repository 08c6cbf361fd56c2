"""Step 19: model/ is what recipe and tokenizer make it, key by key, so that whoever loads it gets the model recorded.

A chat template, a token that is forced or suppressed, a class to load: all of these change what the same weights say.
"""

from glasswright.attest.parts import files_root
from glasswright.errors import ClaimFalse
from glasswright.records.release import BESIDE_MODEL_PART
from glasswright.verify.evidence import Evidence
from glasswright.verify.folder import REPLACE
from glasswright.verify.model_files import check_config, check_generation_config
from glasswright.verify.state import layout_of
from glasswright.verify.tokenizer import check_tokenizer_config

FOLDER = "model/"
FILES = frozenset(
    FOLDER + name
    for name in (
        "README.md",
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    )
)
WEIGHTS = "model/model.safetensors"


def model_is_the_recipe_s(evidence: Evidence) -> str:
    """The files of model/ are those that a model of this recipe has, each as recipe and tokenizer give it."""
    recipe, token_map = evidence.recipe(), evidence.token_map()
    found = set(evidence.listed(FOLDER))
    if found != FILES:
        path = min(found ^ FILES)
        raise ClaimFalse(f"{path}: {'missing' if path in FILES else 'not a file of this model'}", hint=REPLACE)
    num_parameters = _require_shapes(evidence)
    read = evidence.folder.read
    check_config(read("model/config.json"), recipe, token_map.vocab_size, token_map.end_of_text)
    check_generation_config(read("model/generation_config.json"), token_map.end_of_text)
    check_tokenizer_config(read("model/tokenizer_config.json"))
    if not evidence.is_of_first_schema():
        digests = {path: evidence.hashed_file(path).sha256 or "" for path in FILES - set(BESIDE_MODEL_PART)}
        evidence.require_part("model", files_root(digests), "model/: Merkle root over its files")
    return f"{recipe.model.family}, {num_parameters:,} parameters"


def _require_shapes(evidence: Evidence) -> int:
    """That the weights have the tensors of the recipe; how many parameters they are."""
    layout = evidence.hashed_file(WEIGHTS).layout
    found = {place.name: place.shape for place in layout.places} if layout else {}
    layout_wanted = layout_of(evidence.recipe(), evidence.token_map().vocab_size)
    shapes = {it.name: it.shape for it in layout_wanted}
    for name in sorted(found.keys() | shapes.keys()):
        if found.get(name) != shapes.get(name):
            raise ClaimFalse(
                f"{WEIGHTS}: tensor {name}: expected shape {shapes.get(name)}, found {found.get(name)}",
                place={"file": WEIGHTS, "tensor": name},
            )
    if layout is None or any(place.dtype != "F32" for place in layout.places):
        raise ClaimFalse(f"{WEIGHTS}: expected every tensor in F32")
    return sum(it.size for it in layout_wanted)
