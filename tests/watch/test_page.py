"""docs/cli.md names every field of what `watch --json` prints."""

from pathlib import Path

from glasswright.curve import Curve
from glasswright.watch import Standing

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"


def test_every_field_of_a_look_is_in_the_page():
    curve = Curve(losses=[], validation=[(1, 2.0)], num_steps=1, bytes_per_token=None)
    standing = Standing(
        where="", name="", state="built", why="", stage="", done=0, total=None, unit="", steps=[], ended_at=[],
        curve=curve, tokens_per_s=None, seconds_a_step=None, out="",
    )  # fmt: skip
    text = PAGE.read_text()
    fields = [*standing.record(), *standing.record()["validation_bits_per_byte"][0]]
    assert sorted(field for field in fields if f"`{field}`" not in text) == []
