"""What a file is, told by its bytes; by its name only among texts, and where bytes can be anything.

    zip tar gzip ... 7z    entered, or said not to be
    pickle npy gguf ...    read by a rule of its own
    text picture table     INERT: a program that loads a model runs nothing in them
    None                   no rule here knows it: UNKNOWN

One file can be several things: a tar that ends as a zip, a picture whose bytes are opcodes. It is read as each of them.
"""

import codecs
import re

from glasswright.audit.scan.opcodes import may_be_opcodes

FIRST_BYTES = 2**16
HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP_END = b"PK\x05\x06"
TAR_BLOCK_BYTES = 512
MAX_HEADER_BYTES = 100_000_000  # of a safetensors file

MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"PK\x03\x04", "zip"),
    (0, ZIP_END, "zip"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\x00", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"\x04\x22\x4d\x18", "lz4"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"MSCF", "cab"),
    (0, b"\x93NUMPY", "npy"),
    (0, b"GGUF", "gguf"),
    (0, HDF5, "hdf5"),
    (512, HDF5, "hdf5"),
    (1024, HDF5, "hdf5"),
    (2048, HDF5, "hdf5"),
    (0, b"\x89PNG\r\n\x1a\n", "picture"),
    (0, b"\xff\xd8\xff", "picture"),
    (0, b"GIF8", "picture"),
    (0, b"BM", "picture"),
    (0, b"II*\x00", "picture"),
    (0, b"MM\x00*", "picture"),
    (0, b"\x00\x00\x01\x00", "picture"),
    (8, b"WEBP", "picture"),
    (8, b"WAVE", "sound"),
    (0, b"ID3", "sound"),
    (0, b"fLaC", "sound"),
    (0, b"OggS", "sound"),
    (4, b"ftyp", "film"),
    (0, b"\x1aE\xdf\xa3", "film"),
    (0, b"%PDF-", "document"),
    (0, b"PAR1", "columns"),
    (0, b"ARROW1", "columns"),
    (0, b"Obj\x01", "table"),
    (0, b"\x00\x00\x00\x01Bud1", "folder view"),
    (0, b"wOF", "font"),
    (0, b"\x00\x01\x00\x00\x00", "font"),
)
INERT = frozenset(("text", "picture", "sound", "film", "document", "table", "columns", "folder view", "font"))
PACKED = frozenset(("gzip", "bzip2", "xz", "lzma", "zlib", "zstd", "lz4"))
PROTOCOLS = tuple(bytes([0x80, version]) for version in range(6))  # how every pickle since protocol 2 begins

