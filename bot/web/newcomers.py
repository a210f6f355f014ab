"""How many new talks may be opened: in all, and by one address, so that nobody fills the store with them.

An address is known where the web server in front passes it on; where it does not, everybody comes from this
machine, and only the limit for all holds.
"""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import ip_address, ip_network

from bot.pace import Bucket

ALL, ALL_AT_ONCE = 5.0, 500.0  # a second; a link in a ministry's message brings many at one moment
ONE, ONE_AT_ONCE = 0.5, 100.0  # the same for one address, behind which a whole hall may sit
REMEMBERED = 5_000  # addresses


class Newcomers:
    """Lets people open a talk, or asks them to wait."""

    def __init__(self) -> None:
        self._all = Bucket(ALL, ALL_AT_ONCE, full=True)
        self._each: OrderedDict[str, Bucket] = OrderedDict()

    def wait(self, address: str) -> float:
        """Let one more in and give 0; or give the seconds after which one may come again."""
        buckets = [self._all]
        if network := network_of(address):
            buckets.append(self._each.setdefault(network, Bucket(ONE, ONE_AT_ONCE, full=True)))
            self._each.move_to_end(network)
            while len(self._each) > REMEMBERED:
                self._each.popitem(last=False)
        wait = max(bucket.wait() for bucket in buckets)
        if not wait:
            for bucket in buckets:
                bucket.take()
        return wait


def network_of(address: str) -> str:
    """Give what one subscriber has, an IPv4 address or half of an IPv6 one; nothing where it says nothing."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if known.is_loopback:
        return ""
    return str(known) if known.version == 4 else str(ip_network((known, 64), strict=False))
