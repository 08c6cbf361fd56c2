"""A loss curve: as plain text for the terminal, and as an SVG picture that stands alone.

5.9 |*
    | **
    |   ****
3.4 |       ********
     0         350 steps
"""

from collections.abc import Sequence

MARGIN = 48
WIDTH, HEIGHT = 720, 360


def text_plot(losses: Sequence[float], *, num_steps: int, width: int = 60, height: int = 12) -> list[str]:
    """The losses so far against all the steps there will be: one column is the mean of the steps that fall in it."""
    columns = _column_means(losses, num_steps, width)
    low, high = _range(losses)
    rows = [[" "] * width for _ in range(height)]
    for column, mean in enumerate(columns):
        if mean is not None:
            rows[round((high - mean) / (high - low) * (height - 1))][column] = "*"
    labels = {0: f"{high:.2f}", height - 1: f"{low:.2f}"}
    lines = [f"{labels.get(number, ''):>7} |{''.join(row)}".rstrip() for number, row in enumerate(rows)]
    return [*lines, f"{'nats':>7}  0{f'{num_steps} steps':>{width - 1}}"]


def svg(losses: Sequence[float], *, validation: Sequence[tuple[int, float]], title: str) -> str:
    """The loss of every step as a line, validation bits per byte as labelled dots below it."""
    low, high = _range(losses)

    def x(step: float) -> float:
        return MARGIN + step / max(len(losses), 1) * (WIDTH - 2 * MARGIN)

    def y(loss: float) -> float:
        return MARGIN + (high - loss) / (high - low) * (HEIGHT - 2 * MARGIN)

    points = " ".join(f"{x(step):.1f},{y(loss):.1f}" for step, loss in enumerate(losses, start=1))
    ticks = "".join(
        f'<text x="{MARGIN - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.2f}</text>' for value in (low, high)
    )
    dots = "".join(
        f'<circle cx="{x(step):.1f}" cy="{HEIGHT - MARGIN + 12}" r="2"/>'
        f'<text x="{x(step):.1f}" y="{HEIGHT - MARGIN + 28}" text-anchor="middle">{bits:.2f}</text>'
        for step, bits in validation
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="11">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
        f'<text x="{MARGIN}" y="24" font-size="14">{title}</text>'
        f'<path d="M{MARGIN},{MARGIN}V{HEIGHT - MARGIN}H{WIDTH - MARGIN}" fill="none" stroke="black"/>'
        f'<polyline points="{points}" fill="none" stroke="#1f5fbf" stroke-width="1.5"/>{ticks}{dots}'
        f'<text x="{WIDTH - MARGIN}" y="{HEIGHT - 4}" text-anchor="end">'
        f"line: loss in nats a token; dots: validation in bits a byte; {len(losses)} steps</text></svg>\n"
    )


def _column_means(losses: Sequence[float], num_steps: int, width: int) -> list[float | None]:
    columns: list[list[float]] = [[] for _ in range(width)]
    for step, loss in enumerate(losses):
        columns[min(step * width // num_steps, width - 1)].append(loss)
    return [sum(column) / len(column) if column else None for column in columns]


def _range(losses: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest loss, a little apart even where they are one."""
    low, high = min(losses, default=0.0), max(losses, default=1.0)
    return low, max(high, low + 0.01)
