"""What people and programs see: verdicts, progress, curves."""

import io
import json

import pytest
from tests.foreign.hostile import HOSTILE, raw_in

from glasswright.cli.progress import Display, duration, say
from glasswright.cli.show import out, show_json_list, show_verdict, size, table
from glasswright.records.progress import Progress
from glasswright.records.verdict import Answer, Finding, Verdict


def verdict(*answers: Answer) -> Verdict:
    findings = tuple(
        Finding(claim=f"claim {number}", answer=answer, evidence="seen", hint="do this")
        for number, answer in enumerate(answers)
    )
    return Verdict(subject="release", findings=findings, not_checked=("the weather",))


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([Answer.PROVED, Answer.PROVED], 0),
        ([Answer.PROVED, Answer.REFUTED, Answer.UNKNOWN], 1),
        ([Answer.PROVED, Answer.UNKNOWN], 3),
        ([], 3),
    ],
)
def test_the_exit_code_is_that_of_the_answer(answers: list[Answer], code: int):
    assert show_verdict(verdict(*answers)) == code
    assert show_verdict(verdict(*answers), as_json=True) == code


def test_a_verdict_ends_with_what_was_not_checked_and_the_answer(capsys: pytest.CaptureFixture[str]):
    show_verdict(verdict(Answer.PROVED, Answer.REFUTED))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "PROVED   claim 0"
    assert lines[-4:] == ["not checked:", "  - the weather", "", "REFUTED  release"]


def test_a_hint_is_shown_only_where_something_is_wrong(capsys: pytest.CaptureFixture[str]):
    show_verdict(verdict(Answer.PROVED, Answer.UNKNOWN))
    assert capsys.readouterr().out.count("hint: do this") == 1


def test_json_is_the_record_itself(capsys: pytest.CaptureFixture[str]):
    show_verdict(verdict(Answer.PROVED), as_json=True)
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(verdict(Answer.PROVED).record()))


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_that_is_shown_is_obeyed(name: str, capsys: pytest.CaptureFixture[str]):
    text, written = HOSTILE[name]
    finding = Finding(claim=f"{text}: a claim", answer=Answer.UNKNOWN, evidence=f"seen {text}", hint=f"do {text}")
    told = Verdict(subject=f"release {text}", findings=(finding,), not_checked=(f"the {text}",))
    show_verdict(told)
    said = capsys.readouterr().out
    assert raw_in(said) == set()
    assert said.splitlines()[0] == f"UNKNOWN  {written}: a claim"
    assert said.splitlines()[-1] == f"UNKNOWN  release {written}"
    show_verdict(told, as_json=True)
    table([("a", text), (text, "b")])
    show_json_list([{"a": text}, text])
    out(f"a {text}")
    say(f"a {text}")
    display = Display(clock=iter((0, 20, 40)).__next__)
    for done in (1, 2, 3):
        display(Progress(what=text, done=done, total=3, unit=text, note=text))
    said = capsys.readouterr()
    assert said.err.count(written) >= 5
    assert raw_in(said.out + said.err) == set()


def test_a_finding_has_no_second_line_at_the_margin(capsys: pytest.CaptureFixture[str]):
    forged = "x\nPROVED   everything\n\nPROVED  release"
    finding = Finding(claim=forged, answer=Answer.REFUTED, evidence=forged, hint=forged)
    show_verdict(Verdict(subject=forged, findings=(finding,), not_checked=(forged,)))
    assert not any(line.startswith("PROVED") for line in capsys.readouterr().out.splitlines())


def test_our_own_colours_are_drawn(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    show_verdict(verdict(Answer.PROVED))
    assert capsys.readouterr().out.startswith("\x1b[32mPROVED \x1b[0m  claim 0\n")


def shown(reports: list[tuple[float, Progress]], *, live: bool) -> str:
    """What a display writes for reports at given seconds."""
    stream, seconds = io.StringIO(), iter([second for second, _ in reports])
    display = Display(stream=lambda: stream, clock=lambda: next(seconds), is_live=lambda _: live)
    for _, progress in reports:
        display(progress)
    return stream.getvalue()


def steps(done: int, note: str = "") -> Progress:
    return Progress(what="train", done=done, total=100, unit="steps", note=note)


def test_a_terminal_sees_one_line_with_rate_time_left_and_note():
    text = shown([(0, steps(0)), (10, steps(20, "loss 3.2"))], live=True)
    line = text.split("\r\x1b[K")[-1]
    assert " ".join(line.split()) == "train 20 of 100 steps 20% 2.0 steps/s 40s left loss 3.2"
    assert "\n" not in text


def test_elsewhere_a_plain_line_comes_now_and_then_and_at_the_end():
    reports = [(float(second), steps(second)) for second in range(101)]
    lines = shown(reports, live=False).splitlines()
    assert len(lines) == 10
    assert lines[-1].startswith("train        100 of 100 steps   100%")
    assert "\x1b" not in "".join(lines)


def test_work_that_is_over_at_once_is_not_talked_about_though_it_comes_again():
    small = [Progress(what="check", done=done, total=1, unit="MiB") for done in (0, 1)]
    assert shown([(2.0 * second, it) for second in range(9) for it in small], live=False) == ""


def test_work_of_unknown_size_shows_how_much_is_done():
    reports = [(0.0, Progress(what="read", done=0, total=None, unit="files"))]
    reports += [(20.0, Progress(what="read", done=5, total=None, unit="files"))]
    assert shown(reports, live=False) == "read         5 files   0.2 files/s\n"


def test_the_next_piece_of_work_starts_a_new_line():
    other = Progress(what="verify", done=0, total=10, unit="files")
    assert shown([(0, steps(1)), (1, steps(2)), (2, other)], live=True).count("\n") == 1


@pytest.mark.parametrize("live", [True, False])
def test_nothing_of_nothing_is_not_talked_about(live: bool):
    nothing = Progress(what="check", done=0, total=0, unit="MiB")
    assert shown([(0, nothing), (20, nothing)], live=live) == ""


def test_work_that_is_over_at_once_is_not_talked_about():
    assert shown([(0, steps(0)), (0.05, steps(100))], live=True) == ""
    assert shown([(0, steps(0)), (0.5, steps(100))], live=False) == ""


def test_news_is_said_at_once_below_the_work(capsys: pytest.CaptureFixture[str]):
    news = Progress(what="tokens", done=0, total=None, unit="files", note="a bit has flipped", is_news=True)
    assert shown([(0, steps(0)), (0.01, news), (0.02, steps(1))], live=False) == ""
    assert capsys.readouterr().err == "a bit has flipped\n"


@pytest.mark.parametrize(("seconds", "text"), [(8.2, "8s"), (59.6, "1m 00s"), (74, "1m 14s"), (3725, "1h 02m")])
def test_a_duration_is_short(seconds: float, text: str):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0 bytes"), (999, "999 bytes"), (2_100_000, "2.1 MB"), (5e15, "5000.0 TB")]
)
def test_a_size_has_its_unit(amount: float, text: str):
    assert size(amount) == text
