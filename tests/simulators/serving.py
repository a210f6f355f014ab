"""A web application on a free port of 127.0.0.1, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading

import uvicorn
from starlette.types import ASGIApp


class Server(uvicorn.Server):
    """Ends with every connection closed, where uvicorn leaves those that wait for longer than its patience."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what is still open, and see it closed before the loop ends."""
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        while self.server_state.connections:
            await asyncio.sleep(0)


class Serving:
    """Accepts connections from the moment it exists."""

    def __init__(self, app: ASGIApp) -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        # asyncio sees to it only for sockets it made itself; without, head and body of an answer are 40 ms apart.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._server = Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                loop="asyncio",
                timeout_graceful_shutdown=3,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, name="serving", daemon=True
        )
        self._thread.start()

    @property
    def stopping(self) -> bool:
        """Whether a request that waits for something should give up."""
        return self._server.should_exit

    def stop(self) -> None:
        """End, when the requests under way have been answered."""
        self._server.should_exit = True
        self._thread.join()
