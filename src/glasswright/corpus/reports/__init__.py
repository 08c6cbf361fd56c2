"""Reports written from the ledger and the record of the sources, never by hand; each says what it could not derive."""

from glasswright.corpus.reports.write import REPORTS, write_reports

__all__ = ["REPORTS", "write_reports"]
