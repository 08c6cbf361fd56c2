"""A small model of random weights in a folder, with a tokenizer of its own and a chat template."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from glasswright.model import huggingface, ops
from glasswright.model.decoder import Decoder
from glasswright.records.decoder import DecoderConfig
from glasswright.records.model import Model
from glasswright.tokenizer.learn import config, learn

VOCAB = 300
TEMPLATE = "{% for m in messages %}<{{ m.role }}>{{ m.content }}\r\n{% endfor %}{# → #}"
MakeFolder = Callable[..., Path]


@pytest.fixture
def make_folder(tmp_path: Path) -> MakeFolder:
    """Writes the folder; keywords replace the description's."""

    def make(**changes: object) -> Path:
        shape = {"hidden_size": 64, "num_layers": 2, "num_heads": 4, "num_kv_heads": 2, "intermediate_size": 96}
        decoder = DecoderConfig(
            model=Model(**{**shape, **changes}),  # type: ignore[arg-type]
            vocab_size=VOCAB,
            max_positions=128,
            begin_of_text=0,
            ends_of_text=(0,),
        )
        model = Decoder(decoder)
        for purpose, parameter in enumerate(model.parameters()):
            ops.uniform_(parameter, seed=2, purpose=purpose, half_width=0.5)
        folder = tmp_path / "model"
        huggingface.save(model, folder)
        texts = ["the cat and the hat and the bat sat on the mat"] * 50 + [chr(97 + i % 26) * 4 for i in range(500)]
        learn(texts, vocab_size=VOCAB).save(str(folder / "tokenizer.json"))
        said = {**json.loads(config()), "chat_template": "never read: the file goes before it"}
        (folder / "tokenizer_config.json").write_text(json.dumps(said))
        (folder / "chat_template.jinja").write_bytes(TEMPLATE.encode())
        return folder

    return make
