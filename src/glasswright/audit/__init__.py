"""How open a model is, claim by claim, with the evidence each answer rests on.

    subject    snapshots: listings, and the texts among them       sources, subject, reading, passages, voices
    facts      what rules found, with file, lines and quote        *_rules, license_files, license_statements, facts
    rules      patterns, whose sentence it is, what a file does    rules/*.toml, sentences, listing_rules
    verdicts   what the facts mean, five rule books kept apart     osaid, mof, osai_index, eu_ai_act, label
    report     all of it, as record, text, page, badge, SARIF      report, rows, text, page, badge, sarif, compare
               the questions of people, and what would settle      questions, quoting, settles, links, measured
    followed   what the subject links to, read on the web          following, hubs, web, extract

Rules are general: none knows a model or a publisher by name. Three answers: proved, refuted, unknown; and four kinds
of unknown: missing, unlicensed, unreachable, unchecked.
"""

from glasswright.audit.report import Report, audit_subject
from glasswright.audit.self_audit import audit_release
from glasswright.audit.sources import load_subject
from glasswright.audit.subject import load_parent

__all__ = ["Report", "audit_release", "audit_subject", "load_parent", "load_subject"]
