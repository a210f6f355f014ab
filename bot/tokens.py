"""Keeps the token pair of an account whose platform changes it: one renewal at a time, nothing used before it is kept.

A renewal uses the refresh token up, so its answer must not be lost.  The attempt is committed; a process of its
own (bot/renewal.py) makes the call and puts the answer on the disk; then it goes into the database; only then is
it used.  Whoever finds an answer on the disk that the database lacks, takes it over.  What a disk does not take
is held here until the database has it.
"""

from __future__ import annotations

import asyncio
import base64
import fcntl
import hashlib
import hmac
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from bot import clock
from bot.backup import sqlite_file
from bot.channels import TryLater, Unpaired
from bot.locks import Hold, only_one
from bot.renewal import Given, Outcome, Task
from bot.settings import Secret, Settings, Unusable, agree_on_zalo_app
from bot.store import tables as t
from bot.store.database import Database
from bot.store.writer import Writer

log = logging.getLogger(__name__)

OAUTH = "https://oauth.zaloapp.com"
SHARE = 0.8  # of its life after which a pair is renewed: 20 of 25 hours
PASTED = timedelta(hours=1)  # how long a pair that a person brought is trusted; nobody knows its age
AGED = timedelta(days=60)  # without a renewal, when somebody must be told
DEAD = timedelta(days=90)  # without a renewal, when the refresh token is worth nothing
MARGIN = timedelta(minutes=1)  # before its end a token is not begun with any more
AGAIN = timedelta(minutes=10)  # between two renewals that the platform refuses
SOON = timedelta(minutes=1)  # between two that did not come about; the least age of a pair that is renewed
ELSEWHERE = timedelta(minutes=2)  # after which a renewal that another machine began has ended, well or not
LOOK = 0.05  # seconds between two looks at a lock that somebody else holds

MISSING = "there is no token pair. Bring one: `toso zalo token`, or `toso zalo link`."


class Pair(msgspec.Struct, frozen=True):
    """What the database holds; its text form shows no token."""

    access: str
    refresh: str
    until: datetime
    since: datetime
    before: str
    trouble: str
    tried: datetime | None
    version: int

    def __repr__(self) -> str:
        return f"Pair(since={self.since:%Y-%m-%d %H:%M}, version={self.version})"


