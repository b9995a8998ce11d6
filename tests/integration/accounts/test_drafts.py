"""Nothing typed is lost, and nobody else ever sees it."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from hat_clinic.accounts.actions import empty_draft, enrol_totp, save_draft
from hat_clinic.accounts.models import Draft
from hat_clinic.accounts.presence import TERMINAL_COOKIE
from hat_clinic.accounts.queries import get_draft
from hat_clinic.core.clock import now
from tests.factories.dose_pages import filled_preparation, prepare_address
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, a_treatment_room

SECOND = timedelta(seconds=1)


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def dose(room: TreatmentRoom) -> str:
    return prepare_address(room)


@pytest.fixture
def browser(room: TreatmentRoom) -> Client:
    """The terminal's browser, with the first nurse at it."""
    client = Client()
    client.cookies[TERMINAL_COOKIE] = room.terminal_secret
    client.post("/terminal/", {"person": str(room.nurse.pk), "pin": NURSE_PIN})
    return client


@pytest.fixture
def later(monkeypatch):
    moved = 0.0
    real = time.time

    def move(seconds: float) -> None:
        nonlocal moved
        moved += seconds
        monkeypatch.setattr(time, "time", lambda: real() + moved)

    return move


def save(client: Client, path: str, **fields: list[str]) -> Any:
    content = {"path": path, "opened_at": now().isoformat(), "fields": fields}
    return client.post("/drafts/save/", json.dumps(content), content_type="application/json")


def load(client: Client, path: str) -> Any:
    return client.get("/drafts/load/", {"path": path}).json()


class TestADraft:
    def test_is_there_again_for_the_person_who_typed_it(self, room, browser, dose) -> None:
        assert save(browser, dose, given_mg=["180"], giver_pin=[NURSE_PIN]).status_code == 204

        assert load(browser, dose)["fields"] == {"given_mg": ["180"]}
        assert "fields" not in load(browser, "/other/")

    def test_is_never_shown_to_anybody_else_and_stays(self, room, browser, dose) -> None:
        save(browser, dose, given_mg=["180"])
        browser.post("/terminal/", {"person": str(room.second_nurse.pk), "pin": SECOND_PIN})
        assert "fields" not in load(browser, dose)
        save(browser, dose, given_mg=["160"])

        browser.post("/terminal/", {"person": str(room.nurse.pk), "pin": NURSE_PIN})

        assert load(browser, dose)["fields"] == {"given_mg": ["180"]}

    def test_is_unreadable_in_the_database(self, room, browser, dose) -> None:
        save(browser, dose, note=["slept badly"])

        assert "slept" not in Draft.objects.get().data

    def test_is_kept_while_the_terminal_is_locked_and_not_read(self, room, browser, dose) -> None:
        browser.post("/terminal/lock/")

        assert save(browser, dose, given_mg=["180"]).status_code == 204
        assert browser.get("/drafts/load/", {"path": dose}).status_code == 302
        browser.post("/terminal/locked/", {"pin": NURSE_PIN, "next": dose})
        assert load(browser, dose)["fields"] == {"given_mg": ["180"]}

    def test_is_forgotten_when_they_start_afresh(self, browser, dose) -> None:
        save(browser, dose, given_mg=["180"])
        save(browser, dose)

        assert "fields" not in load(browser, dose)

    def test_waits_for_12_hours(self, room, dose) -> None:
        at = now()
        save_draft(path=dose, fields={"a": ["1"]}, by=room.nurse, at=at)

        assert get_draft(user=room.nurse, path=dose, at=at + timedelta(hours=12) - SECOND)
        assert get_draft(user=room.nurse, path=dose, at=at + timedelta(hours=12)) is None

    def test_that_comes_late_does_not_bring_back_what_was_saved(self, room, dose) -> None:
        at = now()
        save_draft(path=dose, fields={"a": ["1"]}, by=room.nurse, at=at)
        empty_draft(path=dose, by=room.nurse, at=at + SECOND)

        save_draft(path=dose, fields={"a": ["1"]}, by=room.nurse, at=at + 2 * SECOND, opened_at=at)
        assert get_draft(user=room.nurse, path=dose, at=at + 2 * SECOND) is None
        save_draft(path=dose, fields={"a": ["2"]}, by=room.nurse, at=at + 3 * SECOND, opened_at=at + SECOND)

        assert get_draft(user=room.nurse, path=dose, at=at + 3 * SECOND)

    def test_is_not_kept_when_it_is_too_long(self, browser, dose) -> None:
        assert save(browser, dose, note=["x" * 30_000]).status_code == 413
        assert not Draft.objects.exists()

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "[]",
            '{"path": "/x/"}',
            '{"path": "x", "opened_at": "2026-11-24T09:41:00+00:00", "fields": {}}',
        ],
    )
    def test_of_another_shape_is_refused(self, browser, body) -> None:
        answer = browser.post("/drafts/save/", body, content_type="application/json")

        assert answer.status_code == 400


