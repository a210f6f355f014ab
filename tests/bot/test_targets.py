"""Targets as they are kept: figures that are corrected, versions, followers, and who is one person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import func, insert, select

from bot.store import tables as t
from bot.store.database import Database, Stale
from bot.store.groups import StoredGroups
from bot.store.people import StoredPeople
from bot.store.targets import StoredTargets, done_by, forget, sign_over, told_by
from handlers.records.targets import Aim, Target

NOW = datetime(2026, 11, 9, 2, tzinfo=UTC)
FIRST, LAST = date(2026, 11, 9), date(2026, 12, 23)
COMMUNE = "10402"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A commune's office."""
    opened = Database(url)
    with opened.write() as connection:
        connection.execute(insert(t.units).values(kind="office", name="xã Ứng Hòa", commune=COMMUNE))
    yield opened
    opened.close()


def kept(database: Database, first: date = FIRST, last: date = LAST) -> Target:
    """Set a target."""
    with database.write() as connection:
        unit = connection.scalar(select(t.units.c.id))
        target = Target(
            unit=unit or 0,
            commune=COMMUNE,
            name="hộ cài VNeID",
            measure="hộ",
            goal=500,
            first=first,
            last=last,
            every=True,
        )
        return StoredTargets(connection, NOW).keep(target, 7)


def test_of_one_place_and_day_the_newest_figure_counts_and_the_others_stay(database: Database) -> None:
    target = kept(database)
    with database.write() as connection:
        stored = StoredTargets(connection, NOW)
        for place, day, value in ((2, 0, 7), (1, 0, 12), (1, 1, 20), (1, 0, 14)):
            stored.tell(target.id, place, FIRST + timedelta(days=day), value, 7)
        found = [(one.day, one.place, one.value) for one in stored.figures(target.id)]
        assert found == [(FIRST, 1, 14), (FIRST, 2, 7), (FIRST + timedelta(days=1), 1, 20)]
        newest = stored.figure(target.id, 1, FIRST)
        assert newest is not None
        assert newest.value == 14
        assert stored.figure(target.id, 3, FIRST) is None
        assert connection.scalar(select(func.count()).select_from(t.target_figures)) == 4


def test_a_change_is_kept_over_the_version_that_was_read_and_no_other(database: Database) -> None:
    target = kept(database)
    with database.write() as connection:
        stored = StoredTargets(connection, NOW)
        stored.save(msgspec.structs.replace(target, goal=600), "changed", 8, "before")
        with pytest.raises(Stale):
            stored.save(msgspec.structs.replace(target, goal=700), "changed", 9, "before")
        found = stored.one(target.id)
        assert found is not None
        assert (found.goal, found.version) == (600, 2)
        history = stored.history(target.id, 6)
        assert [(one.what, one.by) for one in history] == [("changed", 8), ("set", 7)]


def test_what_is_over_or_ended_is_asked_about_no_more(database: Database) -> None:
    now, ended = kept(database), kept(database)
    kept(database, date(2026, 10, 1), date(2026, 10, 31))
    kept(database, date(2026, 12, 1), date(2026, 12, 31))
    with database.write() as connection:
        stored = StoredTargets(connection, NOW)
        stored.save(msgspec.structs.replace(ended, state="ended"), "ended", 7, "")
        assert stored.under_way(FIRST) == (COMMUNE,)
        assert stored.under_way(date(2026, 11, 1)) == ()
        here = [target.id for target in stored.of_communes((COMMUNE,), FIRST)]
        assert here == [now.id, now.id + 3]  # the one to come too
        assert stored.of_communes(("10403",), FIRST) == ()


def test_two_who_turn_out_to_be_one_follow_once_and_told_all_of_it(database: Database) -> None:
    one, other = kept(database), kept(database)
    with database.write() as connection:
        stored = StoredTargets(connection, NOW)
        assert stored.follow(one.id, 7)
        assert not stored.follow(one.id, 7)
        assert stored.follow(one.id, 8)
        assert stored.follow(other.id, 7)
        stored.tell(one.id, 1, FIRST, 12, 7)
        sign_over(connection, 7, 8)
        assert stored.followed(FIRST) == ((one.id, 8), (other.id, 8))
        assert [told["value"] for told in told_by(connection, 8)] == [12]
        assert [event.by for event in stored.history(one.id, 1)] == [8]