class TokenKeeper:
    """The pair of one account."""

    def __init__(
        self,
        account: str,
        database: Database,
        writer: Writer,
        folder: Path,
        *,
        app_id: str,
        app_secret: Secret,
        oauth: str = OAUTH,
        proof: bool = False,
        soon: timedelta = SOON,
    ) -> None:
        """Take the folder for answers not yet in the database; all processes of a machine share it."""
        self.account = account
        self._database = database
        self._writer = writer
        self._folder = folder
        self._app_id = app_id
        self._app_secret = app_secret
        self._url = f"{oauth}/v4/oa/access_token"
        self._proof = proof
        self._soon = soon
        self._pair: Pair | None = None
        self._unkept: Given | None = None  # an answer that no disk has taken yet
        self._here = asyncio.Lock()

    async def access(self) -> str:
        """Give an access token that should hold, or raise TryLater."""
        if self._pair is None or not _holds(self._pair):
            self._pair = await asyncio.to_thread(self._read)
        if self._pair is None:
            raise self._unpaired()
        if not _holds(self._pair):
            return await self.renewed(self._pair.access)
        return self._pair.access

    async def renewed(self, used: str) -> str:
        """Give a newer access token than the one the platform has refused, or raise TryLater."""
        async with self._here:
            pair = await asyncio.to_thread(self._read)
            if pair is None or pair.access == used or not _holds(pair):
                async with self._alone() as hold:
                    pair = await self._renew(hold, used)
            self._pair = pair
            return pair.access

    async def tend(self) -> None:
        """Take over what a killed process left, and renew a pair in good time; raise TryLater when it fails."""
        async with self._here:
            if self._unkept is not None or await asyncio.to_thread(self._spare.exists):
                async with self._alone() as hold:
                    await self._take_over(hold)
            self._pair = pair = await asyncio.to_thread(self._read)
        if pair is None:
            raise self._unpaired()
        if clock.now() - pair.since > AGED:
            log.error(
                "%s: the token pair is of %s and dies on %s. Bring a new one: `toso zalo token`.",
                self.account, f"{pair.since:%Y-%m-%d}", f"{pair.since + DEAD:%Y-%m-%d}",
            )  # fmt: skip
        if clock.now() >= pair.since + (pair.until - pair.since) * SHARE:
            await self.renewed(pair.access)

    async def bring(self, access: str, refresh: str) -> None:
        """Keep a pair that a person brings, in the place of any other."""
        now = clock.now()
        async with self._here, self._alone() as hold:
            self._spare.unlink(missing_ok=True)
            self._unkept = None
            await hold.write(
                lambda c: self._put(c, Given("", access, refresh, now, int(PASTED.total_seconds())))
            )
            self._pair = await asyncio.to_thread(self._read)

    async def exchange(self, code: str, verifier: str) -> None:
        """Get the first pair for the code of the permission page; raise TryLater with what is wrong."""
        form = {
            "app_id": self._app_id,
            "code": code,
            "grant_type": "authorization_code",
            "code_verifier": verifier,
        }
        async with self._here, self._alone() as hold:
            outcome = await self._ask(hold, form, "")
            if outcome.state != "given":
                raise TryLater(f"{self.account}: no token pair for this code: {outcome.words}")
            await self._take_over(hold)
            self._pair = await asyncio.to_thread(self._read)

    def headers(self, access: str) -> dict[str, str]:
        """Give the headers of a call with this token, with its proof where the app asks for one."""
        proof = {"appsecret_proof": proof_of(access, self._app_secret)} if self._proof else {}
        return {"access_token": access, **proof}

    def _later(self, words: str, wait: timedelta) -> TryLater:
        """Give the error of an account that nobody can write from: it is no message's fault."""
        return TryLater(f"{self.account}: {words}", wait, everybody=True)

    def _unpaired(self) -> Unpaired:
        return Unpaired(f"{self.account}: {MISSING}", AGAIN, everybody=True)

    # --- one at a time ---

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[_Alone]:
        """Be the only one: on this machine by a file that a renewal under way holds too, elsewhere by the database."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = os.open(self._spare.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while not _locked(file):
                await asyncio.sleep(LOOK)
            async with only_one(self._database, self._writer, f"token:{self.account}") as hold:
                yield _Alone(hold, file)
        finally:
            # Closed, never unlocked: a renewal that goes on without us keeps the lock to its end.
            os.close(file)

    async def _renew(self, alone: _Alone, used: str) -> Pair:
        await self._take_over(alone)
        pair = await asyncio.to_thread(self._read)
        if pair is None:
            raise self._unpaired()
        if pair.access != used and _holds(pair):
            return pair
        if (wait := self._wait(pair, alone)) > timedelta(0):
            why = pair.trouble or (
                "its renewal is under way" if pair.tried else "it is too new to be renewed"
            )
            raise self._later(f"no other token pair yet: {why}", wait)
        try:
            alone.begins(pair.version)
        except OSError as error:
            raise self._later(TROUBLE["full"].format(words=error.strerror), self._soon) from None
        await alone.write(lambda c: self._note(c, pair, tried=clock.now(), trouble=""))
        form = {"app_id": self._app_id, "refresh_token": pair.refresh, "grant_type": "refresh_token"}
        outcome = await self._ask(alone, form, pair.refresh)
        if outcome.state == "given":
            await self._take_over(alone)
            kept = await asyncio.to_thread(self._read)
            if kept is not None and kept.version != pair.version:
                log.info("%s: the token pair is renewed", self.account)
                return kept
        trouble = TROUBLE[outcome.state].format(words=outcome.words)
        await alone.write(lambda c: self._note(c, pair, trouble=trouble))
        log.error("%s: the token pair could not be renewed: %s", self.account, trouble)
        raise self._later(trouble, AGAIN if outcome.state == "refused" else self._soon)

    def _wait(self, pair: Pair, alone: _Alone) -> timedelta:
        """Say how long a renewal has to wait yet."""
        earliest = pair.since + self._soon if pair.before else pair.since
        if pair.tried is not None and pair.trouble:
            earliest = pair.tried + (AGAIN if pair.trouble.startswith(REFUSED) else self._soon)
        elif pair.tried is not None and alone.begun() != pair.version:
            # Another machine began this, and it may be under way there.
            earliest = pair.tried + ELSEWHERE
        return earliest - clock.now()

    async def _ask(self, alone: _Alone, form: dict[str, str], before: str) -> Outcome:
        task = Task(self._url, self._app_secret.reveal(), form, str(self._spare), before, clock.now())
        # The thread has a lock of its own to hand on: it may outlive whoever waits for it.
        outcome = await asyncio.to_thread(_call, task, os.dup(alone.file))
        if outcome.given is not None:
            log.error("%s: the disk took no new token pair: %s", self.account, outcome.words)
            self._unkept = outcome.given
        return outcome

    async def _take_over(self, alone: _Alone) -> None:
        """Bring an answer that no database has into ours, unless that has moved on since."""
        lying = await asyncio.to_thread(_lying, self._spare)
        for given in filter(None, (lying, self._unkept)):
            await alone.write(partial(self._adopt, given=given))
        self._unkept = None
        if lying is not None:
            await asyncio.to_thread(self._spare.unlink)

    # --- the database ---

    @property
    def _spare(self) -> Path:
        return self._folder / f"{self.account.replace(':', '-')}.token"

    def _read(self) -> Pair | None:
        with self._database.read() as connection:
            return self._row(connection)

    def _row(self, connection: Connection) -> Pair | None:
        row = connection.execute(PAIR.where(t.tokens.c.account == self.account)).one_or_none()
        return None if row is None else Pair(*row)

    def _adopt(self, connection: Connection, given: Given) -> None:
        pair = self._row(connection)
        if pair is None or given.before == pair.refresh or (not given.before and given.since >= pair.since):
            self._put(connection, given)

    def _put(self, connection: Connection, given: Given) -> None:
        pair = self._row(connection)
        connection.execute(delete(t.tokens).where(t.tokens.c.account == self.account))
        connection.execute(
            insert(t.tokens).values(
                account=self.account,
                access=given.access,
                refresh=given.refresh,
                since=given.since,
                until=given.since + timedelta(seconds=given.life),
                before=given.before,
                version=1 if pair is None else pair.version + 1,
            )
        )

    def _note(self, connection: Connection, pair: Pair, **values: object) -> None:
        connection.execute(
            update(t.tokens)
            .where(t.tokens.c.account == self.account, t.tokens.c.version == pair.version)
            .values(**values)
        )


def keeper(settings: Settings, database: Database, writer: Writer) -> TokenKeeper:
    """Build the keeper for the configured Official Account; raise Unusable where settings are missing."""
    agree_on_zalo_app(settings)
    # An answer that outlives us lies beside the database; where that is elsewhere, among the copies.
    folder = sqlite_file(settings).parent if database.sqlite else Path(settings.backup_folder)
    return TokenKeeper(
        f"zalo_oa:{settings.zalo_oa_id}",
        database,
        writer,
        folder,
        app_id=settings.zalo_oa_app_id,
        app_secret=settings.zalo_oa_app_secret,
        oauth=settings.zalo_oa_oauth,
        proof=settings.zalo_oa_proof,
    )


PAIR = select(*(t.tokens.c[name] for name in Pair.__struct_fields__))
REFUSED = "the platform refuses"
TROUBLE = {
    "given": "its pair was kept by nobody",
    "refused": REFUSED
    + " to renew it: {words}. Mend the app's settings, or bring a new pair: `toso zalo token`.",
    "unsent": "the platform was not reached ({words})",
    "unknown": "no answer came that could be read ({words})",
    "full": "there is no room on the disk for the answer ({words}), so nothing was asked. Make room",
}


class _Alone:
    """Both locks."""

    def __init__(self, hold: Hold, file: int) -> None:
        self.write = hold.write
        self.file = file

    def begins(self, version: int) -> None:
        """Note for this machine which pair is being renewed here."""
        os.pwrite(self.file, b"%020d" % version, 0)

    def begun(self) -> int:
        """Give the pair that was last renewed here; 0 for none."""
        return int(os.pread(self.file, 20, 0) or 0)


def _holds(pair: Pair) -> bool:
    return clock.now() < pair.until - MARGIN


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lying(path: Path) -> Given | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Given)
    except FileNotFoundError:
        return None


def _call(task: Task, lock: int) -> Outcome:
    """Let a process of its own do the task; it goes on when we are killed, and keeps the lock."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bot.renewal"],
            input=msgspec.json.encode(task),
            stdout=subprocess.PIPE,
            pass_fds=(lock,),
            start_new_session=True,
            check=False,
        )
    finally:
        os.close(lock)
    if done.returncode != 0 or not done.stdout:
        return Outcome("unknown", f"bot.renewal ended with {done.returncode}")
    return msgspec.json.decode(done.stdout, type=Outcome)


