"""What configs ask a loader to do, key by key: Python to import or run, files to read elsewhere.

A rule looks at every object that has all of its keys, at any depth, in JSON and YAML alike. Its examples are tests.
"""

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from glasswright.audit.scan.config_wrongs import Rule, Wrong, is_of, leaves, refuted, texts, unknown
from glasswright.audit.scan.keras_configs import keras
from glasswright.audit.scan.pickle_names import judged
from glasswright.audit.scan.pickle_values import Name
from glasswright.records.verdict import Answer

# Libraries whose own classes a config may name: what it names there was installed by the reader, not by the folder.
LIBRARIES = """accelerate diffusers flax jax keras keras_cv keras_hub keras_nlp lightning megatron mlflow nemo numpy
onnxruntime optimum peft pytorch_lightning scipy sentence_transformers sklearn tensorflow tf_keras timm tokenizers torch
torchaudio torchvision transformers trl""".split()


def _named_code(key: str) -> Callable[[dict[str, Any]], Iterator[Wrong]]:
    """A key whose value, whatever it names, is Python of the folder or of another repository."""

    def wrong(found: dict[str, Any]) -> Iterator[Wrong]:
        names = texts(found[key])
        if names or found[key] is True:
            yield refuted(f"{key} names {', '.join(names[:5]) or 'code'}{_more(names)}", names)

    return wrong


def _more(names: list[str]) -> str:
    return f" and {len(names) - 5} more" if len(names) > 5 else ""


def _imported(
    key: str, libraries: list[str] = LIBRARIES, *, is_module: bool = False
) -> Callable[[dict[str, Any]], Iterator[Wrong]]:
    """A key whose value is the name of a module, or of something in one, that the loader imports."""

    def wrong(found: dict[str, Any]) -> Iterator[Wrong]:
        for name in texts(found[key]):
            module, _, last = (name, "", "load") if is_module else name.rpartition(".")
            if module and judged([Name(module, last)])[0]:
                yield refuted(f"{key} names {name}")
            elif module and not is_of(module, libraries):
                yield unknown(f"{key} names {name}, of a library that is not known")

    return wrong


def _target(found: dict[str, Any]) -> Iterator[Wrong]:
    """Latent diffusion makes an object of any `target`; elsewhere the word means many things."""
    for wrong in _imported("target", [*LIBRARIES, "ldm", "cldm", "sgm", "taming"])(found):
        if wrong.answer is Answer.REFUTED or "params" in found:
            yield wrong


def _trusted(found: dict[str, Any]) -> Iterator[Wrong]:
    if found["trust_remote_code"] not in (None, False):
        yield refuted("it turns trust_remote_code on")


def _auto_mapping(found: dict[str, Any]) -> Iterator[Wrong]:
    mapping = found["auto_mapping"]
    library = mapping.get("parent_library") if isinstance(mapping, dict) else mapping
    if library is not None and not (isinstance(library, str) and is_of(library, LIBRARIES)):
        yield refuted(f"auto_mapping imports {str(library)[:120]}")


def _base(found: dict[str, Any]) -> Iterator[Wrong]:
    path = found["base_model_name_or_path"]
    if isinstance(path, str) and ".." in PurePosixPath(path.replace("\\", "/")).parts:
        yield unknown(f"the model that it adapts lies at {path[:120]}, outside")


def _module_list(found: dict[str, Any]) -> Iterator[Wrong]:
    if not isinstance(found["type"], str) or not isinstance(found["path"], str):
        return
    if not found["type"].startswith("sentence_transformers."):
        yield refuted(f"a module is of type {found['type'][:120]}", [found["type"]])
    if leaves(found["path"]):
        yield refuted(f"a module lies at {found['path'][:120]}, outside")


def _weight_map(found: dict[str, Any]) -> Iterator[Wrong]:
    for path in texts(found["weight_map"]):
        if leaves(path):
            yield refuted(f"its weights lie at {path[:120]}, outside")


