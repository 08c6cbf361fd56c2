"""Three answers and no fourth; the right exit code for each; nothing imported that built the release."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.attacks.forging import change, flip_bit, read, relist
from tests.release.small import RECIPE

from glasswright.errors import Misuse
from glasswright.records.canonical import digest
from glasswright.records.progress import Progress
from glasswright.records.release import Roots
from glasswright.records.verdict import Answer, Verdict
from glasswright.verify import check
from glasswright.verify.check import STEPS

BUILDERS = {"numpy", "torch", "pyarrow", "safetensors", "tokenizers", "transformers", "daft"}
OURS = {
    "cli",
    "errors",
    "tree",
    "foreign",
    "records",
    "attest",
    "licenses",
    "kernels",
    "chat",
    "verify",
}  # parts of this package that `glasswright verify` may load


def test_a_true_release_is_proved_and_says_what_was_not_checked(true_release: Path) -> None:
    verdict = check(true_release)
    assert verdict.answer is Answer.PROVED
    assert verdict.answer.exit_code == 0
    assert any("signatures" in line for line in verdict.not_checked)
    assert any("glasswright replay" in line for line in verdict.not_checked)
    assert any(
        line.startswith("what is in LICENSE, README.md, code, corpus/ab2013.md, corpus/croissant.json,")
        for line in verdict.not_checked
    )


def test_what_is_listed_but_read_by_no_step_is_named(release: Path) -> None:
    (release / "evaluation").mkdir()
    (release / "evaluation" / "report.json").write_text("{}")
    relist(release)
    verdict = check(release)
    assert verdict.answer is Answer.PROVED
    assert verdict.not_checked[-1].startswith("what is in LICENSE, README.md, code, corpus/ab2013.md,")
    assert "evaluation, model/README.md" in verdict.not_checked[-1]


def test_threads_do_not_change_the_verdict(release: Path) -> None:
    flip_bit(release / "model" / "model.safetensors", 5000)
    assert check(release, num_threads=1) == check(release, num_threads=4)


def test_every_byte_is_counted_once(true_release: Path) -> None:
    seen: list[Progress] = []
    check(true_release, num_threads=2, report=seen.append)
    assert seen[-1].done == seen[-1].total


@pytest.mark.parametrize("what", ["absent", "a file", "an empty folder"])
def test_what_is_no_release_is_misuse(tmp_path: Path, what: str) -> None:
    path = tmp_path / "x"
    if what == "a file":
        path.write_text("release.json")
    if what == "an empty folder":
        path.mkdir()
    with pytest.raises(Misuse) as caught:
        check(path)
    assert caught.value.exit_code == 2
    assert "release.json" in str(caught.value.hint)


def test_a_disk_error_is_unknown(true_release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "preadv", _broken_disk)
    verdict = check(true_release)
    assert verdict.answer is Answer.UNKNOWN
    assert verdict.answer.exit_code == 3
    assert "Input/output error" in _evidence(verdict, "bytes")


def test_a_file_that_may_not_be_read_is_unknown(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def refusing(path: Path, *arguments: int, **within: int) -> int:
        if str(path).endswith("ledger.parquet"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return opened(path, *arguments, **within)

    monkeypatch.setattr(os, "open", refusing)
    verdict = check(release)
    assert verdict.answer is Answer.UNKNOWN
    assert "ledger.parquet: cannot be read: Permission denied" in _evidence(verdict, "ledger")
    assert "rests on the ledger" in _evidence(verdict, "documents")


def test_a_refutation_outweighs_what_could_not_be_read(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(release / "release.json", lambda top: top.update(root="0" * 64))
    monkeypatch.setattr(os, "preadv", _broken_disk)
    assert check(release).answer is Answer.REFUTED


def test_a_release_of_a_later_schema_is_unknown(release: Path) -> None:
    change(release / "release.json", lambda top: top.update(schema="glasswright/release/3", trust={}))
    verdict = check(release)
    assert verdict.answer is Answer.UNKNOWN
    assert "schema glasswright/release/3" in _evidence(verdict, "root")


def test_a_later_schema_written_over_this_one_s_is_refuted(release: Path) -> None:
    """The schema is under the root: a release that is of this schema in all but the name was edited."""
    change(release / "release.json", lambda top: top.update(schema="glasswright/release/3"))
    assert check(release).answer is Answer.REFUTED


def test_a_part_that_this_version_does_not_know_is_unknown(release: Path) -> None:
    parts = read(release / "release.json")["parts"]
    relist(release, Roots(numerics=1, parts={**parts, "evaluation": "0" * 64}))
    verdict = check(release)
    assert verdict.answer is Answer.UNKNOWN
    assert "evaluation: this version does not know this part" in _evidence(verdict, "root")


def test_a_part_left_out_is_refuted(release: Path) -> None:
    parts = read(release / "release.json")["parts"]
    relist(release, Roots(numerics=1, parts={name: root for name, root in parts.items() if name != "model"}))
    assert check(release).answer is Answer.REFUTED


def test_a_verdict_is_about_the_release_root_and_names_places(release: Path) -> None:
    root = read(release / "release.json")["root"]
    flip_bit(release / "checkpoints" / "state-00000002.safetensors", -1)
    relist(release)
    verdict = check(release)
    assert verdict.subject == f"release root {root}"
    (place,) = [finding.place for finding in verdict.findings if finding.place]
    assert place == {"tensor": "muon.momentum.model.layers.0.self_attn.v_proj.weight"}


def test_a_recipe_of_an_earlier_version_keeps_its_digest(release: Path) -> None:
    path = release / "recipe.yaml"
    path.write_text(path.read_text().replace("seed: 0\n", ""))
    parts = read(release / "release.json")["parts"]
    resolved = {key: value for key, value in RECIPE.resolved().items() if key != "seed"}
    relist(release, Roots(numerics=1, parts={**parts, "recipe": digest(resolved)}))
    verdict = check(release)
    assert verdict.answer is Answer.PROVED
    assert _evidence(verdict, "recipe").endswith("keys of this version that it does not have: seed")


@pytest.mark.parametrize(("old", "new"), [("seed: 0", "seed: 0\nlater: 1"), ("numerics: 1", "numerics: 3")])
def test_a_recipe_of_a_later_version_is_unknown(release: Path, old: str, new: str) -> None:
    path = release / "recipe.yaml"
    path.write_text(path.read_text().replace(old, new))
    relist(release)
    assert check(release).answer is Answer.UNKNOWN


def test_a_record_that_cannot_be_read_is_said_once(release: Path) -> None:
    (release / "release.json").write_text("{")
    verdict = check(release)
    assert [finding.answer for finding in verdict.findings].count(Answer.REFUTED) == 1


def test_the_checker_imports_nothing_that_built(true_release: Path) -> None:
    program = (
        "import json, pathlib, sys\n"
        "from glasswright.verify import check, diff\n"
        "import glasswright.verify.lookup\n"
        "assert check(pathlib.Path(sys.argv[1])).answer.name == 'PROVED'\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(true_release)], env=_env(), capture_output=True, text=True, check=True
    )
    modules = json.loads(done.stdout)
    assert not BUILDERS & {name.split(".")[0] for name in modules}
    ours = {name.split(".")[1] for name in modules if name.startswith("glasswright.")}
    assert ours <= OURS


@pytest.mark.parametrize(("edit", "exit_code"), [(None, 0), ("flip", 1), ("remove", 2)])
def test_the_command_exits_with_the_answer(release: Path, edit: str | None, exit_code: int) -> None:
    if edit == "flip":
        flip_bit(release / "model" / "model.safetensors", -1)
    if edit == "remove":
        shutil.rmtree(release)
    command = [sys.executable, "-m", "glasswright.cli", "verify", str(release), "--json"]
    done = subprocess.run(command, env=_env(), capture_output=True, text=True, check=False)
    assert done.returncode == exit_code, done.stderr
    if exit_code < 2:
        assert json.loads(done.stdout)["answer"] == Answer(("proved", "refuted")[exit_code]).value


def _broken_disk(descriptor: int, buffers: list[memoryview], offset: int) -> int:  # noqa: ARG001
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def _evidence(verdict: Verdict, step: str) -> str:
    return dict(zip((step.name for step in STEPS), verdict.findings, strict=True))[step].evidence


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