def test_whoever_has_their_data_erased_follows_nothing_and_the_figures_stay(database: Database) -> None:
    target = kept(database)
    with database.write() as connection:
        stored = StoredTargets(connection, NOW)
        stored.follow(target.id, 7)
        stored.tell(target.id, 1, FIRST, 12, 7)
        stored.aim(target.unit, "monthly", Aim("signed-documents", 9000, LAST, 7))
        forget(connection, 7)
        assert stored.follows(7) == ()
        assert [(event.what, event.by) for event in stored.history(target.id, 2)] == [("set", 0)]
        assert done_by(connection, 7) == []
        assert stored.aims(target.unit, "monthly")["signed-documents"] == Aim(
            "signed-documents", 9000, LAST, 0
        )
        assert [(figure.value, figure.by) for figure in stored.figures(target.id)] == [(12, 0)]
        assert told_by(connection, 7) == []


def test_decisions_of_a_day_are_kept_with_their_reasons(database: Database) -> None:
    target, other = kept(database), kept(database)
    with database.write() as connection:
        stored = StoredTargets(connection, NOW)
        stored.decided(target, "2026-11-09", "ask-7", "sent", "due")
        stored.decided(other, "2026-11-09", "ask", "skipped", "submitted")
        found = stored.decisions(target, "2026-11-09")
        assert [(one.stage, one.decision, one.reason) for one in found] == [("ask-7", "sent", "due")]
        assert stored.decisions(target, "2026-11-10") == ()


def test_a_copy_of_ones_data_has_all_that_was_done_to_targets_and_what_is_followed(
    database: Database,
) -> None:
    target = kept(database)
    with database.write() as connection:
        stored = StoredTargets(connection, NOW)
        stored.follow(target.id, 7)
        stored.follow(target.id, 8)
        stored.save(msgspec.structs.replace(target, goal=600), "changed", 7, "500")
        stored.aim(target.unit, "monthly", Aim("signed-documents", 9000, LAST, 7))
        copy = StoredPeople(connection, NOW).everything(7)
        assert copy["changes_of_targets"] == [
            {"target": target.id, "what": "set", "detail": "", "at": NOW},
            {"target": target.id, "what": "changed", "detail": "500", "at": NOW},
        ]
        assert copy["aims_of_indicators"] == [
            {
                "unit": target.unit,
                "form": "monthly",
                "indicator": "signed-documents",
                "hundredths": 9000,
                "last": LAST.isoformat(),
                "at": NOW,
            }
        ]
        assert copy["targets_followed"] == [{"target": target.id, "since": NOW}]
        assert StoredPeople(connection, NOW).everything(8)["changes_of_targets"] == []


def test_a_code_for_a_group_holds_no_more_once_its_owner_has_had_their_data_erased(
    database: Database,
) -> None:
    with database.write() as connection:
        team = connection.scalar(
            insert(t.units).values(kind="team", name="tổ 7", commune=COMMUNE).returning(t.units.c.id)
        )
        assert team is not None
        stored, people = StoredGroups(connection, NOW), StoredPeople(connection, NOW)
        linked = stored.asked(stored.code(team, 7))
        assert linked is not None
        stored.link(linked)
        code = stored.code(team, 7)
        copied = people.everything(7)["groups_of_teams"]
        assert isinstance(copied, list)
        assert [(one["team"], one["linked"]) for one in copied] == [(team, True), (team, False)]
        people.forget(7)
        assert stored.asked(code) is None
        assert people.everything(7)["groups_of_teams"] == []
        kept_on = connection.execute(
            select(t.team_groups.c.by, t.team_groups.c.ended).order_by(t.team_groups.c.id)
        ).all()
        assert [tuple(row) for row in kept_on] == [(0, None), (0, NOW)]  # the team keeps its group