def _pipeline(found: dict[str, Any]) -> Iterator[Wrong]:
    if isinstance(found["_class_name"], list):
        yield refuted(f"its pipeline is {'.'.join(map(str, found['_class_name']))[:120]}", texts(found["_class_name"]))
    for key, value in found.items():
        if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and not key.startswith("_"):
            parts = value[0].split(".")
            is_pipeline = len(parts) == 1 and parts[0].startswith(
                ("pipeline", "stable_diffusion", "deepfloyd", "kandinsky")
            )
            if not is_of(value[0], LIBRARIES) and not is_pipeline:
                yield refuted(f"{key[:60]} is imported from {value[0][:120]}", [f"{value[0]}.{value[1]}"])


def _activation(found: dict[str, Any]) -> Iterator[Wrong]:
    name = found["activation_function"]
    if isinstance(name, str) and "." in name and not name.startswith(("torch.nn.", "sentence_transformers.")):
        yield refuted(f"activation_function imports {name[:120]}", [name])


def _on_opening(found: dict[str, Any]) -> Iterator[Wrong]:
    if found["runOn"] == "folderOpen":
        yield refuted("a task runs when the folder is opened in an editor")


def _library(found: dict[str, Any]) -> Iterator[Wrong]:
    if found["custom_ops_library"]:
        yield refuted(f"it loads the native library {str(found['custom_ops_library'])[:120]}")


def _is_pickled(key: str) -> Callable[[dict[str, Any]], Iterator[Wrong]]:
    def wrong(found: dict[str, Any]) -> Iterator[Wrong]:
        yield refuted(f"jsonpickle makes a Python object of it: {key} {str(found[key])[:120]}")

    return wrong


def _langchain(found: dict[str, Any]) -> Iterator[Wrong]:
    if found["type"] in ("constructor", "secret"):
        yield unknown(f"LangChain makes an object of it: {'.'.join(texts(found['id']))[:120]}")


def _skops(found: dict[str, Any]) -> Iterator[Wrong]:
    module, name = found["__module__"], found["__class__"]
    if not isinstance(module, str) or not isinstance(name, str):
        return
    unsafe, unlisted = judged([Name(module, name)])
    if unsafe:
        yield refuted(f"it makes an object of {unsafe[0]}")
    elif unlisted and not is_of(module, ("sklearn", "numpy", "scipy", "builtins")):
        yield unknown(f"it makes an object of {unlisted[0]}")


def _rule(keys: str, wrong: Callable[[dict[str, Any]], Iterator[Wrong]], *, bad: list[Any], good: list[Any]) -> Rule:
    return Rule(frozenset(keys.split()), wrong, tuple(bad), tuple(good))


