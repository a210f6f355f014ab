"""One life of a process after the other: whoever is killed is born anew, until the supervisor is told to end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress


def lives(live: Callable[[], None], end: signal.Signals) -> Iterator[int]:
    """Give the process of one life after the other, until SIGTERM, which ends the one under way as said."""
    stopping = False
    child = 0

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True
        if child:
            with suppress(ProcessLookupError):  # it has just died
                os.kill(child, end)

    signal.signal(signal.SIGTERM, stop)
    while True:
        # Held back until the child is known: between the look and the birth a signal would reach nobody.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        if stopping:
            return
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
            live()
            os._exit(0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        yield child
