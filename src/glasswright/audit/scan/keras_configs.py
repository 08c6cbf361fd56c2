"""What the config of a Keras model asks for: layers that hold code, functions, classes, vocabularies elsewhere."""

import re
from collections.abc import Iterator
from typing import Any

from glasswright.audit.scan.config_wrongs import Wrong, is_of, refuted, unknown

KERAS = ("keras", "keras_cv", "keras_hub", "keras_nlp", "tf_keras", "builtins", "tensorflow", "numpy", "dtype")
KERAS_CODE = {
    "Lambda": "holds Python bytecode",
    "__lambda__": "holds Python bytecode",
    "TorchModuleWrapper": "loads a pickle of torch",
    "TFSMLayer": "loads a SavedModel from another place",
    "JaxLayer": "holds code",
    "FlaxLayer": "holds code",
}
KERAS_FUNCTIONS = re.compile(r"(tf_)?keras(\.src)?\.(activations|initializers|losses|metrics|regularizers|ops)\b.*")
KERAS_VOCABULARIES = ("StringLookup", "IntegerLookup", "IndexLookup", "TextVectorization", "Hashing")
TENSORFLOW_FILES = re.compile(
    r"(tf\.)?(io|raw_ops|data|saved_model|train)\..*|.*(py_function|numpy_function|py_func).*"
)
BUILT_IN_CODE = ("eval", "exec", "compile", "open", "getattr", "setattr", "__import__", "input", "breakpoint")


def keras(found: dict[str, Any]) -> Iterator[Wrong]:
    """What an object with a class and its config asks for."""
    name, module, config = found["class_name"], found.get("module"), found.get("config")
    if not isinstance(name, str):
        return
    if name.rpartition(">")[2] in KERAS_CODE:
        yield refuted(f"{name[:80]} {KERAS_CODE[name.rpartition('>')[2]]}")
    if isinstance(module, str) and not is_of(module, KERAS):
        yield refuted(f"{name[:80]} is imported from {module[:120]}")
    elif isinstance(module, str) and name == "function" and "config" in found:
        yield from _keras_function(module, config)
    elif ">" in name or ">" in str(found.get("registered_name") or ""):
        yield unknown(f"{name[:80]} is a class that the reader must register")
    if isinstance(config, dict):
        yield from _keras_config(name, config)


def _keras_function(module: str, config: Any) -> Iterator[Wrong]:
    told = f"it asks for the function {module[:80]}.{str(config)[:80]}"
    is_of_keras = module == "builtins" or KERAS_FUNCTIONS.fullmatch(module)
    if not is_of_keras or not isinstance(config, str) or "." in config or config in BUILT_IN_CODE:
        yield refuted(told)


def _keras_config(name: str, config: dict[str, Any]) -> Iterator[Wrong]:
    vocabulary = config.get("vocabulary")
    if name in KERAS_VOCABULARIES and isinstance(vocabulary, str):
        yield refuted(f"{name} reads its vocabulary from {vocabulary[:120]}")
    function = config.get("function")
    if name in ("TFOpLambda", "SlicingOpLambda") and isinstance(function, str) and TENSORFLOW_FILES.fullmatch(function):
        yield refuted(f"{name} calls {function[:120]}")
