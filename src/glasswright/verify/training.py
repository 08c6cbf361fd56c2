"""Steps 9 to 14: the transcript, its steps and states, the checkpoints, the weights, the model's description."""

import json
import re
from decimal import Decimal
from typing import Any

from glasswright.attest.merkle import merkle_root
from glasswright.attest.tensors import tensors_root
from glasswright.errors import ClaimFalse, DigestMismatch
from glasswright.records.recipe import Recipe
from glasswright.records.tokens import TokenMap
from glasswright.records.transcript import StepRecord, TensorDigest
from glasswright.verify.decode import EDITED
from glasswright.verify.evidence import Evidence
from glasswright.verify.folder import REPLACE
from glasswright.verify.shape import expected_config, expected_shapes

WEIGHTS = "model/model.safetensors"
STEPS = "transcript/steps.jsonl"
STATES = "transcript/states.jsonl"
TRANSCRIPT_FILES = frozenset({"transcript/schedule.json", STEPS, STATES})
CHECKPOINT = re.compile(r"checkpoints/state-(\d{8})\.safetensors")
FINITE = re.compile(r"0x[0-9a-f]{8}")
STATE_PREFIX = "model."  # of a parameter's name in a state
MODEL_FILES = {"README.md", "config.json", "generation_config.json", "model.safetensors"} | {
    "tokenizer.json",
    "tokenizer_config.json",
}


def transcript_is_named(evidence: Evidence) -> str:
    """Schedule, step records and state records give the transcript's root."""
    recorded = evidence.release().roots.transcript
    found = merkle_root(evidence.transcript_leaves())
    if found != recorded:
        raise DigestMismatch("transcript/: Merkle root", recorded=recorded, found=found, hint=EDITED)
    return f"root {found}"


def steps_are_whole(evidence: Evidence) -> str:
    """The steps are those of the recipe, and read tokens of training documents that are there."""
    recipe, token_map = evidence.recipe(), evidence.token_map()
    beyond = set(evidence.listed("transcript/")) - TRANSCRIPT_FILES
    if beyond:
        raise ClaimFalse(f"{min(beyond)}: a transcript holds no such file", hint=REPLACE)
    if len(evidence.schedule().rows) != recipe.train.num_steps:
        raise ClaimFalse(f"transcript/schedule.json: {len(evidence.schedule().rows)} rows for {recipe.train.num_steps}")
    for row in evidence.schedule().rows:
        for bits in row:
            _require_finite(bits, "transcript/schedule.json")
    number = 0
    for number, step in enumerate(evidence.steps(), start=1):
        if step.step != number:
            raise ClaimFalse(f"{STEPS}:{number}: expected step {number}, found step {step.step}", hint=EDITED)
        _require_step(step, recipe, token_map)
    if number != recipe.train.num_steps:
        raise ClaimFalse(f"{STEPS}: {number} steps; the recipe has {recipe.train.num_steps}", hint=REPLACE)
    return f"{number} steps of {recipe.train.batch_sequences} sequences of {recipe.train.sequence_length} tokens"


def states_are_at_boundaries(evidence: Evidence) -> str:
    """A state stands at every segment boundary, and its root follows from its tensors."""
    states, train = evidence.states(), evidence.recipe().train
    boundaries = [*range(0, train.num_steps, train.segment_steps), train.num_steps]
    found = [(state.segment, state.step) for state in states]
    if found != list(enumerate(boundaries)):
        raise ClaimFalse(f"{STATES}: expected states after the steps {boundaries}, found {[s for _, s in found]}")
    for state in states:
        root = tensors_root(state.tensors)
        if root != state.root:
            raise DigestMismatch(f"{STATES}: state after step {state.step}", recorded=state.root, found=root)
        if len({tensor.name for tensor in state.tensors}) != len(state.tensors):
            raise ClaimFalse(f"{STATES}: state after step {state.step}: a tensor is there twice", hint=EDITED)
    return f"{len(states)} states; the last has root {states[-1].root}"


def checkpoints_are_states(evidence: Evidence) -> str:
    """Every checkpoint carried is the state recorded for its step."""
    states = {state.step: state for state in evidence.states()}
    paths = evidence.listed("checkpoints/")
    for path in paths:
        match = CHECKPOINT.fullmatch(path)
        state = states.get(int(match[1])) if match else None
        if state is None:
            raise ClaimFalse(f"{path}: the transcript records no such state", hint=REPLACE)
        _require_same(path, evidence.hashed_file(path).tensors(), state.tensors)
    return f"{len(paths)} of {len(states)} states carried"


def weights_are_the_last_state(evidence: Evidence) -> str:
    """The weights have their root, and are the parameters of the state in which training ended."""
    hashed, recorded = evidence.hashed_file(WEIGHTS), evidence.release().roots.weights
    found = tensors_root(hashed.tensors())
    if found != recorded:
        raise DigestMismatch(f"{WEIGHTS}: Merkle root over its tensors", recorded=recorded, found=found, hint=REPLACE)
    last = evidence.states()[-1]
    parameters = tuple(tensor for tensor in last.tensors if tensor.name.startswith(STATE_PREFIX))
    _require_same(f"{WEIGHTS}: state after step {last.step}", hashed.tensors(STATE_PREFIX), parameters)
    return f"{len(parameters)} tensors; root {found}"


