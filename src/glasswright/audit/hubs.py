"""Pages of hubs, forges and archives as snapshots: the file behind a page, the listing and the texts of a repository.

a model         all of its listing, its card and its license, at a commit
a data set      its card; of somebody else's, only the head, which states the license
a paper         a file of the listing, whose words are not taken for the publisher's card
a license       a license file for what it is stated for
"""

import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import quote

from glasswright.audit.extract import NoText, text_of
from glasswright.audit.quoting import head_length
from glasswright.audit.reading import MAX_DOCUMENT_BYTES, Reading, decode
from glasswright.audit.sentences import plain
from glasswright.audit.subject import Document, Entry, Snapshot, SnapshotKind, is_document, take
from glasswright.audit.web import Page, Unreached, Web

Kind = Literal["model", "dataset", "paper", "license", "policy"]

MAX_DOCUMENTS = 8  # of one repository
MAX_LISTING = 20_000
LICENSE_KIND: dict[str, SnapshotKind] = {"weights": "model", "code": "code", "data": "dataset", "document": "code"}
HUB = re.compile(
    r"https://huggingface\.co/(?P<data>datasets/)?(?P<repo>(?!datasets/|papers/|spaces/|collections/|docs/|blog/)[\w.-]+/[\w.-]+)"
)

# Pages for people -> the same as files.
RAW: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), there)
    for pattern, there in (
        (r"https://github\.com/([\w.-]+/[\w.-]+)/(?:blob|raw)/(.+)", r"https://raw.githubusercontent.com/\1/\2"),
        (r"https://github\.com/([\w.-]+/[\w.-]+)/?", r"https://raw.githubusercontent.com/\1/HEAD/README.md"),
        (r"https://gitlab\.com/(.+?)/-/blob/(.+)", r"https://gitlab.com/\1/-/raw/\2"),
        (r"https://gitlab\.com/([\w.-]+/[\w.-]+)/?", r"https://gitlab.com/\1/-/raw/HEAD/README.md"),
        (r"https://huggingface\.co/(.+?)/blob/(.+)", r"https://huggingface.co/\1/resolve/\2"),
        (r"https://(?:www\.)?arxiv\.org/(?:abs|pdf)/([\w.-]+?\d(?:v\d+)?)(?:\.pdf)?", r"https://arxiv.org/pdf/\1"),
        (r"https://huggingface\.co/papers/(\d{4}\.\d{4,5})", r"https://arxiv.org/pdf/\1"),
        (r"https://zenodo\.org/records?/(\d+)(?:/.*)?", r"https://zenodo.org/api/records/\1"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """One address, and what came of it."""

    address: str  # as the subject names it
    kind: Kind
    facts: tuple[str, ...]  # that it stands behind
    read_at: str = ""  # the address of the file that was read
    file: str = ""  # how evidence names it
    sha256: str = ""
    num_bytes: int = 0
    problem: str = ""
    is_gone: bool = False  # the host says that it hands out nothing there

    def as_record(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "address": self.address,
            "kind": self.kind,
            "facts": list(self.facts),
            "read_at": self.read_at,
            "file": self.file,
            "sha256": self.sha256,
            "num_bytes": self.num_bytes,
            "problem": self.problem,
        }


def raw_address(address: str) -> str:
    """Where the file itself lies that a page shows."""
    for pattern, there in RAW:
        if match := pattern.fullmatch(address):
            return match.expand(there)
    return address


Read = tuple[Snapshot, list[Followed]]


def _repository(wanted: Followed, web: Web, own: set[str]) -> Read:
    """A model or data set on a hub: its listing at a commit, and its texts."""
    match = HUB.match(wanted.address)
    if match is None:
        return _card_elsewhere(wanted, web)
    repo, is_data = match["repo"], bool(match["data"])
    info = _json(web.read(f"https://huggingface.co/api/{'datasets' if is_data else 'models'}/{repo}"))
    commit = info.get("sha") if re.fullmatch(r"[0-9a-f]{40}", str(info.get("sha"))) else None
    named = [sibling.get("rfilename") for sibling in _records(info.get("siblings"))]
    paths = [path for path in named[:MAX_LISTING] if isinstance(path, str)]
    root, name = f"https://huggingface.co/{'datasets/' * is_data}{repo}", repo.replace("/", "__")
    documents: list[Document] = []
    problems: list[str] = []
    done: list[Followed] = []
    texts = sorted(filter(is_document, paths), key=lambda path: (path != "README.md", path.count("/"), path))
    if len(texts) > MAX_DOCUMENTS and not is_data:
        problems.append(f"{name}: {len(texts) - MAX_DOCUMENTS} of {len(texts)} texts, the deepest, were not read")
    for path in texts[: 1 if is_data else MAX_DOCUMENTS]:
        address = f"{root}/resolve/{commit or 'main'}/{quote(path, errors='surrogatepass')}"
        try:
            page = web.read(address, max_bytes=MAX_DOCUMENT_BYTES)
        except Unreached as error:
            problems.append(f"{name}/{path} is unreachable: {error}")
            done.append(replace(wanted, read_at=address, problem=error.why, is_gone=error.is_gone))
            continue
        take(decode(page.data), name, path, documents, problems)
        done.append(_read(wanted, page, address, f"{name}/{path}"))
    if is_data and plain(repo.partition("/")[0]) not in own:
        documents, repo = _heads(documents), _followed(name)
    entries = tuple(Entry(path, None, None) for path in paths)
    kind: SnapshotKind = "dataset" if is_data else "model"
    snapshot = Snapshot(
        name,
        repo,
        commit,
        kind,
        entries,
        tuple(documents),
        tuple(problems),
        gated=bool(info.get("gated")),
        is_listed_whole=len(named) <= MAX_LISTING,
    )
    return snapshot, done or [replace(wanted, problem="it has no card")]


def _card_elsewhere(wanted: Followed, web: Web) -> Read:
    """A data card on a forge or in an archive: what it says of its license, and that it is there."""
    page = web.read(raw_address(wanted.address), max_bytes=MAX_DOCUMENT_BYTES)
    name = _name(wanted.address)
    lines = _text(page).lines
    if page.content_type == "application/json":
        lines = _archive_card(_json(page))
    card, entry = Document(name, "README.md", lines), Entry("README.md", len(page.data), None)
    documents = tuple(_heads([card]))
    snapshot = Snapshot(name, _followed(name), None, "dataset", (entry,), documents, is_listed_whole=False)
    return snapshot, [_read(wanted, page, page.address, card.where)]


def _paper(wanted: Followed, web: Web, own: set[str]) -> Read:  # noqa: ARG001
    page = web.read(raw_address(wanted.address))
    if page.content_type == "application/json":
        page = web.read(_paper_of_archive(_json(page)))
    name = _name(wanted.address)
    reading = _text(page)
    if not reading.lines:
        raise Unreached(reading.problem or "there is no text in it")
    entry = Entry("technical-report.pdf", len(page.data), None)
    document = Document(name, entry.path, reading.lines, reading.language_problem)
    snapshot = Snapshot(name, _followed(name), None, "code", (entry,), (document,))
    return snapshot, [_read(wanted, page, page.address, document.where)]


def _license(wanted: Followed, web: Web, own: set[str]) -> Read:  # noqa: ARG001
    return _terms(wanted, web, "LICENSE", LICENSE_KIND[wanted.facts[0].partition(".")[2]])


def _policy(wanted: Followed, web: Web, own: set[str]) -> Read:  # noqa: ARG001
    return _terms(wanted, web, "USE_POLICY.md", "code")


def _terms(wanted: Followed, web: Web, file: str, kind: SnapshotKind) -> Read:
    page = web.read(raw_address(wanted.address), max_bytes=MAX_DOCUMENT_BYTES)
    reading = _text(page)
    if not reading.lines:
        raise Unreached(reading.problem or "there is no text in it")
    document = Document(_name(wanted.address), file, reading.lines, reading.language_problem)
    entry = Entry(file, len(page.data), None)
    snapshot = Snapshot(document.snapshot, _followed(document.snapshot), None, kind, (entry,), (document,))
    return snapshot, [_read(wanted, page, page.address, document.where)]


READ = {"model": _repository, "dataset": _repository, "paper": _paper, "license": _license, "policy": _policy}


def _read(wanted: Followed, page: Page, address: str, file: str) -> Followed:
    digest = hashlib.sha256(page.data).hexdigest()
    return replace(wanted, read_at=address, file=file, sha256=digest, num_bytes=len(page.data))


def _name(address: str) -> str:
    """A snapshot's name made of an address."""
    return re.sub(r"[^\w.-]+", "_", address.removeprefix("https://"))[:120]


def _followed(name: str) -> str:
    """What a snapshot that is not the publisher's is called: no owner and no name that could be taken for a model's."""
    return f"followed {name}"


def _text(page: Page) -> Reading:
    """The lines of a page, whatever it is made of.

    Raises:  Unreached if it has none that can be read.
    """
    start = page.data[:1024].lstrip().lower()
    form = "pdf" if start.startswith(b"%pdf-") else "html" if _is_html(page, start) else ""
    if not form:
        return decode(page.data)
    try:
        text = "\n".join(text_of(page.data, form))
    except NoText as error:
        raise Unreached(str(error)) from error
    return decode(text.encode("utf-8", "replace"))


def _is_html(page: Page, start: bytes) -> bool:
    return page.content_type in ("text/html", "application/xhtml+xml") or start.startswith(
        (b"<!doctype html", b"<html")
    )


def _heads(cards: list[Document]) -> list[Document]:
    """Somebody else's cards: a head speaks of its license; what a card says of itself is not said of this model."""
    return [replace(card, lines=card.lines[:length]) for card in cards if (length := head_length(card.lines))]


def _json(page: Page) -> dict[str, Any]:
    """Raises:  Unreached if the page is no JSON object."""
    try:
        found = json.loads(page.data)
    except (ValueError, RecursionError) as error:
        raise Unreached("the host answered with something else than a record") from error
    if not isinstance(found, dict):
        raise Unreached("the host answered with something else than a record")
    return found


def _records(value: Any) -> list[dict[str, Any]]:
    """The objects in what should be a list of them."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _archive_card(record: dict[str, Any]) -> tuple[str, ...]:
    """The head of a card from the record of an archive."""
    (metadata,) = _records([record.get("metadata")]) or [{}]
    (stated,) = _records([metadata.get("license")]) or [{}]
    name = stated.get("id")
    return ("---", f"license: {name}", "---") if isinstance(name, str) and re.fullmatch(r"[\w.+-]{1,60}", name) else ()


def _paper_of_archive(record: dict[str, Any]) -> str:
    """Raises:  Unreached if an archive's record names no PDF."""
    for file in _records(record.get("files")):
        (links,) = _records([file.get("links")]) or [{}]
        address = links.get("self")
        if isinstance(address, str) and str(file.get("key", "")).lower().endswith(".pdf"):
            return address
    raise Unreached("the record names no PDF")
