"""Zalo's Bot Platform over HTTP: it polls or is called, and sends.

What is written about polling contradicts itself: an update may come again for ever, or never again.  So an
update counts as heard only once it is stored, and is known again by its message's id.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx

from bot import clock
from bot.channels import AWAY_CODES, Carried, Channel, Limits, Post, Refused, Sent, Take, TryLater, zalo_bot
from bot.channels.download import Downloads
from bot.channels.halfway import Halfway, together
from bot.channels.line import answered
from bot.channels.reasons import AWAY, NOT_THEIRS, SAYS, reason_of
from bot.channels.zalo_bot import Call
from bot.findings import Finding
from bot.trouble import where
from handlers.talk import Heard, Message
from handlers.text import _

log = logging.getLogger(__name__)

OFFICIAL = "https://bot-api.zaloplatforms.com"
GONE = ("chat not found", "user not found")  # refusals that mean there is nobody there
HIDDEN = "TOKEN"  # stands for the token in every address that a log or an error may show
CALL_SECONDS = 30.0
PHOTO_SECONDS = 150.0  # Zalo fetches the picture while we wait
BETWEEN_POLLS = timedelta(seconds=1)  # at least this from the start of one to the start of the next
LONGEST_PAUSE = timedelta(minutes=1)
LIMITS = Limits(rate=5, burst=5, chat_rate=1, chat_burst=3, group_rate=1)  # Zalo publishes none
SPENT = 5  # refusals of speed in a row, over which nothing was sent: the month's messages are used up
TOGETHER = 1.0  # seconds
NEARLY = 0.9  # of the month's messages
RECEIVED = b'{"message":"Success"}'
KNOWN = 1000  # updates that are remembered as stored


class NoPoll(TryLater):
    """The platform has nothing to tell for now."""


class NotSet(Refused):
    """The platform does not have what was asked for."""


class WrongToken(TryLater):
    """The platform does not know the bot; somebody has to write the token anew."""

    def __init__(self, code: int) -> None:
        super().__init__(
            f"Zalo does not let this bot in ({code}). Copy ZALO_BOT_TOKEN again.", everybody=True
        )


async def pause(time: timedelta) -> None:
    """Wait so long by the monotonic clock."""
    await asyncio.sleep(time.total_seconds())


class ZaloBotChannel(Channel):
    """One bot of the Bot Platform."""

    proof = "ZALO_BOT_SECRET"

    def __init__(
        self,
        token: str,
        *,
        api: str = OFFICIAL,
        name: str = "",
        webhook: str = "",
        secret: str = "",
        limits: Limits = LIMITS,
        quota: int = 3000,
        spent: Callable[[str], int] = lambda account: 0,
        hosts: Sequence[str] = (),
        poll: timedelta = timedelta(seconds=30),
        seconds: float = CALL_SECONDS,
        pause: Callable[[timedelta], Awaitable[None]] = pause,
    ) -> None:
        """Take the bot's token; the address and secret of a webhook, where it does not poll.

        `spent` says how many messages an account has sent this month.
        """
        self.account = f"zalo_bot:{token.partition(':')[0]}"
        self.limits = limits
        self.hook = "zalo_bot" if webhook else ""
        self.malformed = 0  # updates that could not be read since the start
        self._name = name
        self._webhook = webhook
        self._secret = secret
        self._registered = False  # this process has told Zalo of the webhook
        self._quota = quota
        self._spent = spent
        self._poll = poll
        self._seconds = seconds  # for a call with which Zalo fetches nothing
        self._pause = pause
        self._stored: dict[str, None] = {}  # keys of late, so that a poll that repeats itself is cheap
        self._halfway = Halfway()
        self._too_fast = 0  # refusals of speed in a row
        self._refused = -TOGETHER  # when the last of them came
        self._client = httpx.AsyncClient(transport=_Named(token))
        self._api = f"{api.rstrip('/')}/bot{HIDDEN}/"
        self._downloads = Downloads(hosts)

    # --- hearing ---

    async def receive(self, take: Take) -> None:
        """Hear until cancelled; an update is asked for no more only after `take` has said True."""
        if self._webhook:
            await asyncio.Event().wait()
        failures = 0
        while True:
            try:
                # Before the first one too, for a process that was killed may have polled a moment ago; and from
                # the end of one: when it really left, on a busy machine, nobody here knows.
                await self._pause(BETWEEN_POLLS)
                await self._store(await self._updates(), take)
                failures = 0
            except Exception as error:
                failures += 1
                wait = getattr(error, "wait", None) or _back_off(failures)
                what = error if isinstance(error, TryLater | Refused) else where(error)
                log.error("%s: %s; polling again in %s", self.account, what, wait)
                await self._pause(wait)

    async def _updates(self) -> Sequence[Any]:
        seconds = self._poll.total_seconds()
        try:
            answer = await self._call("getUpdates", {"timeout": str(int(seconds))}, seconds + 10)
        except NoPoll:
            return ()
        except Refused as error:
            if "webhook" in str(error).lower():
                raise TryLater("a webhook is set for this bot; it is removed, or turn polling off") from None
            raise
        return zalo_bot.updates(answer)

    async def _store(self, updates: Sequence[Any], take: Take) -> None:
        """Have what came stored, however often that takes; what came before is passed by."""
        read = [known for update in updates if (known := self._read(update))]
        heard = [one for one in read if one.key not in self._stored]
        attempts = 0
        while heard and not await take(heard):
            attempts += 1
            await self._pause(_back_off(attempts))
        for one in heard:
            self._stored[one.key] = None
        while len(self._stored) > KNOWN:
            del self._stored[next(iter(self._stored))]

    def _read(self, update: Any) -> Heard | None:
        try:
            return zalo_bot.read(update, self.account, self._name)
        except zalo_bot.Malformed as reason:
            self.malformed += 1
            log.warning("%s: an update cannot be read: %s", self.account, reason)
            return None

    def post(self, headers: Mapping[str, str], body: bytes) -> Post:
        """Read a call of the webhook; a wrong secret is answered 401 and counts for nothing."""
        if not body.strip():
            return Post(200, body=RECEIVED)  # Zalo looks whether anybody is there
        shown = headers.get("x-bot-api-secret-token", "")
        if not hmac.compare_digest(shown.encode(errors="replace"), self._secret.encode()):
            return Post(401, fault="secret")
        try:
            said = json.loads(body)  # unlike stricter readers it takes half a character for what it is
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict | list):
            # The same call again would be no better, so it is answered like any other.
            return Post(200, fault="shape", body=RECEIVED)
        faults = self.malformed
        heard = tuple(known for update in zalo_bot.updates(said) if (known := self._read(update)))
        return Post(200, heard, "shape" if self.malformed > faults else "", RECEIVED)

    async def tend(self) -> None:
        """Tell Zalo where to call, or not to; it keeps one such address and polls mean nothing beside it."""
        there = await self._registered_address()
        if not self._webhook:
            if there:
                await self._call("deleteWebhook", {})
                log.warning("%s: a webhook was set for this bot and is removed: we poll", self.account)
            return
        # The secret cannot be asked for, so each process tells it once.
        if there != self._webhook or not self._registered:
            said = await self._call("setWebhook", {"url": self._webhook, "secret_token": self._secret})
            self._registered = True
            log.info("%s: Zalo calls %s from now on%s", self.account, self._webhook, self._besides(said))

    def _besides(self, said: Any) -> str:
        """Give what Zalo says of its own look at a new webhook, whose form nobody has written down."""
        known = said if isinstance(said, dict) else {}
        more = {name: value for name, value in known.items() if name not in ("url", "updated_at")}
        return f"; it says of that: {json.dumps(more).replace(self._secret, '…')[:200]}" if more else ""

    async def _registered_address(self) -> str:
        try:
            answer = await self._call("getWebhookInfo", {})
        except NotSet:
            return ""
        address = answer.get("url") if isinstance(answer, dict) else ""
        return address if isinstance(address, str) else ""

    # --- sending ---

    def group(self, chat: str) -> bool:
        """Say whether a chat is a group's."""
        return chat.startswith(zalo_bot.GROUP)

    async def send(self, chat: str, message: Message, carried: Carried | None = None) -> Sent:
        """Send one message and say what was taken of it now, or raise TryLater or Refused, which say so too."""
        every = zalo_bot.calls(chat, message, carried)
        if not every:
            raise Refused("there is nothing in the message that Zalo can show")
        first = self._halfway.take(chat, message)
        taken: list[Sent] = []
        for number in range(first, len(every)):
            try:
                answer = await self._send(every[number])
            except (TryLater, Refused) as error:
                if number and isinstance(error, TryLater):
                    # Whoever tries the same message again goes on here; the parts before it have arrived.
                    self._halfway.put(chat, message, number)
                error.taken = together(taken) if taken else None
                raise
            ident = answer.get("message_id", "") if isinstance(answer, dict) else ""
            taken.append(Sent(str(ident), cost="message"))
        return together(taken)

    async def _send(self, call: Call) -> Any:
        """Send a part, or what stands in for it where Zalo does not take it as it is."""
        seconds = PHOTO_SECONDS if call.method == "sendPhoto" else self._seconds
        try:
            return await self._call(call.method, call.params, seconds)
        except NotSet:
            await self._call("getMe", {})  # where it is the token, or the address, this says so
            raise
        except Refused as error:
            if call.otherwise is None:
                raise
            log.info("%s: %s was refused and is sent in plainer form: %s", self.account, call.method, error)
        return await self._send(call.otherwise)

    def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """Give a photo or voice note that somebody sent, piece by piece, or raise TryLater or Refused."""
        return self._downloads.get(ref)

    # --- the operator ---

    async def check(self) -> Sequence[Finding]:
        """Ask Zalo who the bot is and where it calls; and say what is left of the month's messages."""
        try:
            me = await self._call("getMe", {})
            there = await self._registered_address()
        except WrongToken:
            return [
                Finding(
                    "error",
                    _("Zalo Bot: Zalo does not know this token"),
                    _("Copy ZALO_BOT_TOKEN again from Zalo Bot Manager."),
                )
            ]
        except (TryLater, Refused) as error:
            return [
                Finding(
                    "error",
                    _("Zalo Bot does not answer as it should: {reason}")(reason=reason_of(error)),
                    _("Check the network and ZALO_BOT_API, or wait until Zalo works again."),
                )
            ]
        known = me if isinstance(me, dict) else {}
        name = str(known.get("display_name") or known.get("account_name") or known.get("id") or "?")
        found = [Finding("ok", _("Zalo Bot: the bot is “{name}”")(name=name[:60]))]
        if isinstance(joins := known.get("can_join_groups"), bool):
            lets, keeps = (
                _("Zalo Bot: Zalo lets it into groups"),
                _("Zalo Bot: Zalo does not let it into groups"),
            )
            found.append(Finding("ok", lets if joins else keeps))
        if there != self._webhook:
            if not there:
                what = _("Zalo Bot: Zalo does not yet call {here}")(here=self._webhook)
            elif not self._webhook:
                what = _("Zalo Bot: Zalo calls {there} and cannot be asked meanwhile")(there=there[:100])
            else:
                what = _("Zalo Bot: Zalo calls {there}, not {here}")(there=there[:100], here=self._webhook)
            mends = _("A running `toso run` mends that within ten minutes.")
            found.append(Finding("warning", what, mends))
        spent = await asyncio.to_thread(self._spent, self.account)
        month = _("Zalo Bot: {spent} of {quota} messages of this month are used")(
            spent=spent, quota=self._quota
        )
        remedy = _("Ask Zalo for a larger plan, or move people to the Official Account.")
        found.append(
            Finding("warning", month, remedy) if spent > NEARLY * self._quota else Finding("ok", month)
        )
        return found

    def figures(self) -> Mapping[str, float]:
        """Give what could not be read, and what the month allows and has left; reads the database."""
        left = max(0, self._quota - self._spent(self.account))
        return {"unreadable": self.malformed, "month_quota": self._quota, "month_left": left}

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()
        await self._downloads.close()

    # --- the platform ---

    async def _call(self, method: str, params: Mapping[str, Any], seconds: float = 0.0) -> Any:
        """Give the result of a call, or raise TryLater or Refused in words without the token."""
        response = await answered(
            self._client, "Zalo", "POST", self._api + method, seconds or self._seconds, json=dict(params)
        )
        try:
            answer = json.loads(response.content)
        except (ValueError, RecursionError):
            answer = None
        if isinstance(answer, dict) and answer.get("ok") is True and response.is_success:
            if method.startswith("send"):
                self._too_fast = 0
            return answer.get("result")
        raise self._failure(method, response.status_code, answer)

    def _failure(self, method: str, status: int, answer: Any) -> TryLater | Refused:
        """Say what can be done about a call that did not succeed."""
        told = answer if isinstance(answer, dict) else {}
        code = told.get("error_code")
        code = code if isinstance(code, int) and not isinstance(code, bool) else status
        words = str(told.get("description") or "without a reason")[:200]
        if told.get("ok") is not False:
            code = status
            if status <= 400:
                return TryLater(NOT_THEIRS(platform="Zalo", why=f"{method}, {status}"))
        match code:
            case 400:
                gone = any(sign in words.lower() for sign in GONE)
                return Refused(SAYS(platform="Zalo", words=f"{method}: {words}"), gone=gone)
            case 404 if method == "getWebhookInfo" or method.startswith("send"):
                return NotSet(f"{method}: {words}")
            case 403 if method.startswith("send"):
                return TryLater(SAYS(platform="Zalo", words=f"{method}: 403 {words}"))
            case 401 | 403 | 404:
                return WrongToken(code)
            case 408 if method == "getUpdates":
                return NoPoll(words)
            case 429:
                # Calls that were refused together are one refusal.
                now = clock.ticks()
                again, self._refused = now - self._refused >= TOGETHER, now
                self._too_fast += again
                if again and self._too_fast == SPENT:
                    log.error(
                        "%s: Zalo takes nothing more; the month's messages may be used up", self.account
                    )
                # Until it lasts no message is to blame; then each tries a while and goes another way.
                wait, brief = _back_off(self._too_fast + 2), self._too_fast < SPENT
                return TryLater(SAYS(platform="Zalo", words=f"429 {words}"), wait, everybody=brief)
            case code if code in AWAY_CODES:
                return TryLater(AWAY(platform="Zalo", why=str(code)), everybody=True)
            case _:
                return TryLater(SAYS(platform="Zalo", words=f"{method}: {code} {words}"))


class _Named(httpx.AsyncHTTPTransport):
    """Puts the token into the address at the last moment, where no log and no error sees it."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token.encode()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.replace(f"/bot{HIDDEN}/".encode(), b"/bot" + self._token + b"/", 1)
        named = httpx.Request(
            request.method,
            request.url.copy_with(raw_path=path),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return await super().handle_async_request(named)


def _back_off(failures: int) -> timedelta:
    return min(timedelta(seconds=2 ** min(failures - 1, 10)), LONGEST_PAUSE)
