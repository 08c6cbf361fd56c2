"""Which files are looked into, and which hold nothing that is run: by how they begin and by the end of their name.

What is in neither list is of a kind that no reader here knows, and is UNKNOWN.
"""

import re

PICKLES = (".pkl", ".pickle", ".bin", ".pt", ".pth", ".ckpt", ".joblib", ".dat", ".data", ".npy", ".npz")
TENSORS = (".safetensors",)
ARCHIVES = (
    *(".zip", ".npz", ".pt", ".pth", ".keras", ".whl", ".egg", ".jar", ".mar", ".nemo"),
    *(".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz"),
)
CALLED_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")  # and nothing else
CONFIGS = (
    "config.json",
    "tokenizer_config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "generation_config.json",
)
CLOSED = (".7z", ".rar", ".tar.zst", ".tar.lz4", ".tar.br", ".cab", ".iso")  # archives of formats that are not read
PACKED = (".gz", ".bz2", ".xz", ".zst", ".lz4", ".br", ".z")  # one file, compressed

# Text, tables, pictures, sound and vocabularies: a program that loads a model runs nothing in them.
INERT = (
    *(".md", ".markdown", ".txt", ".rst", ".tex", ".bib", ".cff", ".pdf", ".html", ".css", ".log", ".license"),
    *(
        ".json",
        ".jsonl",
        ".yaml",
        ".yml",
        ".toml",
        ".cfg",
        ".ini",
        ".xml",
        ".lock",
        ".csv",
        ".tsv",
        ".parquet",
        ".arrow",
    ),
    *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp", ".tiff", ".mp3", ".wav", ".flac", ".ogg", ".mp4"),
    *(".model", ".vocab", ".bpe", ".tiktoken", ".sha256", ".md5", ".sig", ".asc"),
)
INERT_NAMES = re.compile(
    r"(readme|licen[cs]e|copying|notice|authors|changelog|citation|codeowners|version|byteorder|merges|vocab)([-_.].*)?"
    r"|\.git\w+|\.format_version|\.storage_alignment|serialization_id|record|metadata|wheel|top_level"
)
TENSOR_OF_TORCH = re.compile(r"(^|/)data/\d+$")  # numbers, which torch reads as such, in a zip of its own

ZIP = b"PK\x03\x04"
SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c"
COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
}
PICKLE_PROTOCOLS = tuple(bytes([0x80, version]) for version in range(6))  # of every pickle since protocol 2


def compression(first: bytes) -> str | None:
    """What some bytes are compressed with; None if they are not, as far as can be told."""
    for magic, name in COMPRESSED.items():
        if first.startswith(magic):
            return name
    is_zlib = len(first) > 1 and first[0] == 0x78 and int.from_bytes(first[:2], "big") % 31 == 0
    return "zlib" if is_zlib else None


def is_unread(name: str) -> bool:
    """Whether something that can be unsafe is, by its name, packed in a way that is not looked into."""
    if name.endswith(CLOSED):
        return True
    inner = next((name.removesuffix(end) for end in PACKED if name.endswith(end)), None)
    return inner is not None and not name.endswith(ARCHIVES) and inner.endswith((*PICKLES, *TENSORS, *ARCHIVES))


def is_looked_into(name: str, first: bytes) -> bool:
    """Whether a file is of a kind that can be unsafe, by its name in small letters or its first bytes."""
    kinds = (*PICKLES, *TENSORS, *ARCHIVES)
    return name in CONFIGS or name.endswith(kinds) or is_unread(name) or first.startswith((ZIP, *PICKLE_PROTOCOLS))


def is_inert(path: str) -> bool:
    """Whether nothing in a file is run by a program that loads a model, by its path in small letters."""
    name = path.rsplit("/", 1)[-1]
    packed = next((name.removesuffix(end) for end in PACKED if name.endswith(end)), name)
    return packed.endswith(INERT) or bool(INERT_NAMES.fullmatch(packed) or TENSOR_OF_TORCH.search(path))
