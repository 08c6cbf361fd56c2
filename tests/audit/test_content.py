"""Files weighed against what is claimed of them, and headers that lie, end early or never end."""

import struct
from pathlib import Path

import pytest
from tests.audit.builder import safetensors, write
from tests.audit.models import card, config, fact, gguf, model, report

from glasswright.audit import tensor_headers
from glasswright.audit.tensor_headers import IsPointer, NoHeader, read_header

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 14483498224\n"


def claimed(text: str) -> str:
    """A card that says something of its size."""
    return card("Glade", body=f"\n\n{text}\n")


def listed(root: Path, listing: str) -> Path:
    """A model of which a listing is at hand, and its card."""
    return write(root, {"a__Glade-7B/_TREE.txt": listing, "a__Glade-7B/README.md": card("Glade")})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a__Glade-7B", card("Glade")),
        ("a__Glade", card("Glade 7B")),
        ("a__Glade", claimed("Glade is a model of 1.1 billion parameters.")),
        ("a__Glade", claimed("A 350M-parameter model.")),
    ],
)
def test_files_that_cannot_hold_what_is_claimed_contradict_the_claim(name: str, text: str, tmp_path: Path):
    folder = model(tmp_path, name, text)
    content = fact(folder, "final_parameters.content")
    assert content.status == "refuted"
    assert "files can hold 64" in content.note
    assert {e.rule for e in content.evidence} >= {"content.weights"}
    present = fact(folder, "final_parameters.present")
    assert (present.status, present.gap) == ("unknown", "missing")


def test_files_that_hold_what_is_claimed_are_told(tmp_path: Path):
    folder = model(tmp_path, "a__Glade-0.01M", card("Glade"), model__safetensors=safetensors((100, 100)))
    assert fact(folder, "final_parameters.content").status == "proved"
    assert fact(folder, "final_parameters.present").status == "proved"


def test_of_several_claims_the_least_counts(tmp_path: Path):
    text = claimed("It beats models of 70 billion parameters and has 0.01M parameters.")
    folder = model(tmp_path, "a__Glade-7B", text, model__safetensors=safetensors((100, 100)))
    assert fact(folder, "final_parameters.content").status == "proved"


def test_checkpoints_from_during_training_are_no_final_weights(tmp_path: Path):
    folder = model(tmp_path, "a__Glade-0.01M", card("Glade"))
    write(folder, {"a__Glade-0.01M/checkpoints/step-1/model.safetensors": safetensors((100, 100))})
    assert fact(folder, "final_parameters.content").status == "refuted"


def test_a_header_that_claims_more_than_its_file_has_bits_is_not_believed(tmp_path: Path):
    header = b'{"w":{"dtype":"F32","shape":[7000000000],"data_offsets":[0,28000000000]}}'
    lying = struct.pack("<Q", len(header)) + header
    folder = model(tmp_path, "a__Glade-7B", card("Glade"), model__safetensors=lying)
    assert fact(folder, "final_parameters.content").status == "refuted"


def test_whole_numbers_may_hold_several_parameters_each(tmp_path: Path):
    packed = safetensors((1250,), dtype="I32")  # 4 bits a parameter: 10,000
    folder = model(tmp_path, "a__Glade-0.01M", card("Glade"), model__safetensors=packed)
    assert fact(folder, "final_parameters.content").status == "proved"


def test_an_adapter_is_smaller_than_what_it_is_for(tmp_path: Path):
    adapter = config(base_model_name_or_path="mistralai/Mistral-7B-v0.1")
    folder = model(tmp_path, "a__Glade-7B-lora", card("Glade"), adapter_config__json=adapter)
    assert fact(folder, "final_parameters.content").status == "unknown"
    assert fact(folder, "final_parameters.present").status == "proved"


@pytest.mark.parametrize("name", ["a__EAGLE-Glade-7B", "a__Glade-7B-Speculator", "a__Glade-7B-SAE", "a__Glade-7B-LoRA"])
def test_what_is_put_on_a_model_is_called_so(name: str, tmp_path: Path):
    folder = model(tmp_path, name, card("Glade"))
    assert fact(folder, "final_parameters.content").status == "unknown"
    assert fact(folder, "final_parameters.present").status == "unknown"


def test_a_config_of_a_small_model_contradicts_the_claim_of_a_large_one(tmp_path: Path):
    sizes = config(hidden_size=64, num_hidden_layers=2, vocab_size=1000)
    listing = "14483498224\tmodel.safetensors\n90\tconfig.json\n"
    write(
        tmp_path,
        {"a__Glade-7B/_TREE.txt": listing, "a__Glade-7B/config.json": sizes, "a__Glade-7B/README.md": card("Glade")},
    )
    content = fact(tmp_path, "final_parameters.content")
    assert content.status == "refuted"
    assert content.evidence[-1].file == "a__Glade-7B/config.json"


