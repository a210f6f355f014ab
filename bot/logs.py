"""The log of a process, which the service manager takes from standard error."""

from __future__ import annotations

import logging
import sys
from types import TracebackType

from bot.trouble import where

NOISY = ("apscheduler", "httpx", "alembic", "aiogram", "fontTools")

Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    """Keeps people's words out of the errors that libraries log, too."""

    def formatException(self, ei: Failure) -> str:  # noqa: N802 - logging's own name
        """Give an error's kind and places; what it says is often what somebody wrote."""
        return where(ei[1]) if ei[1] is not None else ""


def begin() -> None:
    """Write everything worth knowing from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns each second in which a tick still runs; what a tick leaves over, the next one does.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
