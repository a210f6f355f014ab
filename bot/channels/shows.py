"""Which of the files that people send each platform shows of itself; any other goes as an address of our own."""

from __future__ import annotations

from bot.channels.zalo_oa import uploadable


def shows(account: str, type_: str, size: int) -> bool:
    """Say whether a file of this kind and size arrives on an account where we have no address of our own.

    The Bot Platform fetches even photos from us, and a terminal prints words only.
    """
    match account.partition(":")[0]:
        case "web" | "telegram":
            return True
        case "zalo_oa":
            return bool(uploadable(type_, size))
    return False