RULES: tuple[Rule, ...] = (
    _rule(
        "auto_map",
        _named_code("auto_map"),
        bad=[{"auto_map": {"AutoModel": "modeling_x.Model"}}, {"text_config": {"auto_map": "other/repo--m.M"}}],
        good=[{"auto_map": {}}, {"auto_map": None}, {"note": "auto_map"}],
    ),
    _rule(
        "custom_pipelines",
        _named_code("custom_pipelines"),
        bad=[{"custom_pipelines": {"x": {"impl": "pipe.P"}}}],
        good=[{"custom_pipelines": {}}],
    ),
    _rule(
        "custom_generate",
        _named_code("custom_generate"),
        bad=[{"custom_generate": "meadow/decoding"}, {"custom_generate": True}],
        good=[{"custom_generate": None}],
    ),
    _rule(
        "trust_remote_code",
        _trusted,
        bad=[{"trust_remote_code": True}, {"model_args": {"trust_remote_code": "true"}}],
        good=[{"trust_remote_code": False}],
    ),
    _rule(
        "auto_mapping",
        _auto_mapping,
        bad=[{"auto_mapping": {"base_model_class": "X", "parent_library": "evil.mod"}}, {"auto_mapping": "evil"}],
        good=[{"auto_mapping": None}, {"auto_mapping": {"parent_library": "transformers.models.bert.modeling_bert"}}],
    ),
    _rule(
        "base_model_name_or_path",
        _base,
        bad=[{"base_model_name_or_path": "../../x"}],
        good=[{"base_model_name_or_path": "meadow/glade"}, {"base_model_name_or_path": "/home/me/glade"}],
    ),
    _rule(
        "idx type path",
        _module_list,
        bad=[
            [{"idx": 0, "path": "", "type": "os.path"}],
            [{"idx": 0, "path": "../x", "type": "sentence_transformers.X"}],
        ],
        good=[[{"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]],
    ),
    _rule(
        "weight_map",
        _weight_map,
        bad=[{"weight_map": {"w": "../../etc/passwd"}}, {"weight_map": {"w": "C:\\x"}}, {"weight_map": {"w": "/x"}}],
        good=[{"weight_map": {"w": "model-00001-of-00002.safetensors"}}],
    ),
    _rule(
        "_class_name",
        _pipeline,
        bad=[{"_class_name": ["pipe", "P"]}, {"_class_name": "P", "unet": ["my_unet", "UNet"]}],
        good=[{"_class_name": "P", "unet": ["diffusers", "UNet2DConditionModel"], "feature_extractor": [None, None]}],
    ),
    _rule(
        "activation_function",
        _activation,
        bad=[{"activation_function": "os.system"}],
        good=[{"activation_function": "torch.nn.modules.activation.Tanh"}, {"activation_function": "gelu_new"}],
    ),
    _rule(
        "_target_",
        _imported("_target_"),
        bad=[{"_target_": "os.system"}, {"model": [{"_target_": "mine.Model"}]}],
        good=[{"_target_": "nemo.collections.asr.models.EncDecCTCModel"}],
    ),
    _rule(
        "target",
        _target,
        bad=[{"target": "os.system"}, {"target": "mine.Model", "params": {}}],
        good=[{"target": "ldm.models.Autoencoder", "params": {}}, {"target": "a.b"}],
    ),
    _rule(
        "loader_module",
        _imported("loader_module", is_module=True),
        bad=[{"loader_module": "evil.loader"}, {"loader_module": "os"}],
        good=[{"loader_module": "mlflow.sklearn"}],
    ),
    _rule("runOn", _on_opening, bad=[{"runOptions": {"runOn": "folderOpen"}}], good=[{"runOn": "default"}]),
    _rule(
        "custom_ops_library",
        _library,
        bad=[{"custom_ops_library": "libx.so"}],
        good=[{"custom_ops_library": ""}],
    ),
    _rule("lc type id", _langchain, bad=[{"lc": 1, "type": "constructor", "id": ["a", "B"]}], good=[{"lc": 1}]),
    _rule(
        "__class__ __module__",
        _skops,
        bad=[{"__class__": "system", "__module__": "os"}, {"__class__": "X", "__module__": "mine"}],
        good=[{"__class__": "LogisticRegression", "__module__": "sklearn.linear_model._logistic"}],
    ),
    _rule(
        "class_name",
        keras,
        bad=[
            {"class_name": "Lambda", "config": {"function": ["4wEA", None, None]}},
            {"class_name": "Custom>Lambda", "config": {}},
            {"class_name": "Dense", "module": "os", "config": {}},
            {"class_name": "function", "module": "keras.config", "config": "enable_unsafe_deserialization"},
            {"class_name": "function", "module": "builtins", "config": "exec"},
            {"class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}},
            {"class_name": "TFOpLambda", "config": {"function": "io.write_file"}},
            {"class_name": "Mine>Layer", "config": {}},
        ],
        good=[
            {"class_name": "Dense", "module": "keras.layers", "config": {"units": 2}, "registered_name": None},
            {"class_name": "function", "module": "builtins", "config": "relu"},
            {"class_name": "TFOpLambda", "config": {"function": "math.add"}},
            {"class_name": "StringLookup", "config": {"vocabulary": ["a", "b"]}},
        ],
    ),
    *(
        _rule(key, _is_pickled(key), bad=[{key: "os.system"}], good=[{"py": key}])
        for key in ("py/object", "py/reduce", "py/type", "py/function", "py/repr", "py/newargs")
    ),
)
KEYS = frozenset(key for rule in RULES for key in rule.keys)
