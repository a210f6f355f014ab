"""The parameters of a Bot API call, in whichever of the four ways they came."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email.message import Message as Headers
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from tests.simulators.telegram_schema import Uploaded


async def form(request: Request) -> dict[str, Any]:
    """Give a call's parameters, from the address, a form or JSON; files as Uploaded."""
    params: dict[str, Any] = dict(request.query_params)
    body = await request.body()
    headers = Headers()
    headers["content-type"] = request.headers.get("content-type", "")
    match headers.get_content_type():
        case "application/json" if body:
            params |= json.loads(body)
        case "application/x-www-form-urlencoded":
            params |= dict(parse_qsl(body.decode(), keep_blank_values=True))
        case "multipart/form-data":
            params |= dict(_multipart(body, str(headers.get_param("boundary"))))
    files = {name: value for name, value in params.items() if isinstance(value, Uploaded)}
    attached = {f"attach://{name}": name for name in files}
    used = {attached[value] for value in params.values() if isinstance(value, str) and value in attached}
    return {
        name: files[attached[value]] if isinstance(value, str) and value in attached else value
        for name, value in params.items()
        if name not in used
    }


def _multipart(body: bytes, boundary: str) -> Iterator[tuple[str, str | Uploaded]]:
    for part in body.split(b"--" + boundary.encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        content = content.removesuffix(b"\r\n")
        disposition = head.decode()
        name = re.search(r'[; ]name="([^"]*)"', disposition)
        file = re.search(r'filename="([^"]*)"', disposition)
        if name:
            yield name[1], Uploaded(file[1], content) if file else content.decode()
