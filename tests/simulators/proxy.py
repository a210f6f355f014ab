"""A proxy on 127.0.0.1 for a network that blocks a platform: HTTP and SOCKS5, without a password.

with Proxy() as proxy:
    proxy.url, proxy.socks      # for the settings
    proxy.passed                # "host:port" of every connection that was let through
"""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class Proxy:
    """Passes on whatever comes, and remembers where to."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self._open: list[asyncio.StreamWriter] = []
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        """Listen on a free port."""
        self._listening = socket.create_server(("127.0.0.1", 0))
        port = self._listening.getsockname()[1]
        self.url, self.socks = f"http://127.0.0.1:{port}", f"socks5://127.0.0.1:{port}"
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._pass, sock=self._listening)
        self._ready.set()
        await self._stop.wait()
        server.close()
        passing = asyncio.all_tasks() - {asyncio.current_task()}
        for task in passing:
            task.cancel()
        for writer in self._open:
            writer.transport.abort()
        await asyncio.gather(*passing, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.append(writer)
        there: asyncio.StreamWriter | None = None
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            first = await reader.readexactly(1)
            if first == b"\x05":
                answer, there = await self._by_socks(reader, writer)
            else:
                answer, there = await self._by_http(first + await reader.readuntil(b"\r\n\r\n"), writer)
            self._open.append(there)
            await asyncio.gather(_pipe(reader, there), _pipe(answer, writer))
        await _close(writer)
        if there:
            await _close(there)

    async def _by_socks(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        await reader.readexactly((await reader.readexactly(1))[0])
        writer.write(b"\x05\x00")
        kind = (await reader.readexactly(4))[3]
        if kind == 1:
            host = socket.inet_ntoa(await reader.readexactly(4))
        else:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        port = int.from_bytes(await reader.readexactly(2), "big")
        there = await self._connect(host, port)
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        return there

    async def _by_http(
        self, head: bytes, writer: asyncio.StreamWriter
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        asked = re.match(rb"(?P<method>\S+) (?:http://)?(?P<host>[^:/ ]+):(?P<port>\d+)(?P<path>\S*)", head)
        assert asked
        there = await self._connect(asked["host"].decode(), int(asked["port"]))
        if asked["method"] == b"CONNECT":
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            # One request a connection, for the next might want to go elsewhere.
            rest = re.sub(rb"(?im)^connection:.*\r\n", b"", head[asked.end() :])
            line, _, headers = rest.partition(b"\r\n")
            there[1].write(
                asked["method"] + b" " + asked["path"] + line + b"\r\nconnection: close\r\n" + headers
            )
        return there

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.passed.append(f"{host}:{port}")
        return await asyncio.open_connection(host, port)


async def _close(writer: asyncio.StreamWriter) -> None:
    """See a connection closed, which takes the loop some rounds: one left behind is blamed on a later test."""
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(2**16):
        writer.write(piece)
        await writer.drain()
    writer.close()
