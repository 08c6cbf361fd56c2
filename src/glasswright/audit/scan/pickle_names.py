"""Which imports of a pickle are safe: picklescan's lists, and these.

SAFE holds what torch's own `weights_only` loader allows, plain values of the standard library and NumPy, and the
classes in a `training_args.bin`: to call any of these makes a value and does nothing else.
"""

import io
import logging
import re
from collections.abc import Iterable

from glasswright.audit.scan.pickle_values import Name
from glasswright.errors import Misuse

PLAIN_NAME = re.compile(r"[A-Za-z_][\w.]*", re.ASCII)
BUILT_IN = "bool bytearray bytes complex dict float frozenset int list object range set slice str tuple".split()
SCALARS = (
    "bool_ bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128 str_"
)
STORAGES = (
    "Typed Untyped BFloat16 Bool Byte Char ComplexDouble ComplexFloat Double Float Half Int Long QInt32 QInt8 Short"
)
DTYPES = """bfloat16 bool cdouble cfloat chalf complex128 complex32 complex64 double float float16 float32 float64
half int int16 int32 int64 int8 long short uint8 uint16 uint32 uint64 float8_e4m3fn float8_e5m2 quint8 qint8 qint32"""
REBUILT = """tensor tensor_v2 tensor_v3 parameter parameter_with_state qtensor sparse_tensor meta_tensor_no_storage
device_tensor_from_numpy device_tensor_from_cpu_tensor nested_tensor wrapper_subclass"""

SAFE: dict[str, frozenset[str]] = {
    "builtins": frozenset(BUILT_IN),
    "__builtin__": frozenset((*BUILT_IN, "long", "unicode")),
    "_codecs": frozenset(("encode",)),
    "collections": frozenset(("OrderedDict", "Counter", "defaultdict", "deque")),
    "copy_reg": frozenset(("_reconstructor",)),
    "copyreg": frozenset(("_reconstructor",)),
    "datetime": frozenset(("date", "datetime", "time", "timedelta", "timezone")),
    "decimal": frozenset(("Decimal",)),
    "fractions": frozenset(("Fraction",)),
    "pathlib": frozenset(("PosixPath", "PurePosixPath", "PureWindowsPath", "WindowsPath", "Path", "PurePath")),
    "numpy": frozenset(("dtype", "ndarray", *SCALARS.split())),
    **dict.fromkeys(
        ("numpy.core.multiarray", "numpy._core.multiarray"), frozenset(("_reconstruct", "scalar", "ndarray"))
    ),
    **dict.fromkeys(("numpy.core.numeric", "numpy._core.numeric"), frozenset(("_frombuffer",))),
    "numpy.dtypes": frozenset(f"{name}DType" for name in "Bool Int8 Int16 Int32 Int64 UInt8 Float32 Float64".split()),
    "numpy.random._pickle": frozenset(("__randomstate_ctor", "__generator_ctor", "__bit_generator_ctor")),
    "numpy.random._mt19937": frozenset(("MT19937",)),
    "numpy.random._pcg64": frozenset(("PCG64",)),
    "joblib.numpy_pickle": frozenset(("NumpyArrayWrapper",)),
    "torch": frozenset(
        ("Size", "Tensor", "device", "Generator", *DTYPES.split(), *(f"{name}Storage" for name in STORAGES.split()))
    ),
    "torch._utils": frozenset(f"_rebuild_{name}" for name in REBUILT.split()),
    "torch._tensor": frozenset(("_rebuild_from_type_v2",)),
    "torch.nn.parameter": frozenset(("Parameter", "Buffer")),
    "torch.serialization": frozenset(("_get_layout",)),
    "torch.storage": frozenset(("TypedStorage", "UntypedStorage", "_load_from_bytes")),  # bytes in it are read as well
    "torch.torch_version": frozenset(("TorchVersion",)),
    "transformers.training_args": frozenset(("TrainingArguments", "OptimizerNames", "ParallelMode")),
    "transformers.training_args_seq2seq": frozenset(("Seq2SeqTrainingArguments",)),
    "transformers.trainer_utils": frozenset(
        "EvaluationStrategy HubStrategy IntervalStrategy SaveStrategy SchedulerType FSDPOption".split()
    ),
    "transformers.trainer_pt_utils": frozenset(("AcceleratorConfig",)),
    "accelerate.state": frozenset(("PartialState", "AcceleratorState")),
    "accelerate.utils.dataclasses": frozenset(("DistributedType",)),
}
# Estimators of scikit-learn and matrices of SciPy: to make one sets its attributes. Helpers are not among them.
SAFE_CLASSES = re.compile(
    r"sklearn\.(?!externals|utils|datasets|conftest|tests|inspection|experimental)[\w.]+:[A-Z][A-Za-z0-9]+"
    r"|sklearn\.utils\._bunch:Bunch|scipy\.sparse(\._?(csr|csc|coo|base|data))?:(csr|csc|coo)_(matrix|array)"
)
# Modules of which nothing belongs in a pickle, and which picklescan does not list.
UNSAFE = frozenset(
    """importlib imp zipimport multiprocessing threading concurrent signal inspect gc site codeop linecache fileinput
    tempfile glob ftplib smtplib telnetlib poplib nntplib http urllib xmlrpc socketserver _posixsubprocess _socket
    platform dill cloudpickle setuptools distutils marshal types nturl2path ntpath.os posixpath.os _thread _ctypes
    _winapi winreg msvcrt psutil paramiko IPython logging.config io.open _io.open functools.partial functools.reduce
    builtins.__import__ builtins.setattr builtins.delattr builtins.globals builtins.vars builtins.input builtins.map
    builtins.filter __builtin__.execfile __builtin__.file __builtin__.__import__ __builtin__.map __builtin__.input
    torch.hub torch.load torch.ops torch.classes torch.utils.cpp_extension torch.jit.load torch._C
    numpy.load numpy.save numpy.savetxt numpy.ctypeslib numpy.testing pandas.read_pickle pandas.io joblib.load
    joblib.numpy_pickle.load sklearn.externals tensorflow.io keras.models keras.saving keras.utils huggingface_hub
    transformers.dynamic_module_utils""".split()
)


