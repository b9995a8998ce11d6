"""Opening and sending the pages of one person as a browser does."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from patients.models import Episode


def address(name: str, episode: Episode, **more: Any) -> str:
    """Return the address of a person's page; a name without its room is one of the people's."""
    parts = {"clinic_code": episode.clinic.code, "patient_id": episode.person_id, **more}
    return reverse(name if ":" in name else f"patients:{name}", kwargs=parts)


def words(answer: HttpResponse) -> str:
    """Return what is read on a page, without tags and repeated spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def seal_of(answer: HttpResponse) -> str:
    """Return the seal that a page carries."""
    found = re.search(r'name="seal" value="([^"]+)"', answer.content.decode())
    assert found is not None, "The page carries no seal."
    return found[1]


def press(browser: Client, path: str, data: dict[str, Any]) -> HttpResponse:
    """Open a page and send its form with what was typed."""
    return browser.post(path, {**data, "seal": seal_of(browser.get(path))})
