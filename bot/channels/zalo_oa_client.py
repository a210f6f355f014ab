"""A Zalo Official Account over HTTP: Zalo calls our webhook, and we post to its API with a token that changes.

What may be sent when, and at what cost, is known beforehand; what Zalo says then is read by its number only.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import httpx
import msgspec

from bot import clock
from bot.channels import (
    AWAY_CODES,
    Carried,
    Channel,
    Limits,
    Post,
    Refused,
    Sent,
    Take,
    TryLater,
    Unpaired,
    zalo_oa,
)
from bot.channels.download import Downloads
from bot.channels.halfway import KEPT, Halfway, together
from bot.channels.line import answered
from bot.channels.reasons import AWAY, NOT_THEIRS, reason_of
from bot.channels.words import instead
from bot.channels.zalo_oa import Body, Json, Upload
from bot.findings import Finding
from handlers.talk import Message
from handlers.text import Text, _
from handlers.turn import Kind

log = logging.getLogger(__name__)

OFFICIAL = "https://openapi.zalo.me"
CALL_SECONDS = 15.0
UPLOAD_SECONDS = 60.0
MENDED = timedelta(minutes=10)  # after which it is looked whether somebody has mended what stops everything
REFILLED = timedelta(hours=1)  # the same for a quota that is used up
LIMITS = Limits(rate=25, burst=25, chat_rate=2, chat_burst=5)
TWICE = 2  # tries again of what Zalo could not do

PAID: dict[str, tuple[Kind, ...]] = {
    "none": (),
    "notices": ("answer", "receipt", "notice"),
    "all": ("answer", "receipt", "notice", "reminder", "broadcast"),
}


Key = TypeVar("Key")
Value = TypeVar("Value")


class Keeper(Protocol):
    """Has the token by which Zalo knows us, and a newer one when Zalo knows it no longer."""

    async def access(self) -> str:
        """Give an access token that should hold, or raise TryLater."""

    async def renewed(self, used: str) -> str:
        """Give a newer one than this, which Zalo has refused, or raise TryLater."""

    def headers(self, access: str) -> dict[str, str]:
        """Give the headers of a call with this token."""

    async def tend(self) -> None:
        """Renew in good time, or raise TryLater."""


class Failed(Exception):
    """Zalo's answer is an error that the caller may be able to get round."""

    def __init__(self, code: int, what: Text) -> None:
        self.reason = zalo_oa.WITH_CODE(what=what, code=str(code))
        super().__init__(str(self.reason))
        self.code = code
        self.kind, _words = zalo_oa.ERRORS.get(code, ("never", what))


