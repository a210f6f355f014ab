"""Draws the icons that a phone puts on its home screen, from bot/web/static/icon.svg.

python deploy/draw_icons.py        # where the sign has changed; needs Chromium, as the browser tests do
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

STATIC = Path(__file__).parents[1] / "bot" / "web" / "static"
SIDES = (192, 512)
SAFE = 0.72  # of a side: phones cut a maskable icon to a shape of their own


def main() -> None:
    """Write icon-….png with round corners, and mask-….png, which fills its square."""
    sign = (STATIC / "icon.svg").read_text("utf-8")
    margin = 64 * (1 / SAFE - 1) / 2
    full = re.sub(r'viewBox="[^"]*"', f'viewBox="{-margin} {-margin} {64 / SAFE} {64 / SAFE}"', sign)
    full = re.sub(r'<rect [^>]*rx="18"', '<rect x="-40" y="-40" width="144" height="144"', full)
    executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for side in SIDES:
            page = browser.new_page(viewport={"width": side, "height": side})
            for name, drawing in (("icon", sign), ("mask", full)):
                page.set_content(
                    f"<style>body{{margin:0}}svg{{display:block;width:{side}px}}</style>{drawing}"
                )
                page.screenshot(path=STATIC / f"{name}-{side}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
