"""Whether a report has come, and in time: its first version says so, whatever becomes of it afterwards.

What was taken back or returned has come all the same.  It waits to be sent again, which is something else than late.
"""

from __future__ import annotations

from datetime import datetime

from handlers.records.reports import Report


def came(report: Report | None) -> datetime | None:
    """Give when the first version of a report was sent; None while nothing was."""
    return report.submissions[0].at if report is not None and report.submissions else None


def in_time(report: Report | None, ends: datetime) -> bool:
    """Say whether the first version came before the first moment at which a report is late."""
    at = came(report)
    return at is not None and at < ends


def reworked(report: Report) -> bool:
    """Say whether what was sent was taken back or returned, so that it waits to be sent again."""
    return bool(report.submissions) and not report.delivered