@pytest.mark.parametrize(
    "sizes",
    [
        config(hidden_size=2048, num_hidden_layers=16, vocab_size=50304, num_local_experts=64),
        config(text_config={"hidden_size": 64}),
        config(hidden_size="64", num_hidden_layers=2, vocab_size=1000),
        "{",
        "[" * 100_000,
        '{"hidden_size": ' + "9" * 5000 + "}",
    ],
)
def test_a_config_whose_shape_is_not_computed_contradicts_nothing(sizes: str, tmp_path: Path):
    listing = "14483498224\tmodel.safetensors\n90\tconfig.json\n"
    write(tmp_path, {"a__Glade-7B/_TREE.txt": listing, "a__Glade-7B/config.json": sizes})
    assert fact(tmp_path, "final_parameters.content").status == "proved"


def test_bytes_in_a_listing_are_weights_that_are_listed(tmp_path: Path):
    write(
        tmp_path, {"a__Glade-7B/_TREE.txt": "14483498224\tmodel.safetensors\n", "a__Glade-7B/README.md": card("Glade")}
    )
    assert fact(tmp_path, "final_parameters.present").status == "proved"
    assert fact(tmp_path, "final_parameters.content").status == "proved"


def test_a_listing_without_sizes_contradicts_nothing(tmp_path: Path):
    listed(tmp_path, "?\tmodel.safetensors\n")
    assert fact(tmp_path, "final_parameters.content").status == "unknown"
    assert fact(tmp_path, "final_parameters.present").status == "proved"


def test_a_listing_may_name_the_sizes_of_pointers(tmp_path: Path):
    listed(tmp_path, "134\tmodel-00001-of-00001.safetensors\n")
    assert fact(tmp_path, "final_parameters.content").status == "unknown"
    assert fact(tmp_path, "final_parameters.present").status == "proved"


def test_weights_behind_a_pointer_are_elsewhere_and_not_missing(tmp_path: Path):
    folder = model(tmp_path, "a__Glade-7B", card("Glade"), model__safetensors=POINTER)
    present = fact(folder, "final_parameters.present")
    assert (present.status, present.gap) == ("unknown", "unreachable")
    assert fact(folder, "final_parameters.content").status == "unknown"


def test_empty_weights_are_none(tmp_path: Path):
    folder = model(tmp_path, "a__Glade", card("Glade"), model__safetensors=b"")
    present = fact(folder, "final_parameters.present")
    assert (present.status, present.gap) == ("unknown", "missing")


def test_weights_that_lie_elsewhere_by_a_link_are_linked(tmp_path: Path):
    text = claimed("Download the weights from [the hub](https://huggingface.co/a/Glade).")
    folder = model(tmp_path, "a__Glade", text, model__safetensors=POINTER)
    present = fact(folder, "final_parameters.present")
    assert (present.status, present.value) == ("proved", "linked")


def test_a_part_that_the_numbering_promises_and_the_listing_lacks_is_told(tmp_path: Path):
    listing = "".join(f"9000000000\tmodel-0000{n}-of-00003.safetensors\n" for n in (1, 3))
    listed(tmp_path, listing)
    content = fact(tmp_path, "final_parameters.content")
    assert content.status == "refuted"
    assert "model-00002-of-00003.safetensors" in content.note


def test_all_parts_are_no_missing_part(tmp_path: Path):
    listing = "".join(f"9000000000\tmodel-0000{n}-of-00003.safetensors\n" for n in (1, 2, 3))
    listed(tmp_path, listing)
    assert fact(tmp_path, "final_parameters.content").status == "proved"


@pytest.mark.parametrize(("second", "status"), [((64,), "unknown"), ((65,), "proved")])
def test_checkpoints_that_are_equal_show_no_training(second: tuple[int, ...], status: str, tmp_path: Path):
    folder = model(tmp_path, "a__Glade", card("Glade"))
    for step, shape in ((1000, (64,)), (2000, second)):
        write(folder, {f"a__Glade/checkpoints/step-{step}/model.safetensors": safetensors(shape)})
    assert fact(folder, "intermediate_parameters.present").status == status


def test_a_data_set_of_empty_files_is_no_data(tmp_path: Path):
    head = "---\nlicense: cc-by-4.0\ntask_categories:\n- text-generation\n---\n\n# corpus\n"
    files: dict[str, str | bytes] = {"a__corpus/README.md": head, "a__corpus/data/train.parquet": b"PAR1" * 100}
    assert fact(write(tmp_path / "full", files), "datasets_base.present").status == "proved"
    files["a__corpus/data/train.parquet"] = b""
    assert fact(write(tmp_path / "empty", files), "datasets_base.present").status == "unknown"


def test_a_data_set_far_too_small_for_its_tokens_is_no_data(tmp_path: Path):
    head = "---\nlicense: cc-by-4.0\ntask_categories:\n- text-generation\n---\n\n# corpus\n\nIt has 300B tokens.\n"
    files: dict[str, str | bytes] = {"a__corpus/README.md": head, "a__corpus/data/train.parquet": b"PAR1" * 100}
    found = fact(write(tmp_path, files), "datasets_base.present")
    assert found.status == "unknown"
    assert "300 billion tokens are claimed" in found.note