# --- the permission page, and the proof ---


def verifier_of(settings: Settings) -> str:
    """Give the PKCE verifier of an app: always the same, since the console may want its challenge beforehand."""
    if settings.zalo_oa_verifier:
        return settings.zalo_oa_verifier.reveal()
    key, app = settings.zalo_oa_app_secret.reveal().encode(), settings.zalo_oa_app_id.encode()
    return _base64url(hmac.new(key, b"pkce:" + app, hashlib.sha256).digest())


def challenge_of(verifier: str) -> str:
    """Give the PKCE challenge (S256) of a verifier."""
    return _base64url(hashlib.sha256(verifier.encode()).digest())


def permission_page(settings: Settings) -> str:
    """Give the address where an administrator of the account lets the app in; raise Unusable where it has no return."""
    agree_on_zalo_app(settings)
    callback = settings.zalo_oa_callback or settings.public_address
    if not callback:
        raise Unusable("ZALO_OA_CALLBACK is not set. Write the callback address that the app's console has.")
    asked = {
        "app_id": settings.zalo_oa_app_id,
        "redirect_uri": callback,
        "code_challenge": challenge_of(verifier_of(settings)),
    }
    return f"{settings.zalo_oa_oauth}/v4/oa/permission?{urlencode(asked)}"


def proof_of(access: str, app_secret: Secret) -> str:
    """Give the appsecret_proof of an access token."""
    return hmac.new(app_secret.reveal().encode(), access.encode(), hashlib.sha256).hexdigest()


def _base64url(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
