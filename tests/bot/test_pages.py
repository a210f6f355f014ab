"""The chat page's files as a browser gets them: small, kept for good, and never two releases at once."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

import httpx
import pytest

from bot.web import pages
from bot.web.pages import SHELL, Pages
from bot.web.server import application
from handlers.turn import Office

STATIC = Path(pages.__file__).parent / "static"


class Site:
    """An office's pages, asked in this process."""

    def __init__(self, name: str = "UBND phường Đông Ngạc", address: str = "http://office") -> None:
        app = application([*Pages(lambda: Office(name=name)).routes()])
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=address)

    def get(self, address: str, **headers: str) -> httpx.Response:
        return asyncio.run(self._client.get(address, headers=headers))


@pytest.fixture
def site() -> Site:
    return Site()


def test_every_script_and_style_of_the_chat_page_is_kept_for_days_without_a_network() -> None:
    imported = {line.split('"')[1][2:] for path in STATIC.glob("*.js") if path.name != "demo.js"
                for line in path.read_text("utf-8").splitlines() if line.startswith("import ")}  # fmt: skip
    assert imported | {"chat.js", "chat.css", "icon.svg"} == set(SHELL)


def test_a_file_is_kept_for_good_under_its_version_and_not_at_all_under_another(site: Site) -> None:
    page = site.get("/").text
    address = next(part for part in page.split('"') if part.endswith("/chat.js"))
    assert site.get(address).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert site.get("/static/an-older-one/chat.js").headers["cache-control"] == "no-store"
    assert site.get("/static/an-older-one/chat.js").content == (STATIC / "chat.js").read_bytes()


@pytest.mark.parametrize("address", ["/", "/worker.js", "/manifest.webmanifest"])
def test_what_names_the_version_is_asked_for_anew(site: Site, address: str) -> None:
    assert site.get(address).headers["cache-control"] == "no-cache"


def test_a_page_that_carries_the_keys_of_talks_is_kept_nowhere() -> None:
    page = Pages(Office).render("demo.html", phones=[])
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("address", ["/", "/worker.js", "/static/any/chat.js", "/static/any/chat.css"])
def test_text_travels_compressed_where_the_browser_takes_that(site: Site, address: str) -> None:
    packed = site.get(address, **{"Accept-Encoding": "gzip"})
    plain = site.get(address, **{"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.headers["vary"] == "Accept-Encoding"
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])


def test_the_worker_changes_with_the_files_and_with_the_office(site: Site) -> None:
    assert site.get("/worker.js").text == Site().get("/worker.js").text
    assert site.get("/worker.js").text != Site("UBND xã Ứng Hòa").get("/worker.js").text


@pytest.mark.parametrize(
    ("lang", "start", "words"), [("vi", "/", "người thật"), ("en", "/?lang=en", "a person")]
)
def test_a_phone_can_install_the_page_under_the_offices_name(
    site: Site, lang: str, start: str, words: str
) -> None:
    answer = site.get(f"/manifest.webmanifest?lang={lang}")
    assert answer.headers["content-type"] == "application/manifest+json"
    told = answer.json()
    assert told["name"] == "Tổ Số · UBND phường Đông Ngạc"
    assert [told["short_name"], told["lang"], told["start_url"]] == ["Tổ Số", lang, start]
    assert [told["display"], told["scope"], told["id"]] == ["standalone", "/", "/"]
    assert words in told["description"]
    for icon in told["icons"]:
        drawn = site.get(icon["src"])
        assert drawn.headers["content-type"] == icon["type"] == "image/png"
        width, height = struct.unpack(">II", drawn.content[16:24])
        assert icon["sizes"] == f"{width}x{height}"
    assert {(icon["sizes"], icon["purpose"]) for icon in told["icons"]} == {
        (size, purpose) for size in ("192x192", "512x512") for purpose in ("any", "maskable")
    }


@pytest.mark.parametrize(
    ("address", "said"), [("https://office", "max-age=31536000"), ("http://office", None)]
)
def test_https_is_asked_for_only_where_there_is_https(address: str, said: str | None) -> None:
    assert Site(address=address).get("/").headers.get("strict-transport-security") == said


def test_no_answer_sets_a_cookie(site: Site) -> None:
    for address in ("/", "/worker.js", "/manifest.webmanifest", "/static/any/chat.js", "/static/any/none"):
        assert "set-cookie" not in site.get(address).headers