def read(folder: Path, data: bytes) -> tensor_headers.Header:
    """The header of a file of these bytes."""
    write(folder, {"w": data})
    return read_header("w", folder)


def test_a_gguf_says_its_metadata_and_its_parameters(tmp_path: Path):
    header = read(tmp_path, gguf({"general.license": "mit"}, [(10, 20), (5,)]))
    assert (header.num_parameters, dict(header.metadata)) == (205, {"general.license": "mit"})


def test_lists_in_a_gguf_are_passed_over(tmp_path: Path):
    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    numbers = text("a") + struct.pack("<IIQ", 9, 4, 3) + b"\0" * 12
    words = text("b") + struct.pack("<IIQ", 9, 8, 2) + text("x") + text("y")
    last = text("general.license") + struct.pack("<I", 8) + text("mit")
    header = read(tmp_path, b"GGUF" + struct.pack("<IQQ", 3, 0, 3) + numbers + words + last)
    assert header.metadata == (("general.license", "mit"),)


ONE_KEY = b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"a"
ONE_TENSOR = b"GGUF" + struct.pack("<IQQQ", 3, 1, 0, 1) + b"a"
HOSTILE = {
    "empty": b"",
    "cut before its length": b"\0\0\0",
    "a length beyond the file": struct.pack("<Q", 100) + b"{}",
    "a length without end": b"\xff" * 8 + b"{}",
    "no JSON": struct.pack("<Q", 2) + b"{{",
    "JSON without end": struct.pack("<Q", 200_000) + b"[" * 200_000,
    "no object": struct.pack("<Q", 2) + b"[]",
    "no shape": struct.pack("<Q", 9) + b'{"w":"x"}',
    "a negative shape": struct.pack("<Q", 20) + b'{"w":{"shape":[-1]} }',
    "a shape of words": struct.pack("<Q", 22) + b'{"w":{"shape":["1"]}} ',
    "a shape of a huge number": struct.pack("<Q", 6016) + b'{"w":{"shape":[' + b"9" * 5998 + b"]}}",
    "GGUF and nothing": b"GGUF",
    "GGUF of another version": b"GGUF" + struct.pack("<IQQ", 99, 0, 0),
    "GGUF of tensors without end": b"GGUF" + struct.pack("<IQQ", 3, 2**63, 0),
    "GGUF of keys without end": b"GGUF" + struct.pack("<IQQ", 3, 0, 2**63),
    "GGUF with a text without end": b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**62),
    "GGUF with a value of no kind": ONE_KEY + struct.pack("<I", 77),
    "GGUF with lists in lists": ONE_KEY + struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * 50,
    "GGUF with a list without end": ONE_KEY + struct.pack("<IIQ", 9, 4, 2**62),
    "GGUF with a tensor of many sides": ONE_TENSOR + struct.pack("<I", 2**31),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_header_is_none(name: str, tmp_path: Path):
    with pytest.raises(NoHeader):
        read(tmp_path, HOSTILE[name])


def test_a_header_of_more_things_than_are_read_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("glasswright.foreign.gguf.MAX_TENSORS", 1)
    assert read(tmp_path, gguf({"a": "b", "c": "d"}, [(1,)])).metadata
    with pytest.raises(NoHeader, match="at most 1 are looked at"):
        read(tmp_path, gguf({"a": "b", "c": "d"}, [(1,)] * 2))


def test_lists_in_lists_are_entered_so_far(tmp_path: Path):
    with pytest.raises(NoHeader, match="more than 4 deep"):
        read(tmp_path, HOSTILE["GGUF with lists in lists"])


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_header_ends_no_audit(name: str, tmp_path: Path):
    folder = model(tmp_path, "a__Glade-7B", card("Glade"), model__safetensors=HOSTILE[name], x__gguf=HOSTILE[name])
    assert report(folder).osaid.status == "unknown"


@pytest.mark.parametrize("data", [gguf({"general.license": "mit"}, [(10, 20)]), safetensors((64,))], ids=["gguf", "st"])
def test_a_header_that_is_cut_anywhere_is_none(data: bytes, tmp_path: Path):
    end = len(data) if data[:4] == b"GGUF" else 8 + int.from_bytes(data[:8], "little")
    for length in range(end):
        with pytest.raises(NoHeader):
            read(tmp_path, data[:length])


def test_a_pointer_is_told_from_a_header(tmp_path: Path):
    with pytest.raises(IsPointer):
        read(tmp_path, POINTER)


def test_a_case_that_went_wrong_is_not_proved(shared_data: Path):
    folder = shared_data / "cases/audit/f2-fully-open"
    if not folder.is_dir():
        pytest.skip("did not run: no f2-fully-open in the shared data")
    found = report(folder)
    assert found.osaid.status == "unknown"
    assert found.osaid.requirements["parameters"].status == found.osaid.requirements["code"].status == "unknown"
    assert found.label.ours == "unknown"
