"""Whatever kills the process that passes a request on, it is passed on once, and everybody knows who has it."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from bot.shelf import Bookcase
from bot.store import tables as t
from tests.bot.races import (
    HOUSE,
    LONG,
    MONDAY,
    RACES,
    Round,
    chats,
    core_at,
    do,
    happened,
    kept,
    let_in,
    presses,
    rounds,
    says,
)
from tests.bot.rig import rows

pytestmark = pytest.mark.timeout(LONG)
PASSED_ON = max(6, RACES // 40)  # requests
KILLS = max(5, RACES // 50)  # of each process
BEYOND = 2  # members of the team that a request is passed on to


def test_killed_while_requests_are_passed_on_each_is_passed_on_once_and_nobody_is_left_without_word(
    url: str, tmp_path: Path, shelf_of_three: Bookcase, capsys: pytest.CaptureFixture[str]
) -> None:
    luck = random.Random(20261203)
    with core_at(url, shelf_of_three) as core:
        made = rounds(core, PASSED_ON, members=2, beyond=BEYOND)
        do(core, (presses(one.team[0], f"claim@{one.code}") for one in made))
        do(core, (says(one.team[0], f"chuyển {one.code}") for one in made))
        do(core, (says(one.team[0], "bận việc nhà") for one in made))
        core.writer.submit(lambda c: c.execute(t.outbox.update().values(state=t.SENT))).result()
        before = {person: len(lines) for person, lines in chats(core).items()}
        for one in made:
            words = [says(one.citizen, f"chị ơi câu {number} của em") for number in (1, 2)]
            at = luck.randint(0, 2)
            for update in (*words[:at], says(one.team[0], "2"), *words[at:]):
                let_in(core, update)
    arrived = tmp_path / "arrived"
    killed = killed_again_and_again(url, arrived)
    with core_at(url, shelf_of_three) as core:
        events, requests, told = happened(core), kept(core), chats(core)
        outbox = rows(core, select(t.outbox).order_by(t.outbox.c.id))
        left = rows(core, select(t.inbox.c.id).where(t.inbox.c.state != t.DONE))
        names = {row.id: row.chat for row in rows(core, select(t.contacts))}
    assert not left
    assert {row.state for row in outbox} <= {t.SENT}
    for one in made:
        assert [what for what, _by in events[one.number]] == ["opened", "claimed", "passed on"]
        request = requests[one.number]
        assert (request.state, request.stage, request.claimed_by) == ("open", "passed-on", 0)
        new = {person: told[person][before.get(person, 0) :] for person in told}
        for person in one.beyond:
            assert [line.names(one.code) for line in new[person]].count(True) == 1
        _everybody_knows(one, {person: [line.text for line in new.get(person, ())] for person in told})
        heard = told[one.team[0]]
        (end,) = (line.number for line in heard if line.text.startswith(f"YC-{one.code} đã chuyển"))
        assert all(line.number < end for line in heard if line.voice)
    lines = Counter(map(tuple, map(msgspec.json.decode, arrived.read_bytes().splitlines())))
    again = Counter[tuple[str, str]]()
    expected = Counter[tuple[str, str]]()
    for row in outbox:
        if row.sent is not None and row.attempts:
            line = (names[row.contact], msgspec.json.decode(row.message)["text"])
            expected[line] += 1
            again[line] += (
                row.attempts - 1
            ) * row.again  # whatever kills it amid a call, it goes out once more
    assert lines.keys() == expected.keys()
    assert all(expected[line] <= count <= expected[line] + again[line] for line, count in lines.items())
    with capsys.disabled():
        print(
            f"\n{url.partition(':')[0]}: {len(made)} requests passed on once amid {killed} kills; "
            f"{lines.total()} messages arrived, {lines.total() - expected.total()} of them again, "
            f"{sum(row.again for row in outbox)} were marked as in doubt"
        )


def _everybody_knows(one: Round, new: dict[int, list[str]]) -> None:
    """The citizen was told once, and has an answer to each sentence that its helper has not got."""
    told = [text for text in new[one.citizen] if f"làm tiếp YC-{one.code}" in text]
    assert len(told) == 1
    relayed = [text for text in new[one.team[0]] if "chị ơi câu" in text]
    assert len(relayed) == len(set(relayed))
    assert len(new[one.citizen]) - 1 == 2 - len(relayed)


def killed_again_and_again(url: str, arrived: Path) -> int:
    """Let processes do what waits, each killed so often; give how often that was."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.bot.passing_worker", url, str(arrived), MONDAY.isoformat(),
             str(seed), str(KILLS)],
            cwd=HOUSE, stdout=subprocess.PIPE, text=True,
        )
        for seed in range(1 if url.startswith("sqlite") else 2)
    ]  # fmt: skip
    killed = 0
    for process in processes:
        said, _error = process.communicate()
        assert process.returncode == 0
        killed += int(said)
    return killed
