"""The token endpoint of a Zalo Official Account: every refresh token holds once, and all of this is counted.

A Starlette application that the simulator of the account mounts too.  It refuses what Zalo would refuse, with
HTTP 200 as Zalo does; whatever it gives holds from the moment of its answer, whether anybody hears that or not.
It has a clock of its own (`passes`): an access token dies after 25 hours, a refresh token after three months and
a code after ten minutes.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ACCESS_LIFE, REFRESH_LIFE = timedelta(hours=25), timedelta(days=90)
CODE_LIFE = timedelta(minutes=10)
APP_ID = "1907"
APP_SECRET = "app-secret-of-the-simulator"
CALLBACK = "https://toso.example.vn"


class ZaloTokens:
    """One app's tokens for one account."""

    def __init__(self) -> None:
        self.before = 0.0  # seconds a call takes to reach the platform
        self.after = 0.0  # seconds its answer takes to reach us
        self.out_of_order = 0  # so many calls are answered with 502 before anything happens
        self.answers_lost = 0  # so many answers never arrive, though the pair is given
        self.holding = False  # whether answers are held back until `goes_on`
        self.goes_on = threading.Event()
        self.switched_off = False
        self.watched: Callable[[str], None] = lambda _stage: None  # told "asked", "given" and "answered"
        self.calls = 0
        self.given = 0
        self.burnt: list[str] = []  # refresh tokens that were used a second time
        self.together = 0  # most calls under way at once
        self.violations: list[str] = []
        self.challenge = ""  # stored in the app's console, where it is not any: no other brings a code
        self.access = ""  # the only one that holds, for its time
        self._refresh = ""
        self._used: set[str] = set()
        self._codes: dict[str, tuple[str, float]] = {}  # with their challenges, and until when
        self._moved = timedelta(0)
        self._access_ends = self._refresh_ends = 0.0
        self._under_way = 0
        self._numbers = itertools.count(1)
        self._door = threading.Lock()

    def routes(self) -> list[Route]:
        """Give what the account's simulator mounts."""
        return [Route("/v4/oa/access_token", self.answer, methods=["POST"])]

    def app(self) -> Starlette:
        """Give it as a server of its own."""
        return Starlette(routes=self.routes())

    def passes(self, time_: timedelta) -> None:
        """Move the clock on."""
        self._moved += time_

    def seconds(self) -> float:
        """Give the clock."""
        return time.time() + self._moved.total_seconds()

    def holds(self, access: str) -> bool:
        """Say whether an access token is the newest, and not too old."""
        return bool(access) and access == self.access and self.seconds() < self._access_ends

    def pair(self) -> tuple[str, str]:
        """Give a new pair, as the console's API Explorer does; the former access token dies."""
        with self._door:
            number = next(self._numbers)
            self._access_ends = self.seconds() + ACCESS_LIFE.total_seconds()
            self._refresh_ends = self.seconds() + REFRESH_LIFE.total_seconds()
            self.access, self._refresh = (
                f"access-{number}-of-the-simulator",
                f"refresh-{number}-of-the-simulator",
            )
            return self.access, self._refresh

    def permits(self, challenge: str) -> str:
        """Give the code that an administrator's permission brings; nothing where the page shows an error (-14003)."""
        if self.challenge and challenge != self.challenge:
            return ""
        code = f"code-{next(self._numbers)}"
        self._codes[code] = challenge, self.seconds() + CODE_LIFE.total_seconds()
        return code

    def dies(self) -> None:
        """Let the access token die before its time."""
        self.access = ""

    async def answer(self, request: Request) -> Response:
        """Answer a call for a pair."""
        self.calls += 1
        self._under_way += 1
        self.together = max(self.together, self._under_way)
        self.watched("asked")
        try:
            await asyncio.sleep(self.before)
            if self.out_of_order:
                self.out_of_order -= 1
                return Response("Bad Gateway", 502)
            said = self._decide(request, await request.body())
            holding = self.holding
            self.watched("given")
            if holding:
                await asyncio.to_thread(self.goes_on.wait, 60)
            await asyncio.sleep(self.after)
        finally:
            self._under_way -= 1
        if self.answers_lost and "access_token" in said:
            self.answers_lost -= 1
            return Response("Gateway Timeout", 504)
        self.watched("answered")
        return JSONResponse(said)

    def _decide(self, request: Request, body: bytes) -> dict[str, object]:
        if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            self.violations.append("a token is asked for with a form")
            return refusal(-14001, "Invalid request")
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if request.headers.get("secret_key") != APP_SECRET:
            return refusal(-14004, "Invalid secret key")
        if form.get("app_id") != APP_ID or self.switched_off:
            return refusal(-14002, "Invalid or inactive app")
        match form.get("grant_type"):
            case "refresh_token" if set(form) == {"app_id", "refresh_token", "grant_type"}:
                return self._refreshed(form["refresh_token"])
            case "authorization_code" if set(form) == {"app_id", "code", "grant_type", "code_verifier"}:
                return self._exchanged(form["code"], form["code_verifier"])
        self.violations.append(f"no such call: {sorted(form)}")
        return refusal(-14001, "Invalid request")

    def _refreshed(self, token: str) -> dict[str, object]:
        if token in self._used:
            self.burnt.append(token)
        if token != self._refresh or self.seconds() >= self._refresh_ends:
            return refusal(-14014, "Invalid refresh token")
        self._used.add(token)
        return self._gives()

    def _exchanged(self, code: str, verifier: str) -> dict[str, object]:
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge, ends = self._codes.get(code, ("", 0.0))
        if self.seconds() >= ends:
            return refusal(-14003, "Invalid authorization code")
        if len(verifier) != 43 or challenge != urlsafe_b64encode(digest).rstrip(b"=").decode():
            return refusal(-14003, "Invalid code verifier")
        del self._codes[code]
        return self._gives()

    def _gives(self) -> dict[str, object]:
        self.given += 1
        access, refresh = self.pair()
        return {"access_token": access, "refresh_token": refresh, "expires_in": "90000"}


def refusal(error: int, name: str) -> dict[str, object]:
    """Give an error as this endpoint has them."""
    return {"error": error, "error_name": name, "ref_doc": "https://developers.zalo.me"}
