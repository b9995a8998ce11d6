"""One sheet of paper as a tagged PDF (PDF/UA-1).

WeasyPrint is imported inside the function, so that a process that prints nothing never loads it. While a sheet is
printed nothing is fetched but the style sheet that it names and the fonts of this program.
"""

from __future__ import annotations

import gc
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders

FONTS = "fonts/public-sans"


class SheetRefused(ValueError):
    """Something on a sheet asked for a file that it may not read. It is not printed."""


def static_file(name: str) -> Path:
    """Return where one of this program's own files is."""
    found = finders.find(name)
    return Path(str(found if found is not None else Path(settings.STATIC_ROOT) / name)).resolve()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let the collector rest: all of a sheet is in use until it is printed, and it would walk it again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def print_sheet(
    html: str, *, stylesheet: str, identifier: bytes, pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """Return a page as a PDF; the same page and identifier give the same file.

    `stylesheet` is the name of the one style sheet that the page may read; `pictures` are the JPEGs it shows, each by
    the address "picture:" and its name. Raises SheetRefused at any other address.
    """
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    shown = pictures or {}
    allowed = (static_file(stylesheet), *sorted(static_file(FONTS).glob("*.ttf")))

    class OwnFilesOnly(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
        """Answers with this program's style sheet and fonts, and stops the sheet at anything else."""

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            address = urlsplit(url)
            path = Path(unquote(address.path))
            if address.scheme == "picture" and address.path in shown:
                return URLFetcherResponse(url, shown[address.path], {"Content-Type": "image/jpeg"})
            if address.scheme != "file" or address.netloc or path not in allowed:
                raise FatalURLFetchingError(f"a sheet may not read {address.scheme}: addresses")
            kind = "text/css" if path.suffix == ".css" else "font/ttf"
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    for name in ("weasyprint", "weasyprint.progress"):
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            # It opens its colour profile and leaves closing to the collector.
            warnings.simplefilter("ignore", ResourceWarning)
            with _uncollected():
                content: bytes = HTML(string=html, url_fetcher=OwnFilesOnly()).write_pdf(
                    pdf_variant="pdf/ua-1", pdf_identifier=identifier
                )
    except FatalURLFetchingError as error:
        raise SheetRefused(str(error)) from error
    return content
