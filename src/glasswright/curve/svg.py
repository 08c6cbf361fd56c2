"""A loss curve as an SVG picture that stands alone: no script, no font, no file beside it; light or dark as the reader.

    thin     the loss of every step: where there are more steps than pixels, the least and the greatest of each pixel
    thick    the same, smoothed
    dots     what validation measured, against the same axis (see curve.py)

Equal curves give equal bytes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite

from glasswright.curve.curve import SMOOTHED_SHARE, Curve, smoothed
from glasswright.curve.ticks import label, ticks

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 62, 698, 78, 366  # of the plot itself
MOST_TICKS_ACROSS, MOST_TICKS_UP = 8, 7
ROOM = 0.04  # of the height, above and below the curve
STYLE = """\
svg { font: 12px system-ui, sans-serif; background: #ffffff; color: #1c2024 }
text { fill: currentColor } .title { font-size: 15px; font-weight: 600 } .soft { fill: #60646c }
.grid { stroke: #e0e3e8 } .axis { stroke: #8b8d98 }
.every { stroke: #7ba7dc; stroke-opacity: .6 } .mean { stroke: #0b5fa5; stroke-width: 2.2 }
.held { stroke: #b4540a; stroke-width: 1.6; stroke-dasharray: 4 3 } .dot { fill: #b4540a }
@media (prefers-color-scheme: dark) {
  svg { background: #15181c; color: #e6e8eb } .soft { fill: #a0a5ad } .grid { stroke: #2b3037 }
  .axis { stroke: #6f757e } .every { stroke: #42688f } .mean { stroke: #7cb8f2 }
  .held { stroke: #f0a35c } .dot { fill: #f0a35c }
}
"""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a step and a loss lie in the picture."""

    num_steps: int
    low: float
    high: float

    def x(self, step: float) -> float:
        return LEFT + step / self.num_steps * (RIGHT - LEFT)

    def y(self, nats: float) -> float:
        return TOP + (self.high - nats) / (self.high - self.low) * (BOTTOM - TOP)


def svg(curve: Curve, *, title: str) -> str:
    """The picture of a curve."""
    frame = _frame(curve)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img">\n<title>{escape(title)}: {escape(_told(curve))}</title>\n<style>\n{STYLE}</style>\n'
        f'<text class="title" x="{LEFT}" y="26">{escape(title)}</text>\n'
        + _legend(curve)
        + _axes(curve, frame)
        + _line("every", _extremes(curve.losses, frame))
        + _line("mean", _means(curve.losses, frame))
        + _validation(curve, frame)
        + "</svg>\n"
    )


def _told(curve: Curve) -> str:
    """The picture in words, for whoever does not see it."""
    if not curve.losses:
        return "no step yet"
    first, last = curve.losses[0], curve.losses[-1]
    told = f"{len(curve.losses):,} of {curve.num_steps:,} steps, loss from {first:.3f} to {last:.3f} nats a token"
    return f"{told}; validation {curve.validation[-1][1]:.3f} bits a byte" if curve.validation else told


def _frame(curve: Curve) -> Frame:
    seen = [loss for loss in curve.losses if isfinite(loss)] + [nats for _, nats in _validation_nats(curve)]
    low, high = min(seen, default=0.0), max(seen, default=1.0)
    room = max(high - low, 0.01) * ROOM
    return Frame(max(curve.num_steps, len(curve.losses), 1), low - room, high + room)


def _validation_nats(curve: Curve) -> list[tuple[int, float]]:
    factor = curve.nats_per_bit
    if factor is None:
        return []
    return [(step, bits * factor) for step, bits in curve.validation if isfinite(bits)]


def _legend(curve: Curve) -> str:
    entries = [
        ("every", "loss of every step"),
        ("mean", f"mean over 1/{SMOOTHED_SHARE // 2} of the steps"),
        ("held", "validation: documents that were not trained on"),
    ]
    shown = entries if _validation_nats(curve) else entries[:2]
    pieces, x = [], LEFT
    for kind, text in shown:
        pieces.append(f'<path class="{kind}" d="M{x} 48h22" fill="none"/>')
        pieces.append(f'<text class="soft" x="{x + 28}" y="52">{text}</text>\n')
        x += 46 + round(6.4 * len(text))
    return "".join(pieces)


def _axes(curve: Curve, frame: Frame) -> str:
    across = ticks(0, frame.num_steps, most=MOST_TICKS_ACROSS)
    pieces = [_heights(frame, 1.0, lambda y, text: _left(y, text)), _at(LEFT, TOP - 8, "nats a token", "end", dx=34)]
    factor = curve.nats_per_bit
    if _validation_nats(curve) and factor is not None:
        pieces.append(_heights(frame, factor, lambda y, text: _at(RIGHT + 8, y + 4, text, "start")))
        pieces.append(_at(WIDTH - 6, TOP - 8, "bits a byte", "end"))
    pieces.append(f'<path class="axis" d="M{LEFT} {BOTTOM}H{RIGHT}" fill="none"/>\n')
    for step in across:
        x = frame.x(step)
        pieces.append(f'<path class="axis" d="M{x:.1f} {BOTTOM}v5" fill="none"/>')
        pieces.append(_at(x, BOTTOM + 20, label(step, across), "middle"))
    pieces.append(_at((LEFT + RIGHT) / 2, BOTTOM + 42, "step", "middle"))
    return "".join(pieces)


def _heights(frame: Frame, factor: float, draw: Callable[[float, str], str]) -> str:
    """Ticks up an axis whose unit is `factor` nats a token."""
    values = ticks(frame.low / factor, frame.high / factor, most=MOST_TICKS_UP)
    return "".join(draw(frame.y(value * factor), label(value, values)) for value in values)


def _left(y: float, text: str) -> str:
    return f'<path class="grid" d="M{LEFT} {y:.1f}H{RIGHT}" fill="none"/>' + _at(LEFT - 8, y + 4, text, "end")


def _at(x: float, y: float, text: str, anchor: str, *, dx: int = 0) -> str:
    return f'<text class="soft" x="{x + dx:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>\n'


def _line(kind: str, points: Sequence[tuple[float, float]]) -> str:
    if not points:
        return ""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="{kind}" points="{path}" fill="none" stroke-linejoin="round"/>\n'


def _extremes(losses: Sequence[float], frame: Frame) -> list[tuple[float, float]]:
    """The losses, and of those that share a pixel the least and the greatest in their order."""
    columns: dict[int, list[tuple[float, int]]] = {}
    for step, loss in enumerate(losses, start=1):
        if isfinite(loss):
            columns.setdefault(round(frame.x(step)), []).append((loss, step))
    kept = [sorted({min(column), max(column)}, key=lambda pair: pair[1]) for column in columns.values()]
    return [(frame.x(step), frame.y(loss)) for column in kept for loss, step in column]


def _means(losses: Sequence[float], frame: Frame) -> list[tuple[float, float]]:
    """The smoothed losses, one a pixel."""
    means = enumerate(smoothed([loss for loss in losses if isfinite(loss)]), start=1)
    points = {round(frame.x(step)): (frame.x(step), frame.y(mean)) for step, mean in means}
    return list(points.values())


def _validation(curve: Curve, frame: Frame) -> str:
    measured = _validation_nats(curve)
    points = [(frame.x(step), frame.y(nats)) for step, nats in measured]
    dots = "".join(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)
    return _line("held", points) + (dots + "\n" if dots else "")
