"""What the store gives one turn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from bot.store.announcements import StoredAnnouncements
from bot.store.card import StoredCard
from bot.store.groups import StoredGroups
from bot.store.histories import StoredHistories
from bot.store.incidents import StoredIncidents
from bot.store.links import StoredLinks
from bot.store.media import StoredMedia
from bot.store.misses import StoredMisses
from bot.store.people import StoredPeople
from bot.store.publications import StoredPublications
from bot.store.reports import StoredReports
from bot.store.requests import StoredRequests
from bot.store.rollout import StoredRollout
from bot.store.targets import StoredTargets
from bot.store.tasks import StoredTasks
from bot.store.villages import StoredVillages
from bot.store.visits import StoredVisits

LOOKED = {
    "people",
    "requests",
    "reports",
    "publications",
    "links",
    "card",
    "announcements",
    "visits",
    "villages",
    "rollout",
    "incidents",
    "groups",
    "targets",
    "tasks",
}  # records that a turn which looks at them may have changed


class StoredRecords:
    """People, requests, reports and what was sent, inside one transaction; made when first asked for."""

    def __init__(
        self, connection: Connection, now: datetime, settle: Callable[[], None] = lambda: None
    ) -> None:
        self._connection = connection
        self._now = now
        self._settle = settle  # writes what earlier turns of the same transaction have left behind

    @cached_property
    def people(self) -> StoredPeople:
        """People and their roles."""
        self._settle()
        return StoredPeople(self._connection, self._now)

    @cached_property
    def requests(self) -> StoredRequests:
        """Requests for help."""
        self._settle()
        return StoredRequests(self._connection, self._now)

    @cached_property
    def incidents(self) -> StoredIncidents:
        """Many requests that ask the same."""
        self._settle()
        return StoredIncidents(self._connection, self._now)

    @cached_property
    def groups(self) -> StoredGroups:
        """Group chats of teams."""
        self._settle()
        return StoredGroups(self._connection, self._now)

    @cached_property
    def reports(self) -> StoredReports:
        """Reports and the reminders about them."""
        self._settle()
        return StoredReports(self._connection, self._now)

    @cached_property
    def publications(self) -> StoredPublications:
        """Closed periods that are published."""
        self._settle()
        return StoredPublications(self._connection, self._now)

    @cached_property
    def links(self) -> StoredLinks:
        """The channels of people."""
        self._settle()
        return StoredLinks(self._connection, self._now)

    @cached_property
    def card(self) -> StoredCard:
        """What communes say of themselves."""
        self._settle()
        return StoredCard(self._connection, self._now)

    @property
    def moved(self) -> bool:
        """Say whether this turn has joined or parted conversations."""
        return "links" in self.__dict__ and self.links.moved

    @cached_property
    def misses(self) -> StoredMisses:
        """Questions without an answer, and what editors make of them."""
        return StoredMisses(self._connection, self._now)

    @cached_property
    def media(self) -> StoredMedia:
        """Photos, voice notes and files."""
        return StoredMedia(self._connection, self._now)

    @cached_property
    def announcements(self) -> StoredAnnouncements:
        """Announcements, and whom they reach."""
        self._settle()
        return StoredAnnouncements(self._connection, self._now)

    @cached_property
    def histories(self) -> StoredHistories:
        """What requests have been through."""
        self._settle()
        return StoredHistories(self._connection)

    @cached_property
    def visits(self) -> StoredVisits:
        """Help at doors and at sessions."""
        self._settle()
        return StoredVisits(self._connection, self._now)

    @cached_property
    def villages(self) -> StoredVillages:
        """The lists of villages."""
        self._settle()
        return StoredVillages(self._connection, self._now)

    @cached_property
    def targets(self) -> StoredTargets:
        """Targets, their figures and who follows them."""
        self._settle()
        return StoredTargets(self._connection, self._now)

    @cached_property
    def tasks(self) -> StoredTasks:
        """Tasks that were given."""
        self._settle()
        return StoredTasks(self._connection, self._now)

    @cached_property
    def rollout(self) -> StoredRollout:
        """Who is invited, and who has come."""
        self._settle()
        return StoredRollout(self._connection, self._now)

    @property
    def wants(self) -> bool:
        """Say whether this turn asked for files, or gave some up."""
        return "media" in self.__dict__ and self.media.changed

    @property
    def used(self) -> bool:
        """Say whether this turn looked at records, and so may have changed them."""
        return bool(LOOKED & self.__dict__.keys())
