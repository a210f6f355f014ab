"""Of those who reach for a request at once one has it, whoever else lets it go, frees it or writes in it meanwhile."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest

from bot.shelf import Bookcase
from handlers import watch
from handlers.talk import Due, Heard
from tests.bot.races import (
    LONG,
    MONDAY,
    RACES,
    chats,
    core_at,
    do,
    hands_on,
    happened,
    kept,
    name,
    nothing_failed,
    presses,
    rounds,
    says,
)

pytestmark = pytest.mark.timeout(LONG)
MEMBERS = 5  # of a team, of whom two or more claim
PAIRS = max(6, RACES // 20)  # requests in each kind of the races of two
TUESDAY, THURSDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=3)


def test_every_race_for_a_request_has_one_winner_and_every_loser_is_told_who(
    url: str, shelf_of_three: Bookcase, capsys: pytest.CaptureFixture[str]
) -> None:
    luck = random.Random(20261130)
    with core_at(url, shelf_of_three) as core:
        made = rounds(core, RACES, members=MEMBERS, requests=10)
    runners = {one.code: luck.sample(one.team, luck.randint(2, MEMBERS)) for one in made}
    updates = [presses(person, f"claim@{one.code}") for one in made for person in runners[one.code]]
    with hands_on(url, shelf_of_three) as hands:
        hands.all_at_once(updates)
        nothing_failed(hands.core)
        events, requests, told = happened(hands.core), kept(hands.core), chats(hands.core)
    close = 0
    for one in made:
        claims = [by for what, by in events[one.number] if what == "claimed"]
        assert len(claims) == 1
        (winner,) = claims
        assert winner in runners[one.code]
        close += winner != runners[one.code][0]
        assert (requests[one.number].state, requests[one.number].claimed_by) == ("claimed", winner)
        taken = f"{name(winner)} đã nhận YC-{one.code}"
        for person in one.team:
            answers = [line.text for line in told[person] if line.kind == "answer" and line.names(one.code)]
            notices = [line.text for line in told[person] if line.kind == "notice" and line.names(one.code)]
            if person == winner:
                assert len(answers) == 1
                assert taken not in answers[0]
                assert notices == []
            else:
                assert [text.startswith(taken) for text in answers] == [True] * (person in runners[one.code])
                assert [text.startswith(taken) for text in notices] == [True]
        (citizen,) = told[one.citizen]
        assert name(winner) in citizen.text
    with capsys.disabled():
        print(
            f"\n{url.partition(':')[0]}: {len(made)} races of {len(updates)} claims, one winner each, "
            f"{len(updates) - len(made)} losers told who; {close} won by somebody whose press came later; "
            f"{hands.elsewhere} decided in the other process"
        )


def test_a_request_that_is_let_go_while_another_claims_it_is_theirs_or_before_them(
    url: str, shelf_of_three: Bookcase, capsys: pytest.CaptureFixture[str]
) -> None:
    luck = random.Random(20261201)
    with core_at(url, shelf_of_three) as core:
        made = rounds(core, 3 * PAIRS, members=2)
        do(core, (presses(one.team[0], f"claim@{one.code}") for one in made))
    given_back, freed, doubted = made[:PAIRS], made[PAIRS : 2 * PAIRS], made[2 * PAIRS :]
    with core_at(url, shelf_of_three, TUESDAY) as core:
        do(core, (Due(name=watch.IDLE, about=one.about, at=TUESDAY) for one in (*freed, *doubted)))
    before = {one.code: [("opened", one.citizen), ("claimed", one.team[0])] for one in made}
    updates: list[Heard | Due] = []
    for one in made:
        together: list[Heard | Due] = [presses(one.team[1], f"claim@{one.code} ")]
        if one in given_back:
            together.append(presses(one.team[0], f"give-back@{one.code}"))
        else:
            together.append(Due(name=watch.IDLE, about=one.about, at=THURSDAY))
            before[one.code].append(("asked whether on it", 0))
        if one in doubted:
            together.append(presses(one.team[0], f"on-it@{one.code}"))
        updates += luck.sample(together, len(together))
    with hands_on(url, shelf_of_three, THURSDAY) as hands:
        hands.all_at_once(updates)
        nothing_failed(hands.core)
        events, requests, told = happened(hands.core), kept(hands.core), chats(hands.core)
    ends: Counter[str] = Counter()
    for one in made:
        had, claims = one.team
        history = events[one.number]
        assert history[: len(before[one.code])] == before[one.code]
        after = history[len(before[one.code]) :]
        let_go = ("given back", had) if one in given_back else ("left untouched", 0)
        request = requests[one.number]
        theirs = [line.text for line in told[claims] if line.names(one.code)]
        citizens = [line.text for line in told[one.citizen]]
        taken = f"{name(had)} đã nhận YC-{one.code}"
        if after == [let_go, ("claimed", claims)]:
            assert (request.state, request.claimed_by) == ("claimed", claims)
            assert name(claims) in citizens[-1]
            assert sum(text.startswith(taken) for text in theirs) == 1  # on Monday
            ends["first let go"] += 1
        elif after == [let_go]:
            assert (request.state, request.claimed_by) == ("open", 0)
            assert theirs[-2].startswith(taken)
            assert f"**{one.code}**" in theirs[-1] or f"**YC-{one.code}**" in theirs[-1]
            ends["first claimed in vain"] += 1
        else:
            assert one in doubted
            assert after == [("still on it", had)]
            assert (request.state, request.claimed_by) == ("claimed", had)
            assert theirs[-1].startswith(taken)
            ends["still on it"] += 1
    with capsys.disabled():
        print(f"\n{url.partition(':')[0]}: {len(made)} releases against a claim: {dict(ends)}")


# How a helper ends it: all but the last is said before the race.
ENDINGS = {
    "closed": ("xong {}", "1", "đã xong rồi ạ"),
    "no longer needed": ("xong {}", "4", "không cần nữa ạ"),
    "passed on": ("chuyển {}", "bận việc nhà", "2"),
    "given back": ("trả lại {}",),
}
ENDED = {"no longer needed": "closed"}


def test_words_of_a_citizen_reach_whoever_still_helps_or_are_answered(
    url: str, shelf_of_three: Bookcase, capsys: pytest.CaptureFixture[str]
) -> None:
    luck = random.Random(20261202)
    ways = {}
    with core_at(url, shelf_of_three) as core:
        made = rounds(core, len(ENDINGS) * PAIRS, members=2, beyond=2)
        for place, one in enumerate(made):
            ways[one.code] = list(ENDINGS)[place % len(ENDINGS)]
        do(core, (presses(one.team[0], f"claim@{one.code}") for one in made))
        for step in (0, 1):
            asked = [one for one in made if step < len(ENDINGS[ways[one.code]]) - 1]
            do(core, (says(one.team[0], ENDINGS[ways[one.code]][step].format(one.code)) for one in asked))
    updates, said = [], {}
    for place, one in enumerate(made):
        ends = says(one.team[0], ENDINGS[ways[one.code]][-1].format(one.code))
        said[one.code] = [f"chị ơi câu {number} của em {place}" for number in (1, 2)]
        sentences = [says(one.citizen, text) for text in said[one.code]]
        at = luck.randint(0, 2)
        updates += [*sentences[:at], ends, *sentences[at:]]
    with hands_on(url, shelf_of_three) as hands:
        hands.all_at_once(updates)
        nothing_failed(hands.core)
        events, requests, told = happened(hands.core), kept(hands.core), chats(hands.core)
    relayed = answered = 0
    for one in made:
        way = ENDED.get(ways[one.code], ways[one.code])
        after = ["words added"] * (
            len(events[one.number]) - 3
        )  # words of just after the close are kept with it
        assert [what for what, _by in events[one.number]] == ["opened", "claimed", way, *after]
        assert requests[one.number].state == ("closed" if way == "closed" else "open")
        heard = told[one.team[0]]
        over = f"YC-{one.code} đã {'đóng' if way == 'closed' else 'chuyển'}"
        (end,) = (line.number for line in heard if line.text.startswith(over))
        words = [line.text for line in heard if line.voice]
        assert all(line.number < end for line in heard if line.voice)  # none to a helper who is none any more
        assert len(words) == len(set(words) & set(said[one.code]))
        others = {*one.team[1:], *one.beyond}
        assert not [line for person in others for line in told[person] if line.voice]
        answers = [line for line in told[one.citizen] if line.kind == "answer"]
        assert len(answers) == len(said[one.code]) - len(words)
        relayed, answered = relayed + len(words), answered + len(answers)
    assert relayed
    assert answered
    with capsys.disabled():
        print(
            f"\n{url.partition(':')[0]}: {len(made)} requests ended while their citizens wrote: {relayed} sentences "
            f"were with the helper before, {answered} were answered, none came later"
        )
