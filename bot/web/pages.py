"""The pages and the files they are made of, read once and kept compressed.

A file's address carries a version made from all of them, so that a browser keeps it for good and never mixes
two releases.  What is said in a talk is unknown here.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from handlers.turn import Office

HERE = Path(__file__).parent
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}
FOR_GOOD = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"  # a browser may keep it, and asks before every use
SCRIPTS = (
    "chat.js",
    "composer.js",
    "dom.js",
    "kept.js",
    "media.js",
    "phone.js",
    "stream.js",
    "talk.js",
    "waiting.js",
    "words.js",
)
SHELL = ("chat.css", "icon.svg", *SCRIPTS)  # what the chat page needs without a network
ICONS = (("any", 192), ("any", 512), ("maskable", 192), ("maskable", 512))
PAPER, JADE = "#f7f2e8", "#0f5b4f"
PURPOSE = {
    "vi": "Hỏi đáp về dịch vụ công và kỹ năng số, có người thật giúp khi vướng.",
    "en": "Questions about public services and digital skills, and a person who helps when you are stuck.",
}


class File(msgspec.Struct, frozen=True):
    """A file as it is served."""

    kind: str
    content: bytes
    packed: bytes  # the same, compressed; nothing where that gains nothing


class Pages:
    """The chat page with all that a browser installs of it; other pages are rendered with its files."""

    def __init__(self, office: Callable[[], Office]) -> None:
        self._office = office
        self._files = {path.name: _file(path) for path in sorted((HERE / "static").iterdir())}
        digest = hashlib.sha256()
        for name, file in self._files.items():
            digest.update(f"{name} {len(file.content)} ".encode() + file.content)
        self.version = digest.hexdigest()[:12]
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(default=True)
        )

    def routes(self) -> list[Route]:
        """Give the routes of the chat page."""
        return [
            Route("/", self.chat),
            Route("/manifest.webmanifest", self.manifest),
            Route("/worker.js", self.worker),
            Route("/static/{version}/{name}", self.file),
        ]

    def render(self, template: str, **values: object) -> HTMLResponse:
        """Give a page."""
        text = self.text(template, **values)
        return HTMLResponse(text, headers={"Cache-Control": "no-store"})

    async def chat(self, request: Request) -> Response:
        """The chat page."""
        return packed(request, self._chat(_lang(request)), "text/html; charset=utf-8")

    async def manifest(self, request: Request) -> Response:
        """What a phone needs to put the page among its apps."""
        lang = _lang(request)
        icons = [
            {
                "src": f"/static/{self.version}/{'icon' if purpose == 'any' else 'mask'}-{side}.png",
                "sizes": f"{side}x{side}",
                "type": "image/png",
                "purpose": purpose,
            }
            for purpose, side in ICONS
        ]
        name = self._office().name
        return JSONResponse(
            {
                "id": "/",
                "name": name if name == "Tổ Số" else f"Tổ Số · {name}",
                "short_name": "Tổ Số",
                "description": PURPOSE[lang],
                "lang": lang,
                "start_url": "/" if lang == "vi" else f"/?lang={lang}",
                "scope": "/",
                "display": "standalone",
                "background_color": PAPER,
                "theme_color": JADE,
                "icons": icons,
            },
            headers={"Cache-Control": ASK_FIRST},
            media_type="application/manifest+json",
        )

    async def worker(self, request: Request) -> Response:
        """The worker that keeps the page for days without a network; another text for every version."""
        page = hashlib.sha256(self._chat("vi").encode()).hexdigest()[:12]
        shell = [f"/static/{self.version}/{name}" for name in SHELL]
        text = self.text("worker.js", cache=f"toso-{self.version}-{page}", shell=shell)
        return packed(request, text, KINDS[".js"])

    async def file(self, request: Request) -> Response:
        """One file, to be kept for good under the address of this version and not at all under another's."""
        file = self._files.get(request.path_params["name"])
        if file is None:
            return PlainTextResponse("not found\n", status_code=404)
        current = request.path_params["version"] == self.version
        headers = {"Cache-Control": FOR_GOOD if current else "no-store", "Vary": "Accept-Encoding"}
        if file.packed and _takes_gzip(request):
            return Response(file.packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=file.kind)
        return Response(file.content, headers=headers, media_type=file.kind)

    def _chat(self, lang: str) -> str:
        return self.text("chat.html", office=self._office().name, lang=lang)

    def text(self, template: str, **values: object) -> str:
        """Give a page as text."""
        values |= {"static": f"/static/{self.version}", "scripts": SCRIPTS}
        return self._templates.get_template(template).render(**values)


def packed(request: Request, text: str, kind: str) -> Response:
    """Give a text, compressed where the browser takes that, which it asks for anew each time."""
    headers = {"Cache-Control": ASK_FIRST, "Vary": "Accept-Encoding"}
    if not _takes_gzip(request):
        return Response(text, headers=headers, media_type=kind)
    return Response(
        gzip.compress(text.encode(), mtime=0), headers=headers | {"Content-Encoding": "gzip"}, media_type=kind
    )


def _file(path: Path) -> File:
    content = path.read_bytes()
    tight = gzip.compress(content, mtime=0)
    return File(KINDS[path.suffix], content, tight if len(tight) < len(content) * 0.9 else b"")


def _lang(request: Request) -> str:
    return "en" if request.query_params.get("lang") == "en" else "vi"


def _takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")