def judged(names: Iterable[Name]) -> tuple[list[str], list[str]]:
    """Of imported names those that are unsafe, and those on no list.

    Raises:  Misuse if picklescan is not installed.
    """
    left = [name for name in names if not _is_safe(name)]
    if not left:
        return [], []
    unsafe = {str(name) for name in left if _is_unsafe(name)} | _unsafe_by_picklescan(left)
    return sorted(unsafe), sorted({str(name) for name in left} - unsafe)


def _is_safe(name: Name) -> bool:
    return name.name in SAFE.get(name.module, ()) or bool(SAFE_CLASSES.fullmatch(f"{name.module}:{name.name}"))


def _is_unsafe(name: Name) -> bool:
    parts = f"{name.module}.{name.name}".split(".")
    return any(".".join(parts[:length]) in UNSAFE for length in range(1, len(parts) + 1))


def _unsafe_by_picklescan(names: list[Name]) -> set[str]:
    """Asked through its scanner, with a pickle that imports the names and does nothing else."""
    try:
        from picklescan import scanner
    except ModuleNotFoundError as error:
        raise Misuse("scanning pickles needs the package picklescan", hint="pip install picklescan") from error
    logging.getLogger("picklescan").disabled = True  # it would write names of the file to the terminal
    plain = [name for name in names if PLAIN_NAME.fullmatch(name.module) and PLAIN_NAME.fullmatch(name.name)]
    pickle = "".join(f"c{name.module}\n{name.name}\n" for name in plain) + "."
    result = scanner.scan_pickle_bytes(io.BytesIO(pickle.encode()), "")
    return {f"{found.module}.{found.name}" for found in result.globals if found.safety.value == "dangerous"}
