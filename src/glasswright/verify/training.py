"""Steps 11 to 15, and 18: the transcript, its schedule, reads, steps and states, and the weights it ends in."""

from itertools import zip_longest

from glasswright.attest.merkle import merkle_root
from glasswright.attest.tensors import tensors_root
from glasswright.errors import ClaimFalse, DigestMismatch
from glasswright.records.release import weights_of
from glasswright.records.transcript import (
    ROWS_PER_BLOCK,
    Event,
    ScheduleBlock,
    Sequences,
    Span,
    StepRecord,
    boundaries,
    order_of_events,
    reads_digest,
)
from glasswright.verify.checkpoints import require_same
from glasswright.verify.decode import EDITED, placed
from glasswright.verify.evidence import Evidence
from glasswright.verify.folder import REPLACE
from glasswright.verify.order import PackedReadingOrder, ReadingOrder
from glasswright.verify.ranges import check_step, has_validation_text, tokens_learned
from glasswright.verify.schedule import COLUMNS, expected_rows
from glasswright.verify.state import check_state, expected_state

STATE_PREFIX = "model."  # of a parameter's name in a state


def transcript_is_named(evidence: Evidence) -> str:
    """The transcript's events give its root, and are those of the recipe's run, in the order of time."""
    transcript, train = evidence.transcript(), evidence.recipe().train
    beyond = set(evidence.listed("transcript")) - transcript.files
    if beyond:
        raise ClaimFalse(f"{min(beyond)}: a transcript holds no such file", hint=REPLACE)
    expected = order_of_events(train.num_steps, train.segment_steps)
    number = 0
    for number, (line, wanted) in enumerate(zip_longest(transcript.events(), expected), start=1):
        where, event = line or (f"transcript: after event {number - 1}", None)
        if wanted is None:
            raise ClaimFalse(f"{where}: the recipe's run ends before", hint=REPLACE)
        if event is None or (event.KIND, _step_of(event)) != wanted:
            told = "nothing more" if event is None else f"{event.KIND} {_step_of(event)}"
            raise ClaimFalse(f"{where}: expected {wanted[0]} {wanted[1]}, found {told}", hint=REPLACE)
    found = merkle_root(transcript.leaves())
    evidence.require_part("transcript", found, "transcript: Merkle root")
    return f"{number} events in the order of time; root {found}"


def schedule_is_the_recipe_s(evidence: Evidence) -> str:
    """Every rate of every step is the one that the recipe gives."""
    train, num_rows = evidence.recipe().train, 0
    for where, event in evidence.transcript().events():
        if not isinstance(event, ScheduleBlock):
            continue
        if event.columns != COLUMNS:
            raise ClaimFalse(f"{where}: expected the columns {', '.join(COLUMNS)}; found {', '.join(event.columns)}")
        expected_count = min(ROWS_PER_BLOCK, train.num_steps - event.first_step + 1)
        if len(event.rows) != expected_count:
            raise ClaimFalse(f"{where}: expected {expected_count} rows, found {len(event.rows)}", hint=EDITED)
        rows = expected_rows(train, event.first_step, expected_count)
        for step, (found, expected) in enumerate(zip(event.rows, rows, strict=True), start=event.first_step):
            _require_row(where, step, found, expected)
        num_rows += expected_count
    return f"{num_rows} steps of {', '.join(COLUMNS)}, computed again from the recipe"


def reads_follow(evidence: Evidence) -> str:
    """Every step reads what seed, documents and the recipe's batches make it read, and says so."""
    recipe, num_spans, number = evidence.recipe(), 0, 0
    _require_tokens(evidence)
    reading = ReadingOrder if recipe.learns == "texts" else PackedReadingOrder
    order = reading(evidence.token_map().documents, recipe.seed, recipe.train.sequence_length)
    for number, (step, reads) in enumerate(zip_longest(evidence.steps(), evidence.transcript().reads()), start=1):
        num_sequences = len(reads[1]) if reads is not None else 0
        if num_sequences != recipe.train.batch_sequences:  # before as many are computed
            where = evidence.transcript().reads_file or "transcript/steps.jsonl"
            expected_number = f"expected {recipe.train.batch_sequences} sequences, found {num_sequences}"
            raise ClaimFalse(f"{where}: step {number}: {expected_number}", hint=EDITED, place={"step": number})
        expected = order.step(number, recipe.train.batch_sequences)
        if reads is None or reads[0] != number or reads[1] != expected:
            raise ClaimFalse(_other_reads(evidence, number, reads, expected), hint=EDITED, place={"step": number})
        if step is None or step.reads != reads_digest(expected):
            found = "nothing" if step is None else step.reads
            raise ClaimFalse(
                f"transcript: step {number}: reads: expected {reads_digest(expected)[:12]}, found {found[:12]}",
                hint=EDITED,
                place={"step": number},
            )
        num_spans += sum(map(len, expected))
    return f"{number} steps, {num_spans:,} spans of documents, in the order that the seed gives"


