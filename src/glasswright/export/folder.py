"""A model as a folder for transformers: weights and configuration written, everything else as the bytes that came."""

from pathlib import Path

from glasswright.model import huggingface
from glasswright.model.decoder import Decoder
from glasswright.model.folder import ModelFolder
from glasswright.records.progress import Report, silent
from glasswright.store.atomic import atomic_folder, write_atomic

# Files that belong to a model and say nothing of its weights.
KEPT = (
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"),
    *("tokenizer.model", "tokenizer.model.v3", "tekken.json", "vocab.json", "merges.txt"),
    *("chat_template.jinja", "generation_config.json"),
    *("LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE", "NOTICE.txt", "USE_POLICY.md"),
)


def export_folder(model: Decoder, source: ModelFolder, out: Path, report: Report = silent) -> None:
    """Write the model to the folder `out`, with the files of `source` that go with it.

    Raises:  Misuse if `out` exists, or a file of the source cannot be read; WriteFailed if the disk does not take it.
    """
    with atomic_folder(out) as folder:
        huggingface.save(model, folder, report)
        for name in KEPT:
            if source.has(name):
                write_atomic(folder / name, source.read(name))
