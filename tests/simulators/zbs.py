"""Zalo's template messages, by telephone number and by a user's id: a strict server with a clock of its own."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.simulators.zalo_tokens import APP_SECRET, ZaloTokens

TEMPLATE = "300001"
FIELDS = {"noi_dung", "ngay"}
USER = "2468458835291979000"

Json = dict[str, Any]


class Shown(msgspec.Struct, frozen=True):
    """A template as it arrived."""

    to: str
    data: dict[str, str]


class Refusal(Exception):
    """An error answer, which comes with HTTP 200."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Zbs:
    """Both hosts in one: their paths differ."""

    def __init__(self) -> None:
        self.tokens = ZaloTokens()
        self.hour = 9  # by Zalo's clock
        self.proof = False
        self.left = 500
        self.daily = 500  # templates a day of the account, and of the template
        self.template_daily = 500
        self.administrators: set[str] | None = None  # while the template is tried out: whom alone it reaches
        self.trials = 10  # of that
        self._today: Counter[str] = Counter()
        self.fails: list[int] = []  # errors that the next calls get
        self.shown: list[Shown] = []
        self.arrived = threading.Event()  # once anything was shown
        self.calls = 0
        self.violations: list[str] = []
        self.trackings: list[str] = []  # of every call by telephone number, taken or not

    def midnight(self) -> None:
        """Let the day end by which Zalo counts."""
        self._today.clear()

    def app(self) -> Starlette:
        """Give it as a server."""
        return Starlette(
            routes=[
                *self.tokens.routes(),
                Route("/message/template", self._served(self._by_phone), methods=["POST"]),
                Route("/v3.0/oa/message/template", self._served(self._by_user), methods=["POST"]),
                Route("/message/quota", self._served(self._quota), methods=["GET"]),
            ]
        )

    def _served(self, act: Callable[[Json, int], Json]) -> Callable[[Request], Any]:
        async def serve(request: Request) -> Response:
            self.calls += 1
            business = not request.url.path.startswith("/v3.0")
            try:
                self._let_in(request, -124 if business else -216, -1241 if business else -242)
                body = await request.body()
                if request.method == "POST" and request.headers.get("content-type") != "application/json":
                    self._wrong("the body is JSON")
                said = act(json.loads(body) if body else {}, self.left)
            except Refusal as refusal:
                return JSONResponse({"error": refusal.code, "message": "error"})
            return JSONResponse({"error": 0, "message": "Success", "data": said})

        return serve

    def _let_in(self, request: Request, token: int, proof: int) -> None:
        shown = request.headers.get("access_token", "")
        if "authorization" in request.headers:
            self._wrong("the token has a header of its own")
        if not self.tokens.holds(shown):
            raise Refusal(token)
        right = hmac.new(APP_SECRET.encode(), shown.encode(), hashlib.sha256).hexdigest()
        if self.proof and request.headers.get("appsecret_proof") != right:
            raise Refusal(proof)

    def _by_phone(self, body: Json, left: int) -> Json:
        self._only(body, "phone", "template_id", "template_data", "tracking_id")
        if not re.fullmatch(r"84[0-9]{9}", str(body.get("phone"))):
            raise Refusal(-108)
        tracking = str(body.get("tracking_id"))
        if not 0 < len(tracking) <= 48:
            self._wrong("a tracking id has 1 to 48 signs")
        self.trackings.append(tracking)
        self._fail()
        if self.hour >= 22 or self.hour < 6:
            raise Refusal(-133)
        self._template(body)
        if self.administrators is not None:
            self._try_out(body["phone"])
        if self._today["account"] >= self.daily:
            raise Refusal(-144)
        if self._today["template"] >= self.template_daily:
            raise Refusal(-147)
        if not left:
            raise Refusal(-115)
        self.left -= 1
        self._today.update(("account", "template"))
        self.shown.append(Shown(body["phone"], body["template_data"]))
        self.arrived.set()
        quota = {"dailyQuota": "500", "remainingQuota": str(self.left)}
        return {"msg_id": f"m{len(self.shown)}", "sent_time": "1750316131602", "quota": quota}

    def _by_user(self, body: Json, left: int) -> Json:
        self._only(body, "user_id", "template_id", "template_data")
        self._fail()
        if not isinstance(body.get("user_id"), str):
            self._wrong("an id is a string")
        if body["user_id"] != USER:
            raise Refusal(-213)
        self._template(body)
        self.shown.append(Shown(body["user_id"], body["template_data"]))
        self.arrived.set()
        return {"message_id": f"m{len(self.shown)}"}

    def _try_out(self, phone: str) -> None:
        if phone not in (self.administrators or ()):
            raise Refusal(-127)
        if not self.trials:
            raise Refusal(-126)
        self.trials -= 1

    def _fail(self) -> None:
        if self.fails:
            raise Refusal(self.fails.pop(0))

    def _quota(self, body: Json, left: int) -> Json:
        self._fail()
        return {"dailyQuota": "500", "remainingQuota": str(left)}

    def _template(self, body: Json) -> None:
        if body.get("template_id") != TEMPLATE:
            raise Refusal(-109)
        data = body.get("template_data")
        if not isinstance(data, dict) or set(data) != FIELDS:
            raise Refusal(-132)
        if not all(isinstance(v, str) and 0 < len(v) <= 200 and "\n" not in v for v in data.values()):
            raise Refusal(-132)

    def _only(self, body: Json, *names: str) -> None:
        if set(body) != set(names):
            self._wrong(f"the body holds {sorted(body)}")

    def _wrong(self, words: str) -> None:
        self.violations.append(words)
        raise Refusal(-201)