# What the end of a name promises. Where the bytes are none of these, the first says what a program would make of them.
NAMED: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    ((".safetensors",), ("safetensors",)),
    ((".pkl", ".pickle", ".joblib", ".dill", ".cloudpickle"), ("pickle", *PACKED)),
    ((".pt", ".pth", ".ckpt"), ("pickle", "zip", "tar", "code", "hdf5", "safetensors", "gguf")),
    ((".npy",), ("npy", "pickle")),
    ((".gguf",), ("gguf",)),
    ((".h5", ".hdf5"), ("hdf5",)),
    ((".keras", ".npz", ".zip", ".whl", ".egg", ".jar", ".mar"), ("zip", "hdf5")),
    ((".nemo", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst"), ("tar", *PACKED)),
    ((".gz", ".bz2", ".xz", ".zst", ".lzma", ".zlib"), ("gzip", *PACKED)),
    ((".7z",), ("7z",)),
    ((".rar",), ("rar",)),
    ((".cab",), ("cab",)),
    ((".lz4",), ("lz4",)),
    ((".br",), ("brotli",)),
    ((".onnx",), ("onnx",)),
    ((".msgpack",), ("msgpack",)),
    (("keras_metadata.pb",), ("keras metadata",)),
    ((".pb",), ("graph",)),
    ((".index",), ("tensorflow index",)),
    ((".model", ".spm"), ("sentencepiece", "json", "text", "zip")),
    ((".json", ".ipynb"), ("json",)),
)
CODE = """.pth .sh .bash .zsh .bat .cmd .ps1 .js .mjs .ts .rb .pl .lua .php .r .jl .java .go .rs .c .cc .cpp .cu .h .hpp
.swift .cs .inf .hta .url .wsf .command .desktop .reg .vbs .scpt .service makefile dockerfile justfile .mk .cmake"""
NAMED_TEXT: tuple[tuple[tuple[str, ...], str], ...] = (
    ((".jinja", ".jinja2", ".j2"), "template"),
    ((".yaml", ".yml", "mlmodel"), "yaml"),
    (("requirements.txt",), "requirements"),
    ((".html", ".htm", ".xhtml", ".svg", ".xml"), "page"),
    ((".py", ".pyi", ".pyw"), "python"),
    (tuple(CODE.split()), "code"),
)
CHARACTERS_TO_A_STRAY = 1_000  # a page of UTF-8 may hold a backspace that somebody pasted
CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def kinds(name: str, first: bytes, last: bytes) -> list[str]:
    """Everything that a file is, by its name in small letters, its first FIRST_BYTES and its last bytes.

    Empty: there is nothing in it, or no rule here knows what is.
    """
    found = [kind] if first and (kind := _by_bytes(name, first)) else []
    if "pickle" not in found and may_be_opcodes(first):
        found.append("pickle")
    if "zip" not in found and ZIP_END in last:
        found.append("zip")
    promised = next((kinds for ends, kinds in NAMED if name.endswith(ends)), ())
    if promised and not set(promised) & set(found):
        found.append(promised[0])
    return found


def _by_bytes(name: str, first: bytes) -> str | None:
    for offset, magic, kind in MAGIC:
        if first.startswith(magic, offset):
            return kind
    if first.startswith(PROTOCOLS):
        return "pickle"
    if is_tar(first):
        return "tar"
    if int.from_bytes(first[:8], "little") < MAX_HEADER_BYTES and first[8:9] == b"{":
        return "safetensors"
    if (text := _text(first)) is not None:
        return _kind_of_text(name, text)
    if first[0] == 0x78 and int.from_bytes(first[:2], "big") % 31 == 0:
        return "zlib"
    return "lzma" if first.startswith(b"\x5d\x00\x00") and first[12:13] in (b"\x00", b"\xff") else None


def is_tar(first: bytes) -> bool:
    """Whether a tar begins here: its first header has the sum that it states. One of zeros has none."""
    block = first[:TAR_BLOCK_BYTES]
    stated = block[148:156].strip(b" \x00")
    if len(block) < TAR_BLOCK_BYTES or not stated or not all(digit in b"01234567" for digit in stated):
        return False
    return int(stated, 8) == sum(block) - sum(block[148:156]) + 8 * ord(" ")


def _text(first: bytes) -> str | None:
    """The beginning of a text in UTF-8 or UTF-16, or in a character set of old; None if it is no text."""
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = first[: len(first) // 2 * 2].decode("utf-16", "replace")
        return None if "\ufffd" in text[:-1] or CONTROL.search(text) else text
    decoder = codecs.getincrementaldecoder("utf-8-sig")()  # which waits for the rest of a character that is cut
    try:
        text = decoder.decode(first)
    except UnicodeDecodeError:
        text = first.decode("latin-1")
        return None if CONTROL.search(text) else text
    strays = CONTROL.findall(text)
    return None if "\0" in strays or len(strays) * CHARACTERS_TO_A_STRAY > len(text) else text


def _kind_of_text(name: str, text: str) -> str:
    begins = text.lstrip()
    if begins.startswith(("{%", "{{", "{#")):
        return "template"
    if begins.startswith("#!"):
        return "python" if "python" in begins.partition("\n")[0] else "code"
    if "template" in name and "{%" in text and not name.endswith((".md", ".rst", ".json")):
        return "template"
    for ends, kind in NAMED_TEXT:
        if name.endswith(ends):
            return kind
    if begins.startswith(("{", "[")):
        return "json"
    return "yaml" if begins.startswith(("%TAG", "%YAML")) else "text"
