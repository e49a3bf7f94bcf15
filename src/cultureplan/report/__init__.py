"""Floor 7: the report - one self-contained page, with tables and maps beside it."""

from __future__ import annotations

from cultureplan.report.write import write_report

__all__ = ["write_report"]
