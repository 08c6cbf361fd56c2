"""An SVG badge that says the verdict and its date, and greys out of itself when it is old.

A badge is a picture of one day's evidence. It carries the day it was made and the day it expires; a browser that
runs no script still shows both dates.
"""

from datetime import date, timedelta
from html import escape

from glasswright.audit.report import Report
from glasswright.foreign import shown

VALID_DAYS = 180
COLOURS = {
    "open source": "#1a7f37",
    "open weights": "#9a6700",
    "restricted weights": "#b35900",
    "closed": "#b42318",
    "unknown": "#57606a",
}
CHARACTER_WIDTH = 6.6


def report_badge(report: Report, audited_on: date) -> str:
    """The badge of a report."""
    expires_on = audited_on + timedelta(days=VALID_DAYS)
    left, word = "openness", report.label.ours
    right = f"{word} · {audited_on.isoformat()}"
    below = f"expires {expires_on.isoformat()}"
    left_width, right_width = _width(left), max(_width(right), _width(below))
    total = left_width + right_width
    dates = f"audited {audited_on.isoformat()}, expires {expires_on.isoformat()}"
    title = f"{shown(report.subject.name)}: {word}; OSAID {report.osaid.status}; {dates}"
    size = f'width="{total}" height="34"'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title, quote=True)}">
<title>{escape(title)}</title>
<metadata>audited {audited_on.isoformat()} expires {expires_on.isoformat()}</metadata>
<rect width="{left_width}" height="34" rx="3" fill="#24292f"/>
<rect x="{left_width - 3}" width="{right_width + 3}" height="34" rx="3" fill="{COLOURS[word]}"/>
<g fill="#ffffff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="8" y="21">{left}</text>
<text x="{left_width + 7}" y="14">{escape(right)}</text>
<text x="{left_width + 7}" y="28" font-size="10">{below}</text>
</g>
</svg>
"""


def _width(text: str) -> int:
    return round(len(text) * CHARACTER_WIDTH) + 16
