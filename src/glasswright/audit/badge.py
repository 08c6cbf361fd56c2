"""An SVG badge that says the verdict, the day it was found, the day it expires, and the digest of its report.

A badge is a picture of one day's evidence. Opened by itself it leads to the report; shown as an image in a page, it
leads where that page says.
"""

from datetime import date, timedelta
from html import escape

from glasswright.audit.links import snapshot_link
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
SHOWN_DIGITS = 12  # of the digest; the metadata has all


def report_badge(report: Report, audited_on: date, page: str | None = None) -> str:
    """The badge of a report.

    page:  the address of the report, as seen from the badge; without one, the badge leads to what was audited
    """
    expires_on = audited_on + timedelta(days=VALID_DAYS)
    left, word, digest = "openness", report.label.ours, report.digest()
    right = f"{word} · {audited_on.isoformat()}"
    below = f"expires {expires_on.isoformat()} · {digest[:SHOWN_DIGITS]}"
    left_width, right_width = _width(left), max(_width(right), _width(below))
    total = left_width + right_width
    dates = f"audited {audited_on.isoformat()}, expires {expires_on.isoformat()}"
    title = f"{shown(report.subject.name)}: {word}; OSAID {report.osaid.status}; {dates}"
    size = f'width="{total}" height="34"'
    link = page or next(filter(None, map(snapshot_link, report.subject.snapshots)), None)
    opened, closed = (f'<a href="{escape(link, quote=True)}">\n', "</a>\n") if link else ("", "")
    return f"""<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title, quote=True)}">
<title>{escape(title)}</title>
<metadata>audited {audited_on.isoformat()} expires {expires_on.isoformat()} report sha256:{digest}</metadata>
{opened}<rect width="{left_width}" height="34" rx="3" fill="#24292f"/>
<rect x="{left_width - 3}" width="{right_width + 3}" height="34" rx="3" fill="{COLOURS[word]}"/>
<g fill="#ffffff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="8" y="21">{left}</text>
<text x="{left_width + 7}" y="14">{escape(right)}</text>
<text x="{left_width + 7}" y="28" font-size="10">{below}</text>
</g>
{closed}</svg>
"""


def _width(text: str) -> int:
    return round(len(text) * CHARACTER_WIDTH) + 16
