"""The picture of a run: every step in it, validation on the same axis, readable, and safe to look at."""

import math
import re
import xml.etree.ElementTree as ET

import pytest

from glasswright.curve import Curve, smoothed, svg, text_plot
from glasswright.curve.ticks import label, ticks
from glasswright.records.canonical import float_bits
from glasswright.records.transcript import StepRecord

SVG = "{http://www.w3.org/2000/svg}"


def curve(num: int = 100, **changes: object) -> Curve:
    losses = [6.0 - step / num for step in range(num)]
    fields = {"losses": losses, "validation": [(num // 2, 2.0)], "num_steps": num, "bytes_per_token": 3.5}
    return Curve(**fields | changes)  # type: ignore[arg-type]


def drawn(picture: str, kind: str) -> list[tuple[float, float]]:
    """The points of a line."""
    lines = [line for line in ET.fromstring(picture).iter(f"{SVG}polyline") if line.get("class") == kind]
    return [tuple(map(float, point.split(","))) for line in lines for point in line.attrib["points"].split()]  # type: ignore[misc]


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(picture).iter(f"{SVG}text")]


def test_the_picture_needs_nothing_else_and_says_in_words_what_it_shows():
    picture = svg(curve(), title="Training of tiny")
    assert re.findall(r"https?://\S+", picture) == ['http://www.w3.org/2000/svg"']
    assert not re.search(r"<script|<image|@import|url\(|href", picture)
    said = ET.fromstring(picture).findtext(f"{SVG}title")
    assert said == (
        "Training of tiny: 100 of 100 steps, loss from 6.000 to 5.010 nats a token; validation 2.000 bits a byte"
    )


def test_the_picture_is_for_light_and_for_dark():
    assert "prefers-color-scheme: dark" in svg(curve(), title="t")


def test_validation_lies_on_the_axis_of_the_loss():
    bits = 5.51 / (math.log(2) * 3.5)  # as many nats a token as the loss of that step
    picture = svg(curve(validation=[(50, bits)]), title="t")
    dot = next(ET.fromstring(picture).iter(f"{SVG}circle"))
    near = [y for x, y in drawn(picture, "every") if abs(x - float(dot.attrib["cx"])) < 0.1]
    assert near == pytest.approx([float(dot.attrib["cy"])], abs=0.1)


def test_both_units_and_the_steps_are_named():
    said = texts(svg(curve(), title="t"))
    assert {"nats a token", "bits a byte", "step", "100"} <= set(said)
    assert "bits a byte" not in texts(svg(curve(validation=[]), title="t"))
    assert "bits a byte" not in texts(svg(curve(bytes_per_token=None), title="t"))


def test_of_steps_that_share_a_pixel_the_extremes_are_drawn():
    losses = [4.0] * 20_000
    losses[12_345] = 9.0
    picture = svg(curve(losses=losses, num_steps=20_000, validation=[]), title="t")
    points = drawn(picture, "every")
    highest = min(points, key=lambda point: point[1])
    assert highest[0] == pytest.approx(62 + 12_346 / 20_000 * 636, abs=0.1)
    assert len(picture) < 60_000


def test_a_run_that_goes_on_leaves_room_for_the_steps_to_come():
    picture = svg(curve(num_steps=200), title="t")
    assert max(x for x, _ in drawn(picture, "every")) == pytest.approx(62 + 636 / 2, abs=0.1)


@pytest.mark.parametrize("losses", [[], [5.0], [math.nan, math.inf, 3.0], [2.0, 2.0]])
def test_whatever_a_transcript_says_is_drawn(losses: list[float]):
    picture = svg(curve(losses=losses, validation=[(1, math.inf)], num_steps=3), title="t")
    assert "nan" not in picture.split("</title>")[1]
    assert "inf" not in picture.split("</title>")[1]
    assert len(text_plot(losses, num_steps=3)) == 13


def test_a_title_cannot_become_markup():
    title = "</title><script>alert(1)</script>"
    assert texts(svg(curve(), title=title))[0] == title


def test_equal_curves_give_equal_bytes():
    assert svg(curve(), title="t") == svg(curve(), title="t")


def test_a_smoothed_loss_keeps_what_does_not_change_and_damps_what_does():
    assert smoothed([3.0] * 120) == pytest.approx([3.0] * 120)
    noisy = [4.0 + (-1) ** step for step in range(200)]
    assert max(abs(mean - 4.0) for mean in smoothed(noisy)[4:]) < 0.3
    assert smoothed(noisy)[0] == noisy[0]


def test_few_steps_are_not_smoothed():
    assert smoothed([5.0, 1.0, 4.0]) == pytest.approx([5.0, 1.0, 4.0])


def test_the_curve_of_records_has_their_values():
    records = [
        StepRecord(
            step=step,
            loss_nats=float_bits(5.0 - step),
            gradient_norm=float_bits(1.0),
            clip=float_bits(1.0),
            num_tokens=10,
            reads="",
            validation_bits_per_byte=float_bits(2.5) if step == 2 else None,
        )
        for step in (1, 2)
    ]
    found = Curve.of(records, num_steps=4, held=(30, 10))
    assert (found.losses, found.validation, found.bytes_per_token) == ([4.0, 3.0], [(2, 2.5)], 3.0)
    assert Curve.of(records, num_steps=4, held=(0, 0)).bytes_per_token is None


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 700, ["0", "100", "200", "300", "400", "500", "600", "700"]),
        (0, 24, ["0", "5", "10", "15", "20"]),
        (3.31, 7.9, ["4", "5", "6", "7"]),
        (2.0, 2.1, ["2.00", "2.02", "2.04", "2.06", "2.08", "2.10"]),
        (0, 20_000, ["0", "5,000", "10,000", "15,000", "20,000"]),
        (4, 4, ["4"]),
    ],
)
def test_ticks_are_round_numbers_within_the_axis(low: float, high: float, labels: list[str]):
    found = ticks(low, high, most=8)
    assert [label(value, found) for value in found] == labels


def test_a_falling_loss_falls_on_the_plot():
    lines = text_plot([6.0 - step / 50 for step in range(100)], num_steps=200, width=40, height=8)
    assert lines[0].startswith("   5.96 |**")  # means of the steps of a column
    rows = [line.split("|")[1] for line in lines[:8]]
    assert max(len(row) for row in rows) == 20  # half of the steps are still to come
    assert rows[7].rstrip().endswith("*")
