"""ZBS template messages: the paid last resort, by telephone number or by an account's name for a person.

Zalo shows a template that it has approved; we fill its fields with neutral words.  It only sends.  An answer is
read by its number alone.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Literal

import httpx

from bot import clock
from bot.channels import AWAY_CODES, Carried, Channel, Limits, Refused, Sent, Take, TryLater, Unpaired
from bot.channels.line import answered
from bot.channels.reasons import AWAY, NOT_THEIRS, reason_of
from bot.channels.words import without_marks
from bot.channels.zalo_oa import WITH_CODE
from bot.findings import Finding
from bot.tokens import TokenKeeper
from handlers.talk import Message
from handlers.text import Text, _
from handlers.turn import Kind

log = logging.getLogger(__name__)

BUSINESS = "https://business.openapi.zalo.me"
SECONDS = 15.0
PHONE = re.compile(r"84[0-9]{9}")
USER = re.compile(r"oa:([0-9]{1,20})")
EVENING, MORNING = time(22), time(6)  # between them nothing goes to a telephone number
MENDED = timedelta(minutes=10)  # after which it is looked whether somebody has mended what stops everything
REFILLED = timedelta(hours=1)  # the same for a quota that is used up
LONGEST = 200  # letters of a field
TRACKING = 40  # signs of the name by which Zalo's lists know a template; Zalo takes 48

Class = Literal[
    "slow",  # ask again in a while
    "busy",  # the same, and everybody slower
    "token",  # the access token is to be renewed
    "office",  # somebody has to mend something; until then nothing leaves
    "some",  # the same, but another message or another person may pass
    "quota",  # nothing is left of what was bought or granted
    "today",  # no more today
    "night",  # not at this hour
    "gone",  # there is nobody there
    "never",  # this message is not taken
]
ERRORS: dict[int, tuple[Class, Text]] = {
    -32: ("busy", _("Zalo asks to slow down")),
    -100: ("slow", _("an error Zalo does not explain")),
    -108: ("gone", _("no telephone number")),
    -109: ("office", _("the template does not exist: correct ZBS_TEMPLATE")),
    -114: ("gone", _("this person cannot receive it")),
    -115: ("quota", _("the quota or the balance is used up")),
    -118: ("gone", _("this person has no Zalo account")),
    -119: ("gone", _("this person cannot receive it")),
    -124: ("token", _("the access token is not valid")),
    -126: ("quota", _("the quota for tests is used up")),
    -127: ("some", _("a test template goes to administrators only")),
    -131: ("office", _("the template is not approved")),
    -132: ("some", _("the fields do not fit the template: correct ZBS_FIELDS")),
    -133: ("night", _("nothing is sent at night")),
    -135: ("office", _("the account may not send templates")),
    -136: ("office", _("the account is not joined to a Zalo Cloud Account")),
    -137: ("office", _("the Zalo Cloud Account cannot be charged")),
    -139: ("gone", _("the person refuses such messages")),
    -141: ("gone", _("the person refuses such messages")),
    -144: ("today", _("the account's limit of today is reached")),
    -147: ("today", _("the template's limit of today is reached")),
    -200: ("slow", _("Zalo could not send it")),
    -204: ("office", _("the Official Account has been deleted")),
    -205: ("office", _("the Official Account does not exist")),
    -209: ("office", _("the app is not active. Activate it in the developers' console")),
    -211: ("quota", _("the account's quota of messages is used up")),
    -212: ("office", _("the app is not registered for this")),
    -213: ("gone", _("the person does not follow the account")),
    -216: ("token", _("the access token is not valid")),
    -219: ("office", _("the app is missing. See it in the developers' console")),
    -220: ("token", _("the access token is not valid")),
    -221: ("office", _("the Official Account is not verified")),
    -223: ("office", _("the app is not granted to the account. Have an administrator grant it once more")),
    -224: ("office", _("the account's package does not allow this. Buy a package that does")),
    -227: ("gone", _("the person's account is locked or unused")),
    -234: ("night", _("nothing is sent at night")),
    -235: ("office", _("the account is of another type")),
    -242: ("office", _("appsecret_proof is wrong: see ZALO_OA_PROOF")),
    -244: ("gone", _("the person refuses such messages")),
    -249: ("never", _("this template may not be sent by user id")),
    -320: ("office", _("the Zalo Cloud Account is missing")),
    -321: ("quota", _("the Zalo Cloud Account has no balance")),
    -1241: ("office", _("appsecret_proof is wrong: see ZALO_OA_PROOF")),
}


class Failed(Exception):
    """Zalo's answer is an error."""

    def __init__(self, code: int) -> None:
        self.kind, what = ERRORS.get(code, ("never", _("an error that is not known yet")))
        self.reason = WITH_CODE(what=what, code=str(code))
        super().__init__(str(self.reason))


