"""The two drivers of Telegram side by side: each in a process of its own, the same load from the same simulator.

`python -m tests.bench.drivers` prints the table alone.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import psutil
import uvloop

from handlers.talk import Button, Heard, Message
from tests.simulators.telegram import Seat, TelegramServer

DRIVERS = ("aiogram", "ptb")
PEOPLE = 50
HEARD = 4000  # updates of a round
ANSWERED = 300  # of these that are answered, one message each
ROUNDS = 3
PATIENCE = 240.0  # seconds
ANSWER = Message("Bấm **Đăng nhập** rồi chờ tin nhắn.", (Button("yes", "Có"), Button("no", "Không")))


def main(say: Callable[[str], None] = print) -> None:
    """Measure both in turn, and print the medians and what they are to each other."""
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in DRIVERS}
    for _round in range(ROUNDS):
        for name in DRIVERS:
            seen[name].append(measured(name))
    median = {
        name: {row: statistics.median(one[row] for one in rounds) for row in rounds[0]}
        for name, rounds in seen.items()
    }
    say(f"Drivers of Telegram, median of {ROUNDS} alternating rounds; load {psutil.getloadavg()[0]:.1f}")
    say(f"  {'':58}{'aiogram':>10}{'ptb':>10}{'ratio':>8}")
    for row, digits in (
        ("from start to the first poll, seconds", 2),
        ("of these the processor worked for it", 2),
        ("resident memory at the first poll, MB", 0),
        ("updates heard a second", 0),
        ("processor time an update heard, ms", 2),
        ("updates answered a second, simulator included", 0),
        ("processor time an update answered, ms", 2),
        ("resident memory afterwards, MB", 0),
    ):
        aiogram, ptb = (median[name][row] for name in DRIVERS)
        say(f"  {row:58}{aiogram:10.{digits}f}{ptb:10.{digits}f}{aiogram / ptb:8.2f}")


def measured(driver: str) -> dict[str, float]:
    """Let one driver hear and answer everything, and give its figures."""
    with TelegramServer() as telegram:
        telegram.limits = None
        people = [telegram.person(f"Người {number}") for number in range(PEOPLE)]
        begin = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.drivers", driver, telegram.url, telegram.token],
            stdout=subprocess.PIPE,
            env=os.environ,
        )
        try:
            assert telegram.waits_until(lambda: telegram.polled, PATIENCE)
            started = time.perf_counter() - begin
            itself = psutil.Process(process.pid)
            times, memory = itself.cpu_times(), itself.memory_info().rss
            heard = load(telegram, people, HEARD, itself)
            answered = load(telegram, people, ANSWERED, itself, words="?")
            return {
                "from start to the first poll, seconds": started,
                "of these the processor worked for it": times.user + times.system,
                "resident memory at the first poll, MB": memory / 2**20,
                "updates heard a second": HEARD / heard[0],
                "processor time an update heard, ms": 1000 * heard[1] / HEARD,
                "updates answered a second, simulator included": ANSWERED / answered[0],
                "processor time an update answered, ms": 1000 * answered[1] / ANSWERED,
                "resident memory afterwards, MB": itself.memory_info().rss / 2**20,
            }
        finally:
            process.terminate()
            process.wait(PATIENCE)
            assert process.stdout
            process.stdout.close()


def load(
    telegram: TelegramServer, people: list[Seat], updates: int, itself: psutil.Process, words: str = "alo"
) -> tuple[float, float]:
    """Have so many updates taken; give the seconds that passed, and those that the processor worked."""
    with telegram.changed:  # nothing is handed over while they are written
        sent = len(telegram.called("sendMessage"))
        for number in range(updates):
            people[number % PEOPLE].writes(words)
        before, begin = itself.cpu_times(), time.perf_counter()
    wanted = sent + (updates if words == "?" else 0)
    done = telegram.waits_until(
        lambda: not telegram.waiting and len(telegram.called("sendMessage")) >= wanted, PATIENCE
    )
    assert done
    took, after = time.perf_counter() - begin, itself.cpu_times()
    return took, after.user + after.system - before.user - before.system


async def drive(driver: str, api: str, token: str) -> None:
    """Be the process that is measured: hear everything, answer whoever asks."""
    # Imported here, so that each process loads one library only.
    if driver == "ptb":
        from bot.channels.telegram_ptb import PtbChannel as Driver
    else:
        from bot.channels.telegram_aiogram import AiogramChannel as Driver  # type: ignore[assignment]
    channel = Driver(token, api=api, poll=timedelta(seconds=20))

    async def take(heard: Sequence[Heard]) -> bool:
        asking = [one.incoming.chat for one in heard if one.incoming.text == "?"]
        for start in range(0, len(asking), 10):
            await asyncio.gather(*(channel.send(chat, ANSWER) for chat in asking[start : start + 10]))
        return True

    await channel.receive(take)


if __name__ == "__main__":
    if sys.argv[1:]:
        uvloop.run(drive(*sys.argv[1:]))
    else:
        main()
