"""Unsafe files in a model folder, found without loading any of them.

    pickles      opcodes that would import or call something when the file is loaded
    tensors      safetensors whose header does not describe the bytes behind it
    archives     members of zip and tar files that would land outside the folder they are unpacked in
    remote code  Python that a config asks to be run through `trust_remote_code`

Every file is one finding: PROVED safe against what was looked for, REFUTED, or UNKNOWN where it could not be read.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from glasswright.audit.scan.archives import scan_archive
from glasswright.audit.scan.pickles import scan_pickle
from glasswright.audit.scan.remote_code import scan_config
from glasswright.audit.scan.tensors import scan_safetensors
from glasswright.errors import Misuse
from glasswright.records.verdict import Answer, Finding, Verdict

PICKLES = (".pkl", ".pickle", ".bin", ".pt", ".pth", ".ckpt", ".joblib", ".dat", ".data", ".npy", ".npz")
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".npz", ".pt", ".pth", ".keras", ".whl")
CONFIGS = (
    "config.json",
    "tokenizer_config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "generation_config.json",
)
NOT_CHECKED = (
    "code in other formats: ONNX custom operators, TensorFlow SavedModel graphs, Keras Lambda layers, GGUF templates",
    "whether the weights themselves were made to misbehave: no scan of files can tell",
)


def scan_path(path: Path) -> Verdict:
    """Look at a file, or at every file below a folder.

    Raises:  Misuse if there is nothing at `path`.
    """
    if not path.exists():
        raise Misuse(f"{path}: nothing is there", hint="give a model folder or one of its files")
    findings = tuple(finding for file in _files(path) for finding in _scan_file(file, path))
    if not findings:
        findings = (
            Finding(claim="no file is unsafe", answer=Answer.PROVED, evidence=f"{path}: no file of a kind that can be"),
        )
    return Verdict(subject=str(path), findings=findings, not_checked=NOT_CHECKED)


def _files(path: Path) -> Iterator[Path]:
    """Files in order; links are not followed, so that a circle of links ends."""
    if path.is_file():
        yield path
        return
    for folder, subfolders, names in os.walk(path, followlinks=False):
        subfolders.sort()
        yield from (Path(folder) / name for name in sorted(names) if not (Path(folder) / name).is_symlink())


def _scan_file(file: Path, root: Path) -> Iterator[Finding]:
    name = file.name.lower()
    shown = file.relative_to(root).as_posix() if file != root else file.name
    if name.endswith(".safetensors"):
        yield scan_safetensors(file, shown)
    if name.endswith(ARCHIVES):
        finding = scan_archive(file, shown)
        if finding is not None:
            yield finding
    if name.endswith(PICKLES):
        finding = scan_pickle(file, shown)
        if finding is not None:
            yield finding
    if name in CONFIGS:
        yield from scan_config(file, shown)