class ZbsChannel(Channel):
    """One template of one Official Account."""

    account = "zbs"

    def __init__(
        self,
        keeper: TokenKeeper,
        template: str,
        fields: Sequence[str],
        *,
        office: str = "",
        business: str = BUSINESS,
        api: str = "https://openapi.zalo.me",
        rate: float = 5,
        seconds: float = SECONDS,
    ) -> None:
        """Take the fields of the template as "name=source", each source one of bot.settings.SOURCES."""
        self.limits = Limits(rate=rate, burst=rate, chat_rate=0.02, chat_burst=2)
        self._keeper = keeper
        self._template = template
        self._fields = dict(field.split("=", 1) for field in fields)
        self._office = office
        self._by_phone = f"{business}/message/template"
        self._by_user = f"{api}/v3.0/oa/message/template"
        self._quota = f"{business}/message/quota"
        self._seconds = seconds
        self._client = httpx.AsyncClient()

    async def receive(self, take: Take) -> None:
        """Hear nothing."""
        await asyncio.Event().wait()

    async def tend(self) -> None:
        """Have the token renewed in good time."""
        await self._keeper.tend()

    def refuses(self, silent: timedelta, kind: Kind) -> str:
        """Say why nothing of this kind is sent: a template costs and is no advertisement."""
        return "templates are for notices, not for broadcasts" if kind == "broadcast" else ""

    async def send(self, chat: str, message: Message, carried: Carried | None = None) -> Sent:
        """Fill the template and send it, or raise TryLater or Refused."""
        body: dict[str, Any] = {"template_id": self._template, "template_data": self._filled(message)}
        if PHONE.fullmatch(chat):
            if (wait := until_morning(clock.now())) > timedelta(0):
                raise TryLater("nothing is sent at night", wait)
            url, body = self._by_phone, {"phone": chat, **body, "tracking_id": _tracking(chat, body)}
        elif user := USER.fullmatch(chat):
            url, body = self._by_user, {"user_id": user[1], **body}
        else:
            raise Refused("this is neither a telephone number nor a user of the account", gone=True)
        try:
            data = await self._call("POST", url, body)
        except Failed as failed:
            failure = _failure(failed)
        except TryLater as later:
            failure = later
        else:
            quota = data.get("quota")
            left = _number(quota.get("remainingQuota")) if isinstance(quota, dict) else None
            return Sent(str(data.get("msg_id") or data.get("message_id") or ""), cost="zbs", left=left)
        # Raised out here, so that no traceback leads to a call and its token.
        raise failure

    async def check(self) -> Sequence[Finding]:
        """Ask how many templates may be sent today."""
        try:
            data = await self._call("GET", self._quota)
        except Unpaired:
            return []
        except (Failed, TryLater) as error:
            reason = error.reason if isinstance(error, Failed) else reason_of(error)
            return [
                Finding(
                    "error",
                    _("ZBS templates cannot be sent: {reason}")(reason=reason),
                    _("See docs/vi/thu-dien-tu-va-zbs.md."),
                )
            ]
        left = _number(data.get("remainingQuota"))
        if left is None:
            return [Finding("ok", _("ZBS templates: Zalo takes them from us"))]
        state: Literal["ok", "warning"] = "ok" if left else "warning"
        return [Finding(state, _("ZBS templates: {left} are left today")(left=left))]

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    def _filled(self, message: Message) -> dict[str, str]:
        filling = {
            "words": without_marks(message.text)[0],
            "link": message.link,
            "office": self._office,
            "date": f"{clock.now().astimezone(clock.VIETNAM):%d/%m/%Y}",
        }
        # A field is one line; Zalo refuses the template otherwise.
        return {name: " ".join(filling[source].split())[:LONGEST] for name, source in self._fields.items()}

    async def _call(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Give the data of a call; a token that Zalo refuses is renewed once, and the call made once more."""
        token = await self._keeper.access()
        try:
            return await self._once(method, url, body, token)
        except Failed as failed:
            if failed.kind != "token":
                raise
        return await self._once(method, url, body, await self._keeper.renewed(token))

    async def _once(
        self, method: str, url: str, body: Mapping[str, Any] | None, token: str
    ) -> Mapping[str, Any]:
        response = await answered(
            self._client, "Zalo", method, url, self._seconds, json=body, headers=self._keeper.headers(token)
        )
        if response.status_code in AWAY_CODES:
            raise TryLater(AWAY(platform="Zalo", why=str(response.status_code)), everybody=True)
        try:
            answer = json.loads(response.content)
        except (ValueError, RecursionError):
            answer = None
        code = answer.get("error") if isinstance(answer, dict) else None
        if isinstance(answer, dict) and code == 0 and response.is_success:
            data = answer.get("data")
            return data if isinstance(data, dict) else {}
        if isinstance(code, int) and code:
            raise Failed(code)
        raise TryLater(NOT_THEIRS(platform="Zalo", why=str(response.status_code)))


def _failure(failed: Failed) -> TryLater | Refused:
    """Give what can be done about an error, and tell the operator what only they can do."""
    match failed.kind:
        case "slow" | "busy":
            return TryLater(str(failed), everybody=failed.kind == "busy")
        case "night":
            return TryLater(str(failed), until_morning(clock.now()) or REFILLED)
        case "today":
            log.error("zbs: nothing more can be sent today: %s", failed)
            return TryLater(str(failed), until_tomorrow(clock.now()))
        case "office" | "some" | "token":
            log.error("zbs: nothing can be sent: %s", failed)
            return TryLater(str(failed), MENDED, everybody=failed.kind != "some")
        case "quota":
            log.error("zbs: nothing more can be sent: %s", failed)
            return TryLater(str(failed), REFILLED)
    return Refused(str(failed), gone=failed.kind == "gone")


def _tracking(chat: str, body: Mapping[str, Any]) -> str:
    """Give Zalo a name for a template: the same for each attempt, so that a repeat in its lists is known as one."""
    said = json.dumps([chat, body["template_id"], body["template_data"]], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:TRACKING]


def until_morning(now: datetime) -> timedelta:
    """Say how long the night lasts yet in which no telephone number is written to; nothing by day."""
    here = now.astimezone(clock.VIETNAM)
    if MORNING <= here.time() < EVENING:
        return timedelta(0)
    day = here.date() + timedelta(days=1) if here.time() >= EVENING else here.date()
    return datetime.combine(day, MORNING, clock.VIETNAM) - here


def until_tomorrow(now: datetime) -> timedelta:
    """Say how long it is to the next morning."""
    here = now.astimezone(clock.VIETNAM)
    return datetime.combine(here.date() + timedelta(days=1), MORNING, clock.VIETNAM) - here


def _number(said: object) -> int | None:
    words = str(said)
    return int(words) if words.isascii() and words.isdigit() and len(words) < 10 else None