class ZaloOAChannel(Channel):
    """One Official Account."""

    hook = "zalo_oa"
    proof = "ZALO_OA_SECRET or ZALO_OA_APP_ID"
    hook_breaks = True  # sources disagree on what Zalo repeats

    def __init__(
        self,
        oa: str,
        keeper: Keeper,
        *,
        app: str,
        secret: str,
        app_secret: str = "",
        api: str = OFFICIAL,
        bad_signature_status: int = 200,
        buttons: bool = False,
        paid: str = "notices",
        hosts: Sequence[str] = (),
        picture: str = "",
        limits: Limits = LIMITS,
        seconds: float = CALL_SECONDS,
    ) -> None:
        """Take the account's id, the app's id, and the secret key by which the account's webhook is signed.

        The app's secret is for sources that say it is signed by that one.
        `paid` names what may be sent when it costs: one of PAID.  `picture` is an address where Zalo finds
        the office's sign, for the form that asks for a number.
        """
        self.account = f"zalo_oa:{oa}"
        self.limits = limits
        self._oa = oa
        self._ids = {"the app's id": app, "the account's id": oa}
        self._secrets = {"the account's key": secret, "the app's secret": app_secret}
        self._way = ""  # in which Zalo signs, once it is known
        self._keeper = keeper
        self._bad_signature_status = bad_signature_status
        self._buttons = buttons
        self._picture = picture
        self._paid = PAID[paid]
        self._halfway = Halfway()
        self._tries: dict[tuple[str, Message], int] = {}  # of what Zalo could not do
        self._uploads: dict[Path, Upload] = {}  # of messages under way
        self._seconds = seconds  # for a call that uploads nothing
        self._client = httpx.AsyncClient(base_url=api.rstrip("/"))
        self._downloads = Downloads(hosts)

    # --- hearing ---

    async def receive(self, take: Take) -> None:
        """Wait until cancelled: Zalo calls."""
        await asyncio.Event().wait()

    def post(self, headers: Mapping[str, str], body: bytes) -> Post:
        """Read a call of the webhook; what cannot be believed or read counts for nothing and is never repeated."""
        if not body.strip():
            return Post(200)  # somebody looks whether anything is here
        try:
            event = zalo_oa.parsed(body)
        except zalo_oa.Malformed:
            return Post(200, fault="shape")
        shown = headers.get("x-zevent-signature", "")
        way = zalo_oa.signed(shown, body, event, self._ids, self._secrets)
        if not way:
            return Post(self._bad_signature_status, fault="signature")
        if way != self._way:
            log.info("%s: Zalo signs its calls with %s", self.account, way)
            self._way = way
        if zalo_oa.stale(event, clock.now()):
            return Post(200, fault="stale")
        if told := zalo_oa.told(event, self._oa):
            log.error("%s: %s", self.account, told)
        if zalo_oa.anonymous(event):
            return Post(200, fault="anonymous")
        try:
            heard = zalo_oa.read(event, self.account, buttons=self._buttons)
        except zalo_oa.Malformed as reason:
            log.warning("%s: an event cannot be read: %s", self.account, reason)
            return Post(200, fault="shape")
        return Post(200, (heard,) if heard else ())

    async def tend(self) -> None:
        """Have the token renewed in good time, however little is sent."""
        await self._keeper.tend()

    # --- sending ---

    def refuses(self, silent: timedelta, kind: Kind) -> str:
        """Say why nothing of this kind may be sent so long after the person's last word; empty when it may."""
        if silent > zalo_oa.OPEN:
            return "Zalo takes nothing more than 7 days after the person's last word"
        if silent > zalo_oa.FREE and kind not in self._paid:
            return "it would cost: more than 48 hours since the person's last word"
        return ""

    def narrow(self, silent: timedelta) -> bool:
        """Say whether each single message costs now."""
        return silent > zalo_oa.FREE

    async def send(self, chat: str, message: Message, carried: Carried | None = None) -> Sent:
        """Send one message and say what was taken of it now, or raise TryLater or Refused, which say so too."""
        key = (chat, message)
        number = self._halfway.take(chat, message)
        taken: list[Sent] = []
        try:
            uploads, notes = await self._carry(message, carried)
            every = self._bodies(message, uploads, notes)
            if not every:
                raise Refused("there is nothing in the message that Zalo can show")
            while number < len(every):
                try:
                    taken.append(zalo_oa.receipt(await self._post(chat, every[number])))
                except Failed as failed:
                    if failed.kind in ("kind", "package", "never") and zalo_oa.optional(every[number]):
                        log.warning("%s: the form for a number is not taken: %s", self.account, failed)
                    elif failed.kind in ("kind", "package") and "buttons" in _payload(every[number]):
                        log.warning(
                            "%s: buttons are not taken; choices are numbers from now on", self.account
                        )
                        self._buttons = False
                        # All but the part with the buttons stays as it was.
                        every = self._bodies(message, uploads, notes)
                        continue
                    else:
                        raise
                number += 1
        except Failed as failed:
            if failed.kind == "upload":
                self._forget(carried)
            failure = self._failure(failed, key)
        except TryLater as later:
            failure = later
        else:
            self._tries.pop(key, None)
            self._forget(carried)
            return together(taken)
        failure.taken = together(taken) if taken else None
        if isinstance(failure, TryLater) and number:
            # Whoever tries the same message again goes on here; the parts before it have arrived.
            self._halfway.put(chat, message, number)
        # Raised out here, so that no traceback leads to a call and its token.
        raise failure

    def _bodies(self, message: Message, uploads: Sequence[Upload], notes: Sequence[str]) -> tuple[Body, ...]:
        return zalo_oa.bodies(
            message, buttons=self._buttons, uploads=uploads, notes=notes, picture=self._picture
        )

    def _failure(self, failed: Failed, key: tuple[str, Message]) -> TryLater | Refused:
        """Give what can be done about an error of Zalo's, and tell the operator what only they can do."""
        match failed.kind:
            case "slow":
                return TryLater(str(failed), everybody=True)
            case "twice" | "upload" if self._tries.get(key, 0) < TWICE:
                _remember(self._tries, key, self._tries.get(key, 0) + 1)
                return TryLater(str(failed))
            case "office" | "package" | "token":
                log.error("%s: nothing can be sent: %s", self.account, failed)
                return TryLater(str(failed), MENDED, everybody=True)
            case "quota":
                log.error("%s: nothing more can be sent: %s", self.account, failed)
                return TryLater(str(failed), REFILLED)
            case "spent":
                return TryLater(str(failed), REFILLED)
            case "night":
                return TryLater(str(failed), zalo_oa.until_morning(clock.now()))
        self._tries.pop(key, None)
        return Refused(str(failed), gone=failed.kind == "gone")

    async def _carry(
        self, message: Message, carried: Carried | None
    ) -> tuple[tuple[Upload, ...], tuple[str, ...]]:
        """Upload what goes with a message; give what Zalo has kept, and a line for what it does not carry."""
        if message.file is not None:
            what = zalo_oa.uploadable(message.file.kind, len(message.file.content))
            given = message.file
            up = await self._upload(what, given.name, given.content, given.kind) if what else None
            if up:
                return (up,), ()
        if carried is None:
            return (), (instead(message),) if message.media and message.unseen else ()
        what = zalo_oa.uploadable(carried.type, carried.size)
        up = self._uploads.get(carried.path)
        if what and not up:
            try:
                content = await asyncio.to_thread(carried.path.read_bytes)
            except FileNotFoundError:
                raise Refused("the file that goes with the message is no longer kept") from None
            up = await self._upload(what, carried.name or carried.path.name, content, carried.type)
            if up:
                _remember(self._uploads, carried.path, up)
        if up:
            return (up,), ()
        note = zalo_oa.note(carried.name or carried.kind, carried.size)
        return (), (instead(message, carried.link) or note,)

    async def _upload(
        self, what: Literal["image", "file"], name: str, content: bytes, type_: str
    ) -> Upload | None:
        """Have Zalo keep a file; None where it does not take it, and the words have to go alone."""
        path, files = f"/v2.0/oa/upload/{what}", {"file": (name, content, type_)}
        try:
            data = await self._call("POST", path, UPLOAD_SECONDS, files=files)
        except Failed as failed:
            if failed.kind in ("slow", "twice", "token"):
                raise
            log.warning("%s: a file is not taken, and its message goes without it: %s", self.account, failed)
            return None
        ident = data.get("attachment_id" if what == "image" else "token")
        if not isinstance(ident, str) or not ident:
            raise TryLater("the answer to an upload is not Zalo's")
        return Upload(what, ident)

    def _forget(self, carried: Carried | None) -> None:
        if carried is not None:
            self._uploads.pop(carried.path, None)

    async def _post(self, chat: str, message: Body) -> Json:
        body = msgspec.json.encode({"recipient": {"user_id": chat}, "message": message})
        return await self._call("POST", "/v3.0/oa/message/cs", content=body, headers=JSON)

    def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """Give what somebody sent, piece by piece, or raise TryLater or Refused."""
        return self._downloads.get(ref)

    # --- the operator ---

    async def check(self) -> Sequence[Finding]:
        """Ask Zalo about the account, its package and what is left of the month's messages."""
        try:
            about = await self._call("GET", "/v2.0/oa/getoa")
        except Unpaired:
            return []
        except (Failed, TryLater) as error:
            reason = error.reason if isinstance(error, Failed) else reason_of(error)
            return [
                Finding(
                    "error",
                    _("Zalo Official Account does not answer as it should: {reason}")(reason=reason),
                    _("See docs/vi/zalo-oa.md, section “Khi có trục trặc”."),
                )
            ]
        name, package = str(about.get("name", "?"))[:60], str(about.get("package_name", "?"))[:60]
        found = [
            Finding("ok", _("Zalo Official Account: “{name}”, package {package}")(name=name, package=package))
        ]
        if str(about.get("oa_id", self._oa)) != self._oa:
            found.append(
                Finding(
                    "error",
                    _("Zalo Official Account: the token belongs to another account than ZALO_OA_ID"),
                    _("Correct ZALO_OA_ID, or bring a token of this account: `toso zalo token`."),
                )
            )
        if about.get("is_verified") is False:
            found.append(
                Finding(
                    "warning",
                    _("Zalo Official Account: the account is not verified"),
                    _("Have it verified: Zalo allows an unverified account hardly anything."),
                )
            )
        return [*found, *await self._quota()]

    async def _quota(self) -> Sequence[Finding]:
        """Say how many messages beyond the free hours are left, where Zalo tells."""
        asked = {"quota_owner": "OA", "product_type": "cs", "quota_type": "sub_quota"}
        try:
            data: Any = await self._call(
                "POST", "/v3.0/oa/quota/message", content=msgspec.json.encode(asked), headers=JSON
            )
        except (Failed, TryLater):
            return ()  # not every package has any
        rows = data if isinstance(data, list) else [data]
        left = [zalo_oa.count(row, "remain") for row in rows if isinstance(row, dict)]
        known = [number for number in left if number is not None]
        if not known:
            return ()
        told = _("Zalo Official Account: {left} messages beyond the free 48 hours are left")(left=sum(known))
        remedy = _("Buy more, or set ZALO_OA_PAID to none.")
        return (Finding("ok", told) if sum(known) else Finding("warning", told, remedy),)

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()
        await self._downloads.close()

    # --- the platform ---

    async def _call(self, method: str, path: str, seconds: float = 0.0, **more: Any) -> Json:
        """Give the data of a call; a token that Zalo refuses is renewed once, and the call made once more."""
        token = await self._keeper.access()
        try:
            return await self._once(method, path, seconds, token, more)
        except Failed as failed:
            if failed.kind != "token":
                raise
        return await self._once(method, path, seconds, await self._keeper.renewed(token), more)

    async def _once(
        self, method: str, path: str, seconds: float, token: str, more: Mapping[str, Any]
    ) -> Json:
        headers = {**more.get("headers", {}), **self._keeper.headers(token)}
        response = await answered(
            self._client, "Zalo", method, path, seconds or self._seconds, **{**more, "headers": headers}
        )
        if response.status_code in AWAY_CODES:
            raise TryLater(AWAY(platform="Zalo", why=str(response.status_code)), everybody=True)
        try:
            answer = json.loads(response.content)
        except (ValueError, RecursionError):
            answer = None
        code = answer.get("error") if isinstance(answer, dict) else None
        if not isinstance(answer, dict) or not isinstance(code, int) or isinstance(code, bool):
            raise TryLater(NOT_THEIRS(platform="Zalo", why=str(response.status_code)))
        if code:
            raise _failed(code, str(answer.get("message", "")))
        if not response.is_success:
            raise TryLater(NOT_THEIRS(platform="Zalo", why=str(response.status_code)))
        data = answer.get("data")
        return data if isinstance(data, dict | list) else {}  # type: ignore[return-value]


JSON = {"content-type": "application/json"}


def _failed(code: int, said: str) -> Failed:
    known = zalo_oa.ERRORS.get(code)
    return Failed(code, known[1] if known else zalo_oa.UNKNOWN(words=said[:80]))


def _payload(body: Body) -> Json:
    payload = body.get("attachment", {}).get("payload", {})
    return payload if isinstance(payload, dict) else {}


def _remember(kept: dict[Key, Value], key: Key, value: Value) -> None:
    kept[key] = value
    while len(kept) > KEPT:
        del kept[next(iter(kept))]
