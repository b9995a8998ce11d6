"""The three windows that every page is looked at in, and what is wrong in any of them."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import ViewportSize

from tests.browser.windows import Window

# The terminal, a tablet, and the terminal enlarged four times.
WIDE: ViewportSize = {"width": 1366, "height": 768}
TABLET: ViewportSize = {"width": 1024, "height": 768}
NARROW: ViewportSize = {"width": 341, "height": 700}
SIZES = (WIDE, TABLET, NARROW)


def faults_at_every_size(window: Window, *, pictures: str = "", name: str = "") -> list[str]:
    """Return what axe finds and what runs over the edge, by width; a picture of each where a folder is named."""
    faults = []
    for size in SIZES:
        window.page.set_viewport_size(size)
        faults += [f"{size['width']}: {fault}" for fault in window.overflow + window.accessibility_faults()]
        if pictures:
            window.page.screenshot(path=Path(pictures) / f"{name}-{size['width']}.png", full_page=True)
    return faults