def model_is_the_recipe_s(evidence: Evidence) -> str:
    """model/ is the model of the recipe and nothing more: shapes, config.json, no code, no pickles."""
    recipe, vocab_size = evidence.recipe(), evidence.token_map().vocab_size
    files = {path.removeprefix("model/") for path in evidence.listed("model/")}
    if files != MODEL_FILES:
        name = min(files ^ MODEL_FILES)
        raise ClaimFalse(f"model/{name}: {'missing' if name in MODEL_FILES else 'not a file of this model'}")
    layout = evidence.hashed_file(WEIGHTS).layout
    found = {place.name: place.shape for place in layout.places} if layout else {}
    shapes = expected_shapes(recipe.model, vocab_size)
    for name in sorted(found.keys() | shapes.keys()):
        if found.get(name) != shapes.get(name):
            raise ClaimFalse(f"{WEIGHTS}: tensor {name}: expected shape {shapes.get(name)}, found {found.get(name)}")
    if layout is None or any(place.dtype != "F32" for place in layout.places):
        raise ClaimFalse(f"{WEIGHTS}: expected every tensor in F32")
    _require_config(evidence, expected_config(recipe, vocab_size, evidence.token_map().end_of_text))
    return f"{recipe.model.family}, {sum(map(_size, shapes.values())):,} parameters"


def _require_step(step: StepRecord, recipe: Recipe, token_map: TokenMap) -> None:
    train, where = recipe.train, f"{STEPS}: step {step.step}"
    if len(step.sequences) != train.batch_sequences:
        raise ClaimFalse(f"{where}: expected {train.batch_sequences} sequences, found {len(step.sequences)}")
    if step.num_tokens != train.batch_sequences * train.sequence_length:
        raise ClaimFalse(f"{where}: num_tokens {step.num_tokens} is not that of its sequences")
    for number, spans in enumerate(step.sequences):
        num_read = 0
        for span in spans:
            if not 0 <= span.document < len(token_map.documents):
                raise ClaimFalse(f"{where}: sequence {number}: document {span.document} is not in the token map")
            document = token_map.documents[span.document]
            if span.start < 0 or span.count < 1 or span.start + span.count > document.num_tokens:
                raise ClaimFalse(
                    f"{where}: sequence {number}: tokens {span.start} to {span.start + span.count - 1} of document "
                    f"{span.document}, which has {document.num_tokens}"
                )
            if document.split != "train":
                raise ClaimFalse(f"{where}: sequence {number}: document {span.document} is held back for validation")
            num_read += span.count
        if num_read != train.sequence_length + 1:
            raise ClaimFalse(f"{where}: sequence {number}: expected {train.sequence_length + 1} tokens, has {num_read}")
    for bits in (step.loss_nats, step.gradient_norm, step.clip, step.validation_bits_per_byte):
        if bits is not None:
            _require_finite(bits, where)


def _require_finite(bits: str, where: str) -> None:
    if not FINITE.fullmatch(bits) or int(bits, 16) & 0x7F800000 == 0x7F800000:
        raise ClaimFalse(f"{where}: expected the bits of a finite binary32 value, found {bits!r}", hint=EDITED)


def _require_same(where: str, found: list[TensorDigest], recorded: tuple[TensorDigest, ...]) -> None:
    here = {tensor.name: tensor for tensor in found}
    there = {tensor.name: tensor for tensor in recorded}
    for name in sorted(here.keys() | there.keys()):
        if name not in here or name not in there:
            raise ClaimFalse(f"{where}: tensor {name}: {'not recorded' if name in here else 'missing'}", hint=REPLACE)
        if here[name] != there[name]:
            raise DigestMismatch(
                f"{where}: tensor {name}", recorded=there[name].digest, found=here[name].digest, hint=REPLACE
            )


def _require_config(evidence: Evidence, expected: dict[str, Any]) -> None:
    config = _json(evidence.folder.read("model/config.json"), "model/config.json")
    for key in sorted(config.keys() | expected.keys()):
        if config.get(key) != expected.get(key):
            raise ClaimFalse(f"model/config.json: {key}: expected {expected.get(key)!r}, found {config.get(key)!r}")
    for name in ("generation_config.json", "tokenizer_config.json"):
        if "auto_map" in _json(evidence.folder.read(f"model/{name}"), f"model/{name}"):
            raise ClaimFalse(f"model/{name}: auto_map names code to run; a release's model has none")


def _json(data: bytes, where: str) -> dict[str, Any]:
    """A JSON object of Hugging Face's making, which may hold decimals; no key twice."""
    try:
        value = json.loads(data.decode("utf-8"), parse_float=Decimal, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise ClaimFalse(f"{where}: not JSON: {error}", hint=EDITED) from error
    if not isinstance(value, dict):
        raise ClaimFalse(f"{where}: expected an object, found {type(value).__name__}", hint=EDITED)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key is there twice")
    return dict(pairs)


def _size(shape: tuple[int, ...]) -> int:
    return shape[0] * (shape[1] if len(shape) > 1 else 1)
