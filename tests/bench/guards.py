"""How many secrets the guard finds in 20,000 generated messages, and how often it hides what is none."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.guard import overheard, retold, told, unseen
from tests.guard.figures import FALSE, RECALL, measure
from tests.guard.messages import messages

SEED, MESSAGES = 2026, 20_000
SETS = (("first", told), ("second", retold), ("third", overheard), ("fourth", unseen))


def main(say: Callable[[str], None]) -> None:
    """Print recall and false alarms by kind, on each set of sentences."""
    for name, sentences in SETS:
        begin = time.perf_counter()
        figures = measure(messages(SEED, MESSAGES, sentences.SECRET, sentences.INNOCENT))
        took = (time.perf_counter() - begin) / MESSAGES * 1e6
        say(f"Guard, {MESSAGES:,} messages of the {name} set of sentences, seed {SEED}, {took:.0f} µs each")
        for kind, secrets in figures.secrets.items():
            say(f"  {kind + ', found, %':46}{100 * figures.found[kind] / secrets:9.2f} of {secrets}")
        for kind, innocent in figures.innocent.items():
            say(f"  {kind + ', alarms, %':46}{100 * figures.alarms[kind] / innocent:9.2f} of {innocent}")
        for label, value, goal, reached in (
            ("recall", figures.recall, RECALL, figures.recall >= RECALL),
            ("false alarms", figures.false, FALSE, figures.false <= FALSE),
        ):
            say(f"  {label:46}{value:9.4f}   goal {goal}: {'yes' if reached else 'NO'}")


if __name__ == "__main__":
    main(print)
