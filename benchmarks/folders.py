"""Folders as newcomers have them, built and verified: python benchmarks/folders.py WORK [NAME ...]

    one      a text of 20 kB
    prose    200 files of Markdown
    office   20 PDFs, 15 Word files; a film of 250 MB, a bomb, what is locked, cut, with macros, packed
    code     30 notebooks, 30 modules, a table; 3,000 files of packages in .venv
    many     50,000 short texts

Every name is built unless some are given; the seconds are of the clock and of the processor. The words are drawn from
a list of ours.
"""

import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.corpus.office import notebook, pdf, with_member, word

WORDS = """
    river mill stone grain owl rafter fox field evening morning people hill water wheel bread road winter summer
    night old new small great slow quiet bright dark runs sleeps turns falls keeps finds carries leaves returns
    opens closes under over near beside behind before after while when because until though where who which whose
    every some many few none
""".split()
Files = Iterator[tuple[str, bytes]]


def prose(seed: str, num_words: int = 120) -> str:
    draw = random.Random(seed)
    return " ".join(draw.choice(WORDS) for _ in range(num_words)) + "."


def one() -> Files:
    yield "all.txt", prose("one", 5000).encode()[:20_000]


def many_words() -> Files:
    for number in range(200):
        text = "\n\n".join(prose(f"prose {number} {part}") for part in range(6))
        yield f"{number // 20}/{number}.md", f"# Chapter {number}\n\n{text}".encode()


def office() -> Files:
    for number in range(20):
        yield f"reports/{number}.pdf", pdf(*(prose(f"pdf {number} {page}", 14) for page in range(10)))
    for number in range(15):
        yield f"letters/{number}.docx", word(*(prose(f"word {number} {part}") for part in range(5)), heading="A letter")
    yield "film.mp4", b"\0\0\0\x18ftyp" + bytes(250_000_000)
    yield "bomb.docx", with_member(word("x"), "word/media/a.bin", bytes(200_000_000))
    yield "locked.pdf", pdf("x", password="p")
    yield "cut.docx", word("x")[:9000]
    yield "macros.docm", with_member(word("x"), "word/vbaProject.bin", b"x")
    yield "old.zip", with_member(b"", "a.txt", b"x")
    yield "budget.xlsx", b"PK\3\4"
    yield "notes.txt", prose("notes").encode()


def code() -> Files:
    for number in range(30):
        told = ("markdown", prose(f"notebook {number}"))
        yield f"notebooks/{number}.ipynb", notebook(told, ("code", f"x = {number}\nprint(x)"))
        yield f"src/m{number}.py", f'"""{prose(f"module {number}", 40)}"""\n\nX = {number}\n'.encode()
    yield "data.csv", b"beast,legs\n" + b"".join(b"owl,%d\n" % number for number in range(500))
    for number in range(3000):
        yield f".venv/lib/{number}.py", b"x = 1\n"


def many() -> Files:
    for number in range(50_000):
        yield f"{number // 500}/{number}.txt", prose(f"many {number}", 40).encode()


FOLDERS: dict[str, Callable[[], Files]] = {
    "one": one,
    "prose": many_words,
    "office": office,
    "code": code,
    "many": many,
}


def main() -> None:
    work, names = Path(sys.argv[1]).absolute(), sys.argv[2:] or list(FOLDERS)
    for name in names:
        for path, data in FOLDERS[name]():
            place = work / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        places = ("--work", f"{work}/{name}-work", "--out", f"{work}/releases/{name}")
        built = glasswright("build", "--documents", f"{work}/{name}", "--license", "CC0-1.0", *places)
        verified = glasswright("verify", f"{work}/releases/{name}")
        print(f"== {name}: built in {built}, verified in {verified}", flush=True)


def glasswright(*words: str) -> str:
    """Run a command; how long it took, and the most memory that it or a command before it had."""
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "glasswright.cli", *words], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return f"{time.monotonic() - started:.1f} s ({processor:.1f} of the processor, at most {after.ru_maxrss >> 10} MiB)"


if __name__ == "__main__":
    main()