class TestAFormThatWasSent:
    def fill(self, browser: Client, room: TreatmentRoom, dose: str, **more: str) -> dict[str, str]:
        return filled_preparation(browser, dose, room, **{"hat-draft": "1"} | more)

    def test_and_accepted_empties_the_draft(self, room, browser, dose) -> None:
        save(browser, dose, given_mg=["180"])

        assert browser.post(dose, self.fill(browser, room, dose)).status_code == 302

        assert "fields" not in load(browser, dose)

    def test_and_refused_leaves_it(self, room, browser, dose) -> None:
        save(browser, dose, batch=["b"])

        assert browser.post(dose, self.fill(browser, room, dose, witness_pin="111213")).status_code == 200

        assert load(browser, dose)["fields"] == {"batch": ["b"]}

    def test_too_late_for_the_lock_is_kept_without_its_secrets(self, room, browser, dose, later) -> None:
        content = self.fill(browser, room, dose)
        later(120)

        answer = browser.post(dose, content, headers={"referer": f"http://testserver{dose}"})
        assert answer.url.startswith("/terminal/locked/?next=")
        browser.post("/terminal/locked/", {"pin": NURSE_PIN})

        kept = load(browser, dose)["fields"]
        assert kept["batch"] == [str(room.batch.id)]
        assert not {"preparer_pin", "witness_pin", "key", "seal", "hat-draft"} & set(kept)

    def test_too_late_in_the_office_is_there_after_the_sign_in(self, room, client, sign_in, later) -> None:
        enrol_totp(user=room.doctor, secret=None, by=None, at=now())
        sign_in(client, room.doctor)
        later(15 * 60)

        answer = client.post("/any/page/", {"note": "what I wrote", "hat-draft": "1"})
        assert answer.url.startswith("/sign-in/")
        sign_in(client, room.doctor)

        assert load(client, "/any/page/")["fields"] == {"note": ["what I wrote"]}

    def test_without_the_mark_is_not_kept(self, room, client, sign_in, later) -> None:
        enrol_totp(user=room.doctor, secret=None, by=None, at=now())
        sign_in(client, room.doctor)
        later(15 * 60)

        client.post("/any/page/", {"note": "what I wrote"})

        assert not Draft.objects.exists()

    def test_from_another_site_puts_no_words_into_a_draft(self, room, browser, dose, later) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = browser.cookies
        later(120)

        strict.post(dose, {"note": "planted", "hat-draft": "1"})
        assert not Draft.objects.exists()
        later(1)
        request = RequestFactory().get("/")
        token = get_token(request)
        strict.cookies[settings.CSRF_COOKIE_NAME] = request.META["CSRF_COOKIE"]
        strict.post(dose, {"note": "typed", "hat-draft": "1", "csrfmiddlewaretoken": token})

        assert Draft.objects.count() == 1

    def test_costs_no_statement_without_the_mark(self, room, browser, dose) -> None:
        content = self.fill(browser, room, dose)
        del content["hat-draft"]

        with CaptureQueriesContext(connection) as statements:
            assert browser.post(dose, content).status_code == 302

        assert [one["sql"] for one in statements if "accounts_draft" in one["sql"]] == []
