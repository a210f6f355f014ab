"""Which of somebody's chats takes an announcement: one that costs nothing if there is any, else the one heard last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from handlers.records.announcements import Platform

ALWAYS = Platform()


class Chat(msgspec.Struct, frozen=True):
    """A chat of somebody."""

    contact: int
    platform: str
    heard: datetime  # their last word on it


class Chosen(msgspec.Struct, frozen=True):
    """The chat that takes it."""

    contact: int
    platform: str
    paid: bool


def chat_for(chats: Iterable[Chat], platforms: Mapping[str, Platform], now: datetime) -> Chosen | None:
    """Give the chat to write to now; None where none takes an announcement.

    A platform that is not served takes nothing; where none is named, all are, without conditions.
    """
    open_ = []
    for chat in chats:
        platform = platforms.get(chat.platform) if platforms else ALWAYS
        silent = now - chat.heard
        if platform is None or (platform.takes and silent >= timedelta(hours=platform.takes)):
            continue
        open_.append((bool(platform.free and silent >= timedelta(hours=platform.free)), chat))
    if not open_:
        return None
    paid, chat = max(open_, key=lambda each: (not each[0], each[1].heard, -each[1].contact))
    return Chosen(chat.contact, chat.platform, paid)
