"""`glasswright derive` as it is typed: what it makes, what it refuses, and that nothing leaves the machine."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.corpus.hub_server import DATASET, REVISION, Hub, serving

from glasswright.recipe import load

# Refuses, and says, every attempt to reach another machine; what libraries do below Python the namespace refuses.
NO_SOCKET = """
import socket, sys
def hook(event, arguments):
    reaches = event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
    if reaches or (event == "socket.__new__" and arguments[1] in (socket.AF_INET, socket.AF_INET6)):
        print("REACHED OUT:", event, arguments, file=sys.stderr)
        raise OSError(f"this test allows no socket: {event}")
sys.addaudithook(hook)
from glasswright.cli.app import run
sys.exit(run(sys.argv[1:]))
"""
LICENSES = ("--license", "CC0-1.0", "--parent-license", "CC0-1.0", "--weights-license", "CC0-1.0")


@pytest.fixture
def parent(small: Path, tmp_path: Path) -> Path:
    """A release to derive from, and notes to learn, in the folder where the command is typed."""
    (tmp_path / "notes").mkdir()
    for number in range(9):
        text = " ".join(f"The mole counted {number * day} lanterns on day {day}." for day in range(12))
        (tmp_path / "notes" / f"{number}.md").write_text(f"# Note {number}\n\n{text}\n")
    return Path(shutil.copytree(small / "releases" / "small", tmp_path / "parent"))


def test_a_derivation_needs_no_network(parent: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    """In a network namespace of its own, which has no interface, and with every socket of Python refused."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
        pytest.skip("did not run: no network namespace can be made here")
    words = ["derive", parent, "--documents", "notes", *LICENSES, "--out", "child", "--rank", "2"]
    command = ["unshare", "-rn", sys.executable, "-c", NO_SOCKET, *map(str, words)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "REACHED OUT" not in done.stderr
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "child" / "parents.json").is_file()


def test_a_socket_would_be_noticed(tmp_path: Path, environment: dict[str, str]) -> None:
    """The sabotage twin."""
    code = NO_SOCKET.replace("from glasswright.cli.app import run", "socket.create_connection(('::1', 9))")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert "REACHED OUT" in done.stderr


