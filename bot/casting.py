"""Seats the people of a transcript in a store: citizens, and staff with their teams and offices."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, insert, update

from bot import codes
from bot.lists import kinds
from bot.store import tables as t
from bot.store.people import StoredPeople, columns_of
from bot.store.reports import StoredReports
from bot.transcript import Ends, Filed, Takes, Wrong
from bot.units import TEAM_ROLES, called, unit_named
from handlers import filing
from handlers.profile import CONSENT
from handlers.records.people import Person, Unit
from handlers.records.reports import Submission
from handlers.rules import periods, reporting
from handlers.rules.periods import Period
from handlers.rules.validation import NO_DATA, Value, fingerprint
from handlers.turn import Shelf
from knowledge.forms import Form
from knowledge.places import Places

_ROLE = re.compile(
    r'(?P<invited>invited )?(?P<kind>member|lead|reporter|head|officer|editor) of "(?P<unit>[^"]+)"'
)
_GROUP = re.compile(r'group(?: of "(?P<unit>[^"]+)")?')
_CITIZEN = re.compile(r'citizen(?: of "(?P<place>[^"]+)")?(?: (?P<lang>[a-z]{2,3}))?')


class Seat(msgspec.Struct, frozen=True):
    """Somebody with a conversation of their own."""

    name: str  # as the transcript calls them
    channel: str
    person: int
    unit: int
    invitation: str
    group: bool = False  # a chat of several people, which is nobody's own


def seat(connection: Connection, places: Places, takes: Takes, now: datetime) -> Seat:
    """Make somebody's conversation, with the role the transcript gives them."""
    if group := _GROUP.fullmatch(takes.role):
        return _seat_group(connection, places, takes, now, group["unit"] or "")
    role, citizen = _ROLE.fullmatch(takes.role), _CITIZEN.fullmatch(takes.role)
    if not role and not citizen:
        raise Wrong(
            f'“{takes.role}” is no role: write “citizen”, “citizen en”, “citizen of "xã Ứng Hòa, Hà Nội"”, or '
            '“member of "tổ dân phố 7, phường Đông Ngạc, Hà Nội"” with lead, reporter, head, officer, editor; or '
            "“group”."
        )
    address, name = called(takes.name)
    person, invitation, unit = Person(), "", 0
    if role:
        unit = unit_named(
            connection, places, role["unit"], "team" if role["kind"] in TEAM_ROLES else "office"
        )
        if role["invited"]:
            invitation = codes.invitation()
            connection.execute(
                insert(t.invitations).values(
                    code=invitation, kind=role["kind"], place=unit, name=name, address=address, lang="vi"
                )
            )
        else:
            person = Person(name=name, address=address, lang="vi", consent=CONSENT, consented=now)
    elif citizen:
        person = Person(lang=citizen["lang"] or "")
        if citizen["place"]:
            matches = places.find(citizen["place"])
            if matches.one is None:
                raise Wrong(f"“{citizen['place']}” names no commune of today; add its province.")
            person = msgspec.structs.replace(person, commune=matches.one.code, village=matches.rest)
    joined = bool(role) and not invitation
    number = connection.scalar(
        insert(t.conversations)
        .values(
            person=msgspec.json.encode(person).decode(),
            talk='{"met":true}' if joined else "",
            touched=now,
            consented=bool(person.consent),
            **columns_of(person),
        )
        .returning(t.conversations.c.id)
    )
    assert number is not None
    if joined and role:
        connection.execute(insert(t.roles).values(person=number, kind=role["kind"], place=unit, since=now))
    return Seat(takes.name, takes.channel, number, unit, invitation)


def _seat_group(connection: Connection, places: Places, takes: Takes, now: datetime, team: str) -> Seat:
    """Make a group's conversation, and link it with a team where the transcript names one."""
    number = connection.scalar(
        insert(t.conversations).values(person="", talk="", touched=now).returning(t.conversations.c.id)
    )
    assert number is not None
    unit = unit_named(connection, places, team, "team") if team else 0
    if unit:
        connection.execute(
            insert(t.team_groups).values(
                team=unit, code=codes.grouping(), by=0, at=now, chat=number, linked=True, since=now
            )
        )
    return Seat(takes.name, takes.channel, number, unit, "", group=True)


def file(connection: Connection, shelf: Shelf, filed: Filed, now: datetime) -> None:
    """Keep a report that an office has sent on its last day, and that is approved."""
    form = shelf.forms.get(filed.form)
    period = periods.period_named(form, filed.period) if form else None
    if form is None or period is None:
        raise Wrong(f"“{filed.form} {filed.period}” is no report: write “@ report monthly 2026-10 of …”.")
    if len(filed.figures) != len(form.indicators):
        raise Wrong(f"The form {form.id} has {len(form.indicators)} indicators; write a figure for each.")
    office = unit_named(connection, shelf.places, filed.unit, "office")
    unit = StoredPeople(connection, now).unit(office)
    assert unit is not None
    values = {one.id: _value(figure) for one, figure in zip(form.indicators, filed.figures, strict=True)}
    keep_approved(connection, shelf, (form, period, unit), values, now)


def end(connection: Connection, places: Places, ends: Ends) -> None:
    """Give an office its last day, and the office that took its place."""
    old = unit_named(connection, places, ends.unit, "office")
    heir = unit_named(connection, places, ends.heir, "office") if ends.heir else 0
    u = t.units.c
    connection.execute(update(t.units).where(u.id == old).values(until=kinds.ends(ends.day), became=heir))


def keep_approved(
    connection: Connection,
    shelf: Shelf,
    case: tuple[Form, Period, Unit],
    values: dict[str, Value],
    now: datetime,
) -> None:
    """Keep a report as sent on its last day and approved at once, before anything happens."""
    form, period, unit = case
    at = reporting.due_end(form, period, shelf.calendar, filing.level_of(unit)) - timedelta(hours=8)
    sent = Submission(
        number=1,
        form_version=form.version,
        values=values,
        sha256=fingerprint(form, unit.name, period, values),
        at=at,
        by=0,
        verdict="approved",
        decided=at,
    )
    reports = StoredReports(connection, now)
    empty = reports.hold(unit.id, form.id, period.code)
    reports.save(
        msgspec.structs.replace(
            empty,
            state="approved",
            form_version=form.version,
            values=values,
            receipt=reports.receipt(f"BC-{period.code[-2:]}"),
            submissions=(sent,),
        )
    )


def _value(figure: str) -> Value:
    if figure == "-":
        return NO_DATA
    part, _slash, whole = figure.partition("/")
    return Value(int(part), int(whole) if whole else None)
