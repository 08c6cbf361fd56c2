"""Counts as dots on a logarithmic axis: a corpus is skewed, and what is small must be seen beside what is large.

Plain SVG, written by hand: the same counts give the same bytes, and no program is needed to look at it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LABELS, AXIS, MARGIN = 860, 250, 330, 20  # pixels: all; the names; from the axis' first value to its last
ROW, TITLE, FOOT = 20, 52, 34
MAX_LABEL = 32  # characters, of which capitals take 8 pixels
INK, FAINT, DOT = "#1a1a1a", "#d0d0d0", "#0b5fa5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One plot: a value and a note for each name."""

    title: str
    unit: str
    dots: Sequence[tuple[str, int, str]]  # name, value, what is written beside the dot

    @property
    def height(self) -> int:
        return TITLE + ROW * len(self.dots) + FOOT


def plot(panels: Sequence[Panel], description: str) -> str:
    """An SVG of the panels, one below the other."""
    pieces, top = [], MARGIN
    for panel in panels:
        pieces.append(_panel(panel, top))
        top += panel.height
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" viewBox="0 0 {WIDTH} {top}" '
        f'role="img" font-family="sans-serif" font-size="13" fill="{INK}">\n'
        f"<title>{escape(description)}</title>\n"
        f'<rect width="{WIDTH}" height="{top}" fill="#ffffff"/>\n' + "".join(pieces) + "</svg>\n"
    )


def _panel(panel: Panel, top: int) -> str:
    values = [max(value, 1) for _, value, _ in panel.dots]
    low = 10 ** math.floor(math.log10(min(values, default=1)))
    decades = max(1, math.ceil(math.log10(max(values, default=1) / low)))
    bottom = top + TITLE + ROW * len(panel.dots)
    lines = [_text(MARGIN, top + 16, panel.title, weight="bold"), _ticks(low, decades, panel.unit, top, bottom)]
    for index, (name, value, note) in enumerate(panel.dots):
        y = top + TITLE + ROW * index
        x = _place(max(value, 1), low, decades)
        lines += [
            _text(LABELS, y + 4, _short(name), anchor="end", title=name),
            f'<path d="M{_place(low, low, decades):.1f} {y}H{x:.1f}" stroke="{DOT}" stroke-width="2"/>\n',
            f'<circle cx="{x:.1f}" cy="{y}" r="4.5" fill="{DOT}"/>\n',
            _text(x + 10, y + 4, note),
        ]
    return "".join(lines)


def _ticks(low: int, decades: int, unit: str, top: int, bottom: int) -> str:
    pieces = []
    for decade in range(decades + 1):
        x = _place(low * 10**decade, low, decades)
        pieces.append(f'<path d="M{x:.1f} {top + TITLE - 12}V{bottom - 6}" stroke="{FAINT}"/>\n')
        pieces.append(_text(x, top + TITLE - 18, _power(low * 10**decade), anchor="middle", size=11))
    note = f"{unit}, logarithmic"
    return "".join(pieces) + _text(LABELS + 12 + AXIS + 24, top + TITLE - 18, note, size=11)


def _place(value: float, low: int, decades: int) -> float:
    return LABELS + 12 + AXIS * math.log10(value / low) / decades


def _power(value: int) -> str:
    """1000 -> "1k"."""
    for size, letter in ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value // size}{letter}"
    return str(value)


def _short(name: str) -> str:
    """The beginning and the end of a long name."""
    if len(name) <= MAX_LABEL:
        return name
    half = MAX_LABEL // 2
    return f"{name[:half]}\u2026{name[-half + 1 :]}"


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 13, weight: str = "normal", title: str = ""
) -> str:
    told = f"<title>{escape(title)}</title>" if title else ""
    return (
        f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}">'
        f"{told}{escape(text)}</text>\n"
    )