def test_a_plan_writes_the_recipe_and_stops(parent: Path, tmp_path: Path, in_process: Run) -> None:
    done = in_process("derive", parent, "--documents", "notes", *LICENSES, "--out", "child", "--plan")
    assert done.returncode == 0, done.stderr
    assert "learns texts into an adapter of rank 16" in done.stderr
    assert "steps of" in done.stderr
    recipe = (tmp_path / "child.yaml").read_text()
    assert "parent:\n  name: small\n" in recipe
    assert not (tmp_path / "child").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*LICENSES], "expected one of --documents, --conversations and --preferences, found none"),
        (["--documents", "notes", "--conversations", "x.jsonl", *LICENSES], "and --preferences, found 2"),
        (["--documents", "notes"], "expected --license, found none"),
        (["--documents", "nowhere", *LICENSES], "nowhere: no such file or folder"),
        (["--conversations", "nowhere.jsonl", *LICENSES], "nowhere.jsonl: no such file or folder"),
        (["--documents", "notes", *LICENSES, "--name", "a name"], "name: string should match pattern"),
        (["--documents", "notes", *LICENSES, "--parent-name", "a name"], "name: string should match pattern"),
        (["--documents", "notes", *LICENSES, "--license", "CC BY"], "--license CC BY: expected an SPDX expression"),
        (["--documents", "notes", *LICENSES, "--license", "CC-BY-NC-4.0"], "no document is kept under it"),
        (["--documents", "notes", *LICENSES, "--parent-license", "mine"], "of the parent mine: expected an SPDX"),
        (["--documents", "notes", *LICENSES, "--weights-license", "mine"], "weights license mine: expected an SPDX"),
        (["--documents", "notes", *LICENSES, "--too-long", "cut"], "expected for conversations and preferences only"),
        (["--documents", "notes", *LICENSES, "--rank", "0"], "invalid value for '--rank'"),
        (["--documents", "notes", *LICENSES, "--out", "notes"], "notes: exists already"),
    ],
)
def test_what_cannot_be_derived_is_told(parent: Path, in_process: Run, words: list[str], said: str) -> None:
    done = in_process("derive", parent, *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_folder_that_is_no_model_is_told(tmp_path: Path, in_process: Run) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes").mkdir()
    done = in_process("derive", "empty", "--documents", "notes", *LICENSES)
    assert done.returncode == 2
    assert "config.json: no such file" in done.stderr


def test_conversations_for_a_parent_without_a_chat_template_are_refused(
    parent: Path, tmp_path: Path, in_process: Run
) -> None:
    said = [[("user", f"{number}?"), ("assistant", f"{number}.")] for number in range(9)]
    rows = [{"messages": [{"role": role, "content": content} for role, content in turns]} for turns in said]
    (tmp_path / "talks.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = in_process("derive", parent, "--conversations", "talks.jsonl", *LICENSES)
    assert done.returncode == 2
    assert "chat template" in done.stderr


@pytest.fixture
def hub(parent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The parent's model as a hub has it, with a pickle and a picture beside it."""
    from huggingface_hub import constants

    files = {path.name: path.read_bytes() for path in (parent / "model").iterdir()}
    others = {
        "pytorch_model.bin": b"\x80",
        "a.png": b"\x89PNG",
        "original/model.safetensors": b"?",
        "LICENSE": b"CC0\n",
    }
    with serving(files | others, "models") as served:
        monkeypatch.setattr(constants, "ENDPOINT", served.endpoint)
        template = served.endpoint + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
        yield served


OF_HUB = ("derive", f"hf:{DATASET}@{REVISION}", "--documents", "notes", *LICENSES, "--plan")


def test_a_parent_of_the_hub_is_fetched_at_its_commit_and_then_there(hub: Hub, tmp_path: Path, in_process: Run) -> None:
    done = in_process(*OF_HUB, "--out", "child")
    assert done.returncode == 0, done.stderr
    recipe = (tmp_path / "child.yaml").read_text()
    assert f"parent:\n  name: {DATASET}\n" in recipe
    assert f'  revision: "{REVISION}"\n' in recipe
    folder = tmp_path / ".glasswright" / "parents" / f"{DATASET.replace('/', '--')}@{REVISION}"
    assert sorted(hub.fetched()) == sorted(path.name for path in folder.iterdir())
    assert {"LICENSE", "model.safetensors"} <= set(hub.fetched())
    assert not {"pytorch_model.bin", "a.png", "original/model.safetensors"} & set(hub.fetched())
    hub.refuse = (503, "")
    assert in_process(*OF_HUB, "--out", "again").returncode == 0


@pytest.mark.usefixtures("hub")
def test_a_file_of_the_hub_that_was_changed_here_is_fetched_again(tmp_path: Path, in_process: Run) -> None:
    assert in_process(*OF_HUB, "--out", "child").returncode == 0
    (path,) = (tmp_path / ".glasswright" / "parents").glob("*/LICENSE")
    path.write_text("MIT\n")
    assert in_process(*OF_HUB, "--out", "again").returncode == 0
    assert path.read_text() == "CC0\n"


def test_a_parent_of_the_hub_is_refused_that_is_not_what_the_commit_lists(hub: Hub, in_process: Run) -> None:
    hub.served["model.safetensors"] = bytes(len(hub.files["model.safetensors"]))
    done = in_process(*OF_HUB)
    assert done.returncode == 1
    assert "model.safetensors: recorded sha256" in done.stderr


@pytest.mark.parametrize("revision", ["", "@main", "@0123"])
def test_of_a_parent_of_the_hub_without_its_commit_the_one_to_pin_is_told(
    hub: Hub, in_process: Run, revision: str
) -> None:
    words = ("derive", f"hf:{DATASET}{revision}", "--documents", "notes", *LICENSES)
    done = in_process(*words)
    assert done.returncode == 2
    assert f"its main branch is at hf:{DATASET}@{REVISION}" in done.stderr
    hub.refuse = (404, "RepoNotFound")
    done = in_process(*words)
    assert f"`git ls-remote https://huggingface.co/{DATASET}`" in done.stderr


def test_a_parent_is_called_as_it_is_told(parent: Path, tmp_path: Path, in_process: Run) -> None:
    words = ("--documents", "notes", *LICENSES, "--parent-name", "org/Mole", "--out", "child", "--plan")
    assert in_process("derive", parent, *words).returncode == 0
    assert "parent:\n  name: org/Mole\n" in (tmp_path / "child.yaml").read_text()


def test_a_parent_whose_tokens_nobody_could_check_is_refused_before_any_work(
    parent: Path, tmp_path: Path, in_process: Run
) -> None:
    folder = parent / "model"  # as one of Hugging Face's
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["model"]["byte_fallback"] = True
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    done = in_process("derive", folder, "--documents", "notes", *LICENSES, "--out", "child")
    assert done.returncode == 2
    assert "model.byte_fallback: true: not read here" in done.stderr
    assert not (tmp_path / "child").exists()
    assert not (tmp_path / "child.yaml").exists()


def test_at_its_end_it_says_what_the_license_leaves_to_do_and_how_it_is_built_again(
    parent: Path, tmp_path: Path, in_process: Run
) -> None:
    licenses = ("--license", "CC0-1.0", "--parent-license", "Apache-2.0", "--weights-license", "Apache-2.0")
    done = in_process("derive", parent, "--documents", "notes", *licenses, "--rank", "1", "--out", "child")
    assert done.returncode == 0, done.stderr
    assert "left to do: " in done.stderr
    assert "the parent's folder has no text of Apache-2.0: put it there as LICENSE" in done.stderr
    again = f"or `glasswright rebuild child --parent {parent}`"
    assert again in done.stderr
    shutil.rmtree(tmp_path / "child")
    words = ("--parent", parent, "--source", "notes=notes", "--out", "child")
    done = in_process("build", "child.yaml", *words)
    assert done.returncode == 0, done.stderr
    assert again in done.stderr


TEMPLATE = "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}" + (
    "{% if add_generation_prompt %}assistant: {% endif %}"
)


@pytest.fixture
def talker(parent: Path) -> Path:
    """The parent's model with a chat template."""
    settings = parent / "model" / "tokenizer_config.json"
    settings.write_text(json.dumps({**json.loads(settings.read_bytes()), "chat_template": TEMPLATE}))
    return parent / "model"


def write_talks(path: Path, talks: list[list[tuple[str, str]]], **more: object) -> None:
    rows = [{"messages": [{"role": role, "content": said} for role, said in turns], **more} for turns in talks]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_a_conversation_longer_than_the_context_is_refused_or_cut_as_asked_and_counted(
    talker: Path, tmp_path: Path, in_process: Run
) -> None:
    long = "And so on. " * 99
    write_talks(
        tmp_path / "talks.jsonl", [[("user", f"{n}?"), ("assistant", long if n == 3 else ".")] for n in range(9)]
    )
    words = ("derive", talker, "--conversations", "talks.jsonl", *LICENSES, "--out", "child", "--plan")
    done = in_process(*words)
    assert done.returncode == 2
    assert "1 conversations are longer than" in done.stderr
    assert "(talks:talks.jsonl#4)" in done.stderr
    assert "--too-long" in done.stderr
    done = in_process(*words, "--too-long", "cut")
    assert done.returncode == 0, done.stderr
    assert "too_long: cut" in (tmp_path / "child.yaml").read_text()
    assert ": 1 cut" in done.stderr


def test_a_recipe_that_was_made_can_be_read_again_under_the_license_of_its_parent(
    parent: Path, tmp_path: Path, in_process: Run
) -> None:
    """As of Llama, whose license SPDX does not know."""
    words = ("--documents", "notes", "--license", "CC0-1.0", "--parent-license", "llama3.1", "--name", "llama-notes")
    assert in_process("derive", parent, *words, "--out", "child", "--plan").returncode == 0
    assert load(tmp_path / "child.yaml").weights_license == "LicenseRef-llama3.1"