def steps_are_whole(evidence: Evidence) -> str:
    """Every value of every step is one that a step can have."""
    recipe, documents, num_steps = evidence.recipe(), evidence.token_map().documents, 0
    train, has_validation = recipe.train, has_validation_text(evidence.token_map())
    for step, (_, reads) in zip_longest(evidence.steps(), evidence.transcript().reads(), fillvalue=(0, ())):
        if not isinstance(step, StepRecord):
            break
        with placed(step=step.step):
            num_tokens = tokens_learned(recipe, reads, documents)
            where = f"transcript: step {step.step}"
            check_step(step, train, num_tokens=num_tokens, has_validation=has_validation, where=where)
        num_steps += 1
    return f"{num_steps} steps of {train.batch_sequences} sequences of {train.sequence_length} tokens"


def states_are_at_boundaries(evidence: Evidence) -> str:
    """A state stands at every segment boundary, has the tensors of the recipe, and its root follows from them."""
    states, recipe = evidence.states(), evidence.recipe()
    train = recipe.train
    num_segments = -(-train.num_steps // train.segment_steps)
    if len(states) != num_segments + 1:
        raise ClaimFalse(f"transcript: expected {num_segments + 1} states, found {len(states)}", hint=REPLACE)
    for number, (state, step) in enumerate(zip(states, boundaries(train.num_steps, train.segment_steps), strict=True)):
        if (state.segment, state.step) != (number, step):
            told = f"found segment {state.segment} after step {state.step}"
            raise ClaimFalse(f"transcript: expected segment {number} after step {step}, {told}", hint=EDITED)
    shapes = expected_state(recipe, recipe.tokenizer.vocab_size)
    for state in states:
        with placed(step=state.step):
            check_state(state, shapes, f"transcript: state after step {state.step}")
        root = tensors_root(state.tensors)
        if root != state.root:
            raise DigestMismatch(
                f"transcript: state after step {state.step}",
                recorded=state.root,
                found=root,
                place={"step": state.step},
            )
    return f"{len(states)} states; the last has root {states[-1].root}"


def weights_are_the_last_state(evidence: Evidence) -> str:
    """The weights have their root, and are the parameters of the state in which training ended."""
    weights = weights_of(evidence.recipe())
    hashed = evidence.hashed_file(weights)
    found = tensors_root(hashed.tensors())
    evidence.require_part("weights", found, f"{weights}: Merkle root over its tensors")
    last = evidence.states()[-1]
    parameters = tuple(tensor for tensor in last.tensors if tensor.name.startswith(STATE_PREFIX))
    require_same(f"{weights}: state after step {last.step}", hashed.tensors(STATE_PREFIX), parameters)
    return f"{len(parameters)} tensors; root {found}"


def _require_tokens(evidence: Evidence) -> None:
    """That the tokens of the map can be there: an order of more of them than there are bytes could take any time."""
    num_tokens = sum(document.num_tokens for document in evidence.token_map().documents)
    num_bytes = sum(evidence.manifest()[path].size_bytes for path in evidence.listed("tokens/shards/"))
    if num_tokens * 2 > num_bytes:
        raise ClaimFalse(f"tokens/map.json: {num_tokens} tokens in shards of {num_bytes} bytes", hint=REPLACE)


def _step_of(event: Event) -> int:
    return event.first_step if isinstance(event, ScheduleBlock) else event.step


def _require_row(where: str, step: int, found: tuple[str, ...], expected: tuple[str, ...]) -> None:
    for column, (one, other) in zip(COLUMNS, zip(found, expected, strict=True), strict=True):
        if one != other:
            raise ClaimFalse(
                f"{where}: step {step}: {column}: expected {other}, found {one[:40]}", hint=EDITED, place={"step": step}
            )


def _other_reads(evidence: Evidence, number: int, reads: tuple[int, Sequences] | None, expected: Sequences) -> str:
    where = evidence.transcript().reads_file or "transcript/steps.jsonl"
    if reads is None or reads[0] != number:
        return f"{where}: step {number}: expected what it reads, found {'nothing' if reads is None else reads[0]}"
    for index, (found, wanted) in enumerate(zip_longest(reads[1], expected)):
        if found != wanted:
            return f"{where}: step {number}: sequence {index}: expected {_told(wanted)}, found {_told(found)}"
    return f"{where}: step {number}"


def _told(spans: tuple[Span, ...] | None) -> str:
    if spans is None:
        return "nothing"
    shown = [f"tokens {span.start} to {span.start + span.count - 1} of document {span.document}" for span in spans[:3]]
    return ", ".join(shown) + (f" and {len(spans) - 3} spans more" if len(spans) > 3 else "")
