"""What `toso figures` prints: the figures of help of a team, a commune or a province in one month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from bot import clock
from bot.scope import scope_of
from bot.settings import Unusable
from bot.store.database import Database
from bot.store.histories import StoredHistories
from bot.store.people import StoredPeople
from bot.store.visits import doors
from bot.wording import Wording
from handlers.figures import said, summed
from handlers.records.histories import Lived
from handlers.rules.areas import Villages
from handlers.rules.histories import Reader
from handlers.rules.months import bounds
from handlers.rules.reporting import local_day
from knowledge.places import Places


def lines(
    database: Database, label: str, month: date, places: Places, reader: Reader, wording: Wording, lang: str
) -> Iterator[str]:
    """Give the figures a line each; of a province by commune, of a commune by village."""
    since, until = bounds(month)
    now = clock.now()
    if since > now:
        raise Unusable(f"{month:%Y-%m} has not begun. Name this month, or one before it.")
    with database.read() as connection:
        scope = scope_of(connection, places, label)
        histories, people = StoredHistories(connection), StoredPeople(connection, now)
        team = people.unit(scope.team) if scope.team else None
        villages = Villages(people.units("team", scope.communes[0] if len(scope.communes) == 1 else ""))

        def village(one: Lived) -> str:
            return villages.of(one.request)

        def called(code: str) -> str:
            known = places.commune(code)
            return f"{known.kind} {known.name}" if known else code

        def commune(one: Lived) -> str:
            return called(one.request.commune)

        several = len(scope.communes) > 1 and not team
        first, last = local_day(since), local_day(until - timedelta(microseconds=1))
        if team:
            lived = histories.of_team(team.id, since, until)
            at_doors = doors(connection, first, last, unit=team.id)
        else:
            lived = histories.of_communes(scope.communes, since, until)
            at_doors = doors(connection, first, last, communes=tuple(scope.communes))
        visited = [
            msgspec.structs.replace(
                door, village=called(code) if several else villages.today(code, door.village)
            )
            for code, door in at_doors
        ]
        counted = summed(lived, since, until, reader, commune if several else village, visited)
    small = team is not None and len(team.covers) == 1
    for line in said(counted, month, scope.name, small=small):
        yield wording.word(line, lang).replace("**", "")
