"""Payloads spoilt in every way that wires and strangers spoil them, drawn by hypothesis so that it can shrink them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import msgspec
from hypothesis import strategies as st

Path = tuple[Any, ...]

JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**53 + 1, -(2**63), 2**64, 1e308, -0.5, "", " ", "\0", "0", "null",
    "-9223372036854775809", "9" * 400, "á" * 5000, "👋" * 300, "\ud800", "a\u202eb", "<b>", "../../etc", "{}",
    [], [[]], {}, {"id": {}}, [None], {"": ""}, ["a", 1, None],
)  # fmt: skip
DEEP = 3000  # levels: more than any parser's stack is meant for
BYTES = (b"", b"\0", b"{", b"[", b'"', b"\xff\xfe", b"\xc3", b"nul", b"NaN", b"1e999", b"\xef\xbb\xbf", b"}")


def places(value: Any, at: Path = ()) -> Iterator[Path]:
    """Give every place in a payload, its own included."""
    yield at
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*at, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, (*at, number))


def put(payload: Any, at: Path, change: Any) -> Any:
    """Give a payload with the value at a place changed by a function of its parent and key."""
    if not at:
        return change(None, None, payload)
    parent = payload
    for step in at[:-1]:
        parent = parent[step]
    change(parent, at[-1], parent[at[-1]])
    return payload


def _junk(draw: st.DrawFn) -> Any:
    # A copy, for what is put in may itself be spoilt later.
    return copy.deepcopy(
        draw(st.one_of(st.sampled_from(JUNK), st.text(max_size=40), st.integers(), st.floats()))
    )


@st.composite
def spoilt(draw: st.DrawFn, corpus: tuple[Any, ...]) -> bytes:
    """Give the bytes of a payload that is right but for a few things."""
    payload = copy.deepcopy(draw(st.sampled_from(corpus)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.sampled_from(list(places(payload))))
        kind = draw(st.sampled_from(("junk", "drop", "rename", "swap", "wrap", "string")))

        def change(parent: Any, key: Any, value: Any, kind: str = kind) -> Any:
            new: Any = value
            if kind == "junk":
                new = _junk(draw)
            elif kind == "swap":
                new = copy.deepcopy(draw(st.sampled_from(corpus)))
            elif kind == "wrap":
                new = [value]
            elif kind == "string":
                new = str(value)
            if parent is None:
                return new
            if kind in ("drop", "rename") and isinstance(parent, dict):
                del parent[key]
                if kind == "rename":
                    parent[draw(st.text(max_size=12))] = value
            else:
                parent[key] = new
            return None

        payload = put(payload, at, change)
    try:
        body = msgspec.json.encode(payload)
    except (UnicodeEncodeError, OverflowError):
        body = repr(payload).encode("utf-8", "surrogatepass")
    return draw(st.sampled_from((_whole, _whole, _whole, _cut, _broken, _deep)))(draw, body)


def _whole(_draw: st.DrawFn, body: bytes) -> bytes:
    return body


def _cut(draw: st.DrawFn, body: bytes) -> bytes:
    return body[: draw(st.integers(0, len(body)))]


def _broken(draw: st.DrawFn, body: bytes) -> bytes:
    at = draw(st.integers(0, len(body)))
    return body[:at] + draw(st.sampled_from(BYTES)) + body[at + draw(st.integers(0, 4)) :]


def _deep(draw: st.DrawFn, body: bytes) -> bytes:
    opened, closed = draw(st.sampled_from(((b"[", b"]"), (b'{"a":', b"}"))))
    return opened * DEEP + (body or b"0") + closed * DEEP
