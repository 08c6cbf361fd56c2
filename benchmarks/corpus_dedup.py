"""Filters and near-deduplication: speed beside datatrove, memory at 1 GB, and truth against brute force.

    python benchmarks/corpus_dedup.py speed --rival PYTHON [--runs 3]     PYTHON: an interpreter that has datatrove
    python benchmarks/corpus_dedup.py memory [--megabytes 100 1000]
    python benchmarks/corpus_dedup.py truth

Documents are made from the shared data (GLASSWRIGHT_SHARED, or `shared` beside the repository) by a seeded mutation:
paragraphs in a row from one file, of every tenth document a copy with one word in twenty changed. Both sides read two
JSONL files, run 2 processes, and write the kept documents as JSONL; time of the whole process, imports included.

    rules       both: Gopher quality, Gopher repetition, C4 with line endings, FineWeb
    near-dups   both: 5-word shingles and 112 hashes; datatrove 14 bands of 8, Glasswright 28 of 4 and similarity >= 0.7
    extra       Glasswright also tells the language, finds contained documents, and knows the kept member of each
"""

import argparse
import hashlib
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

WORKERS = 2
BATCH = 256  # documents
SHARED = Path(os.environ.get("GLASSWRIGHT_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def shared_texts() -> dict[str, str]:
    """Every body document of the shared data, markup roughly taken off."""
    texts = {}
    for folder in ("docs", "tales"):
        for line in (SHARED / "data" / folder / "MANIFEST.jsonl").read_text().splitlines():
            row = json.loads(line)
            path = SHARED / "data" / folder / row["path"]
            if row["role"] == "body" and path.is_file():
                text = path.read_text(errors="replace")
                texts[f"{folder}/{row['path']}"] = re.sub(r"<[^>]+>", " ", text) if path.suffix == ".xhtml" else text
    return texts


def made_documents(seed: int, mean_characters: int = 1400) -> Iterator[str]:
    """Documents without end: runs of paragraphs, some of them copied with words changed."""
    draw = random.Random(seed)
    sources = [text.split("\n\n") for text in shared_texts().values() if len(text) > 4 * mean_characters]
    vocabulary = sorted({word for paragraphs in sources[:200] for word in " ".join(paragraphs[:20]).split()})
    while True:
        paragraphs = draw.choice(sources)
        first = draw.randrange(len(paragraphs))
        wanted = draw.randint(mean_characters // 4, 2 * mean_characters - mean_characters // 4)
        taken: list[str] = []
        while first < len(paragraphs) and sum(map(len, taken)) < wanted:
            taken.append(paragraphs[first])
            first += 1
        text = "\n\n".join(taken)[: 2 * wanted]
        yield text
        if draw.random() < 0.1:
            yield re.sub(r"\S+", lambda word: draw.choice(vocabulary) if draw.random() < 0.05 else word[0], text)


def write_documents(folder: Path, num_bytes: int | None, num_documents: int | None) -> tuple[int, int]:
    """Two JSONL files; the number of documents and bytes of text in them."""
    folder.mkdir(parents=True, exist_ok=True)
    count = size = 0
    with (folder / "0.jsonl").open("w") as even, (folder / "1.jsonl").open("w") as odd:
        for text in made_documents(seed=1):
            (odd if count % 2 else even).write(json.dumps({"id": f"{count:08d}", "text": text}) + "\n")
            count, size = count + 1, size + len(text.encode())
            if (num_documents and count >= num_documents) or (num_bytes and size >= num_bytes):
                return count, size
    raise AssertionError("made_documents has no end")


# --- Glasswright -----------------------------------------------------------------------------------------------------

RULES = ("gopher-repetition", "gopher-quality", "c4", "c4-line-endings", "fineweb")


def batches(folder: Path) -> Iterator[list[tuple[str, str]]]:
    batch: list[tuple[str, str]] = []
    for file in sorted(folder.glob("*.jsonl")):
        with file.open() as lines:
            for line in lines:
                row = json.loads(line)
                batch.append((row["id"], row["text"]))
                if len(batch) == BATCH:
                    yield batch
                    batch = []
    if batch:
        yield batch


def work(batch):
    """One batch: the kept documents, their sketches, and a count of reasons."""
    from glasswright.corpus.dedup import sketch
    from glasswright.corpus.quality import Policy, examine

    findings = examine([text for _, text in batch], Policy(normalize=False, rules=RULES))
    pairs = zip(batch, findings, strict=True)
    kept = [(document, finding.text) for (document, _), finding in pairs if finding.reason is None]
    return kept, sketch([text for _, text in kept]), Counter(finding.reason or "kept" for finding in findings)


def _bounded_map(pool, items):
    """Results in order, with a few batches under way, so that memory does not grow with the input."""
    from collections import deque

    waiting = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) > 2 * WORKERS:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def run_ours(source: Path, out: Path) -> dict:
    from concurrent.futures import ProcessPoolExecutor
    from fractions import Fraction
    from multiprocessing import get_context

    from glasswright.corpus.dedup import Bounds, duplicates, join
    from glasswright.corpus.quality import characters, language

    characters.classes(), characters.lower(), language.load()  # once, before the workers are forked
    ids, digests, places, parts, reasons = [], [], [], [], Counter()
    survivors = out.with_suffix(".filtered")
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("fork")) as pool, survivors.open("w") as file:
        for kept, part, counts in _bounded_map(pool, batches(source)):
            parts.append(part)
            reasons += counts
            for document, text in kept:
                ids.append(document)
                digests.append(hashlib.sha256(text.encode()).hexdigest())
                places.append(file.tell())
                file.write(json.dumps({"id": document, "text": text}) + "\n")
    started = time.monotonic()
    with survivors.open() as file:

        def text_of(place: int) -> str:
            file.seek(places[place])
            return json.loads(file.readline())["text"]

        bounds = Bounds(near_similarity=Fraction("0.7"), contained_share=Fraction("0.5"))
        found = duplicates(ids, digests, join(parts), bounds, text_of)
    dropped = {duplicate.document_id for duplicate in found}
    with survivors.open() as lines, out.open("w") as file:
        file.writelines(line for document, line in zip(ids, lines, strict=True) if document not in dropped)
    survivors.unlink()
    return {
        "filtered_kept": len(ids),
        "kept": len(ids) - len(dropped),
        "by_reason": Counter(duplicate.reason for duplicate in found),
        "resolve_s": round(time.monotonic() - started, 2),
        "peak_main_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "peak_worker_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }


# --- datatrove -------------------------------------------------------------------------------------------------------


def run_rival(source: Path, out: Path) -> dict:
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets
    from datatrove.pipeline.filters import (
        C4QualityFilter,
        FineWebQualityFilter,
        GopherQualityFilter,
        GopherRepetitionFilter,
    )
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    work_folder = str(out) + ".work"
    config = MinhashConfig(n_grams=5, num_buckets=14, hashes_per_bucket=8)
    filters = [  # bounds of the papers, as on our side
        C4QualityFilter(min_num_sentences=3, min_words_per_line=5),
        GopherRepetitionFilter(),
        GopherQualityFilter(),
        FineWebQualityFilter(char_duplicates_ratio=0.1, new_line_ratio=1e9),
    ]

    def run(pipeline, tasks):
        LocalPipelineExecutor(
            pipeline=pipeline,
            tasks=tasks,
            workers=WORKERS,
            skip_completed=False,
            start_method="fork",
            logging_dir=f"{work_folder}/logs",
        ).run()

    filtered = f"{work_folder}/filtered"
    run([JsonlReader(str(source)), *filters, JsonlWriter(filtered, compression=None)], 2)
    run([JsonlReader(filtered), MinhashDedupSignature(f"{work_folder}/signatures", config=config)], 2)
    run([MinhashDedupBuckets(f"{work_folder}/signatures", f"{work_folder}/buckets", config=config)], 14)
    run([MinhashDedupCluster(f"{work_folder}/buckets", f"{work_folder}/remove", config=config)], 1)
    run(
        [JsonlReader(filtered), MinhashDedupFilter(f"{work_folder}/remove"), JsonlWriter(str(out), compression=None)], 2
    )
    return {"filtered_kept": _num_lines(Path(filtered)), "kept": _num_lines(out)}


def _num_lines(folder: Path) -> int:
    return sum(file.read_bytes().count(b"\n") for file in folder.rglob("*.jsonl"))


# --- the three questions ---------------------------------------------------------------------------------------------


def timed(python: str, side: str, source: Path, out: Path) -> tuple[float, float, dict]:
    """Seconds on the clock, seconds of processor, and what the side reports."""
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [python, __file__, side, str(source), str(out)]
    run = subprocess.run(command, capture_output=True, text=True)
    seconds, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode:
        sys.exit(f"{side} failed:\n{run.stderr[-3000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, cpu, json.loads(run.stdout.splitlines()[-1])


def speed(rival: str, runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        count, size = write_documents(source, None, 10_000)
        print(f"{count} documents, {size / 1e6:.1f} MB, {WORKERS} processes; load average {os.getloadavg()[0]:.1f}")
        ratios = []
        for number in range(runs):
            ours, our_cpu, result = timed(sys.executable, "ours", source, Path(folder) / f"ours{number}.jsonl")
            theirs, their_cpu, other = timed(rival, "rival", source, Path(folder) / f"rival{number}")
            ratios.append(theirs / ours)
            print(f"clock: Glasswright {ours:6.2f} s   datatrove {theirs:6.2f} s   {ratios[-1]:.1f}x", end="   ")
            print(f"processor: {our_cpu:6.2f} s   {their_cpu:6.2f} s   {their_cpu / our_cpu:.1f}x", end="   ")
            print(f"load {os.getloadavg()[0]:.1f}", flush=True)
        print("Glasswright:", result)
        print("datatrove:  ", other)
        print(f"median ratio {sorted(ratios)[len(ratios) // 2]:.1f}")


def memory(megabytes: list[int]) -> None:
    for size in megabytes:
        with tempfile.TemporaryDirectory() as folder:
            count, num_bytes = write_documents(Path(folder) / "source", size * 10**6, None)
            seconds, cpu, result = timed(sys.executable, "ours", Path(folder) / "source", Path(folder) / "out.jsonl")
            peak = result["peak_main_mb"] + WORKERS * result["peak_worker_mb"]
            rate = num_bytes / 1e6 / seconds
            print(f"{num_bytes / 1e6:.0f} MB, {count} documents: {seconds:.1f} s, {cpu:.1f} s of processor", end=", ")
            print(f"{rate:.1f} MB/s")
            print(f"    peak at most {peak} MB", result, flush=True)


def truth() -> None:
    """Decisions on the shared data against all pairs of documents, by all their 8-grams, counted here."""
    from glasswright.corpus.dedup import sketch

    texts = shared_texts()
    ids = sorted(texts)
    overlap = Overlap([texts[name] for name in ids])
    sketches = sketch([texts[name] for name in ids])
    print(f"{len(ids)} documents, {len(overlap.holders)} different 8-grams\n\nnear_similarity 0.5:\n")
    print("| contained_share | dropped | of those that should be | contained | rightly | 8-grams lost for good |")
    print("|---|---|---|---|---|---|")
    for share in ("0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9"):
        kept_for, reason = _decisions(ids, texts, sketches, "0.5", share)
        contained = {a for a in kept_for if reason[a] == "contained_in_longer_document"}
        should, right = overlap.judge(kept_for, contained, float(share))
        found = _ratio(sum(a in kept_for for a in should), len(should))
        rightly = _ratio(len(right), len(contained))
        lost = overlap.share_lost(kept_for)
        print(f"| {share} | {len(kept_for)} | {found} | {len(contained)} | {rightly} | {lost:.1%} |")
    print("\ncontained_share 0.5:\n")
    print(
        "| near_similarity | near-duplicates | half of one's 8-grams shared | pairs of Jaccard >= 0.5 in one document |"
    )
    print("|---|---|---|---|")
    pairs = [pair for pair in overlap.pairs if overlap.jaccard(*pair) >= 0.5]
    for similarity in ("0.3", "0.4", "0.5", "0.6", "0.7", "0.8"):
        kept_for, reason = _decisions(ids, texts, sketches, similarity, "0.5")
        near = [(a, b) for a, b in kept_for.items() if reason[a] == "near_duplicate"]
        good = sum(max(overlap.share(a, b), overlap.share(b, a)) >= 0.5 for a, b in near)
        together = sum(kept_for.get(a, a) == kept_for.get(b, b) for a, b in pairs)
        print(f"| {similarity} | {len(near)} | {_ratio(good, len(near))} | {_ratio(together, len(pairs))} |")
    kept_for, reason = _decisions(ids, texts, sketches, "0.5", "0.5")
    print("\nat 0.5 and 0.5:", dict(Counter(reason.values())))
    print("\n| documents | number | with half of their 8-grams in one longer document | of these dropped |")
    print("|---|---|---|---|")
    for name, where in FAMILIES.items():
        members = [index for index, path in enumerate(ids) if re.search(where, path)]
        held = [index for index in members if overlap.share_in_longer(index) >= 0.5]
        print(f"| {name} | {len(members)} | {len(held)} | {_ratio(sum(a in kept_for for a in held), len(held))} |")
    _tell_the_two_editions(ids, overlap, kept_for)


FAMILIES = {
    "the Rust book for the web": "rust-lang/book/src/",
    "the Rust book for print": "rust-lang/book/nostarch/",
    "the old fork of the Rust book": "carols10cents/book/",
    "*Little Women* by chapter": "louisa-may-alcott_little-women/.*/chapter-",
    "moved EIPs": "ethereum/EIPs/EIPS/",
    "all": "",
}


def _tell_the_two_editions(ids: list[str], overlap: "Overlap", kept_for: dict[int, int]) -> None:
    """How many print files that share over half of their 8-grams with the web edition are linked with it."""
    web = {index for index, path in enumerate(ids) if "rust-lang/book/src/" in path}
    printed = [index for index, path in enumerate(ids) if "rust-lang/book/nostarch/" in path]
    all_of_web = set().union(*(overlap.grams[index] for index in web))
    repeated = [a for a in printed if len(overlap.grams[a] & all_of_web) > len(overlap.grams[a]) / 2]
    linked = [a for a in repeated if kept_for.get(a) in web or any(kept_for.get(b) == a for b in web)]
    print(
        f"\nprint files with over half of their 8-grams in the web files: {len(repeated)} of {len(printed)};", end=" "
    )
    print(f"linked with a web file: {len(linked)}")
    for a in sorted(set(repeated) - set(linked)):
        print("    not linked:", ids[a], f"dropped for {ids[kept_for[a]]}" if a in kept_for else "kept")


def _ratio(part: int, whole: int) -> str:
    return f"{part} of {whole}"


def _decisions(ids, texts, sketches, similarity: str, share: str) -> tuple[dict[int, int], dict[int, str]]:
    """By place: which document each dropped one was dropped for, and why."""
    from fractions import Fraction

    from glasswright.corpus.dedup import Bounds, duplicates

    digests = [hashlib.sha256(texts[name].encode()).hexdigest() for name in ids]
    bounds = Bounds(near_similarity=Fraction(similarity), contained_share=Fraction(share))
    found = duplicates(ids, digests, sketches, bounds, lambda place: texts[ids[place]])
    place = {name: index for index, name in enumerate(ids)}
    kept_for = {place[row.document_id]: place[row.duplicate_of] for row in found}
    return kept_for, {place[row.document_id]: row.reason for row in found}


class Overlap:
    """All pairs that share an 8-gram, by sets of tuples of words: nothing here comes from Glasswright."""

    def __init__(self, texts: list[str]):
        runs = [self._runs(text) for text in texts]
        self.num_words = [len(words) + 7 for words in runs]
        self.grams = [set(words) for words in runs]
        self.holders: dict[tuple[str, ...], list[int]] = {}
        for index, grams in enumerate(self.grams):
            for gram in grams:
                self.holders.setdefault(gram, []).append(index)
        self.pairs: Counter[tuple[int, int]] = Counter()
        for members in self.holders.values():
            self.pairs.update((a, b) for i, a in enumerate(members) for b in members[i + 1 :])
        self.inside: dict[int, dict[int, float]] = {}  # of each document: its share in each longer one
        for (a, b), shared in self.pairs.items():
            inner, outer = (a, b) if (self.num_words[a], -a) < (self.num_words[b], -b) else (b, a)
            self.inside.setdefault(inner, {})[outer] = shared / len(self.grams[inner])

    def _runs(self, text: str) -> list[tuple[str, ...]]:
        """Runs of 8 words; of a shorter text, all its words. A Han character or kana is a word."""
        words = re.findall(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+", text.lower())
        return [tuple(words[i : i + 8]) for i in range(max(len(words) - 7, min(len(words), 1)))]

    def jaccard(self, a: int, b: int) -> float:
        shared = self.pairs[a, b]
        return shared / (len(self.grams[a]) + len(self.grams[b]) - shared)

    def share(self, a: int, b: int) -> float:
        return self.pairs[min(a, b), max(a, b)] / max(len(self.grams[a]), 1)

    def share_in_longer(self, index: int) -> float:
        return max(self.inside.get(index, {}).values(), default=0)

    def judge(self, kept_for: dict[int, int], contained: set[int], share: float) -> tuple[list[int], list[int]]:
        """Documents of which the share stands in a longer one that is kept; and those that were rightly dropped."""
        should = [a for a, held in self.inside.items() if any(s >= share for b, s in held.items() if b not in kept_for)]
        return should, [a for a in contained if self.inside.get(a, {}).get(kept_for[a], 0) >= share]

    def share_lost(self, kept_for: dict[int, int]) -> float:
        """The share of all different 8-grams that stand in dropped documents alone."""
        return sum(all(a in kept_for for a in members) for members in self.holders.values()) / len(self.holders)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("speed")
    command.add_argument("--rival", required=True)
    command.add_argument("--runs", type=int, default=3)
    command = commands.add_parser("memory")
    command.add_argument("--megabytes", type=int, nargs="+", default=[100, 1000])
    commands.add_parser("truth")
    for side in ("ours", "rival"):
        command = commands.add_parser(side)
        command.add_argument("source", type=Path)
        command.add_argument("out", type=Path)
    args = parser.parse_args()
    if args.command == "speed":
        speed(args.rival, args.runs)
    elif args.command == "memory":
        memory(args.megabytes)
    elif args.command == "truth":
        truth()
    else:
        print(json.dumps((run_ours if args.command == "ours" else run_rival)(args.source, args.out)))


if __name__ == "__main__":
    main()
