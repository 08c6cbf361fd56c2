"""What is typed, for every command at least once: shown below its help, and held to its options by a test."""

EXAMPLES: dict[str, tuple[str, ...]] = {
    "demo": ("demo --out /tmp/demo",),
    "new": ("new mine",),
    "plan": ("plan mine.yaml", "plan mine.yaml --no-probe --json"),
    "build": (
        "build mine.yaml --out releases/mine",
        "build --documents notes --license CC-BY-4.0",
    ),
    "derive": (
        "derive SmolLM2-135M-Instruct --conversations talks.jsonl --license CC-BY-4.0",
        "derive releases/mine --documents notes --license LicenseRef-private --all-weights --plan",
    ),
    "corpus build": (
        "corpus build mine.yaml --out corpora/mine",
        "corpus build --source notes --license CC0-1.0 --out corpora/notes",
    ),
    "corpus show": ("corpus show releases/mine",),
    "corpus why": ("corpus why releases/mine notes/today.md",),
    "corpus query": ('corpus query releases/mine "SELECT license, count(*) FROM ledger GROUP BY license"',),
    "corpus diff": ("corpus diff corpora/before corpora/after",),
    "corpus prove": ("corpus prove releases/mine notes/today.md --json",),
    "corpus check-proof": ("corpus check-proof proof.json --root 5b3f...",),
    "corpus remove": ('corpus remove releases/mine notes/today.md --out corpora/without --reason "asked on 3 May"',),
    "corpus report": ("corpus report releases/mine --out reports",),
    "verify": (
        "verify releases/mine",
        "verify releases/mine --json",
        "verify mine-Q8_0.gguf --lineage --parent models --parent releases",
    ),
    "replay": ("replay releases/mine --segments 2",),
    "rebuild": ("rebuild releases/mine", "rebuild releases/mine --from-sources --source notes=/data/notes"),
    "diff": ("diff releases/mine releases/mine-rebuilt",),
    "doctor": ("doctor",),
    "cache": ("cache", "cache --older-than 30", "cache --remove tiny"),
    "watch": ("watch", "watch releases/mine --svg curve.svg", "watch --tensorboard runs/mine --csv mine.csv"),
    "generate": ('generate releases/mine "Once upon a time" --tokens 40',),
    "step": ("step releases/mine 120", "step releases/mine 120 --text"),
    "document": ("document releases/mine notes/today.md",),
    "audit": ("audit hf:org/name", "audit model/ --html report.html --badge badge.svg", "audit compare A B"),
    "scan": ("scan model/",),
    "merge": (
        "merge base --adapter adapter --out merged",
        "merge first second --linear 0.3,0.7 --out mean",
        "merge first second --slerp 0.5 --out between",
    ),
    "lineage": (
        "lineage model-Q8_0.gguf --from model",
        "lineage merged --from base --adapter adapter --json",
    ),
    "export": ("export releases/mine --gguf Q8_0 --out mine.gguf", "export releases/mine --hf mine-hf"),
}
