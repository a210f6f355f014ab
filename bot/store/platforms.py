"""What people call the platforms."""

from __future__ import annotations

from handlers.text import Text, _, as_is

PLATFORMS: dict[str, Text] = {
    "telegram": as_is("Telegram"),
    "zalo_oa": as_is("Zalo"),
    "zalo_bot": as_is("Zalo Bot"),
    "web": _("the web page"),
    "terminal": _("the office computer"),
}
