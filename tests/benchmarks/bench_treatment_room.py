"""What the acts of the treatment room cost. Run by `./hat bench`, never by `./hat test`: no time is asserted.

HAT_BENCH_N sets the number of requests (200), HAT_BENCH_PEOPLE the larger board (500), HAT_BENCH_DOSES how many
earlier sessions of the clinic's history lie in the tables (0).
"""

from __future__ import annotations

import functools
import os
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from django.template import Template
from django.test import Client
from django.test.utils import _TestState
from django.urls import reverse

from dosing.models import Order, PlannedSession, SessionOutcome
from dosing.rules.sessions import Outcome
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.core.clock import london_date, now
from patients.models import Episode, Person
from tests.benchmarks.harness import HEAD, Figures, Sent, machine, measure, read_bare, write_bare
from tests.factories.patients import EpisodeFactory, ImportedPersonFactory, ImportRunFactory
from tests.factories.treatment import (
    NURSE_PIN,
    SECOND_PIN,
    TreatmentRoom,
    a_patient_in_treatment,
    a_treatment_room,
    an_order,
)

N = int(os.environ.get("HAT_BENCH_N", "200"))
PEOPLE = int(os.environ.get("HAT_BENCH_PEOPLE", "500"))
DOSES = int(os.environ.get("HAT_BENCH_DOSES", "0"))
WARM_UP = 10
SMALL_BOARD = 60

pytestmark = pytest.mark.timeout(3600)


@dataclass
class Scene:
    """A treatment room, a nurse's browser, and people who have not had their dose yet."""

    room: TreatmentRoom
    client: Client
    undosed: list[tuple[Person, Order]] = field(default_factory=list)

    def take_in(self, people: int) -> None:
        """Take people into treatment, each with an order, until there are so many."""
        at = now()
        while len(self.undosed) < people - 1:
            episode: Episode = a_patient_in_treatment(self.room.clinic, by=self.room.doctor, at=at)
            order = an_order(episode, self.room.premises, doctor=self.room.doctor, at=at)
            self.undosed.append((episode.person, order))

    def board(self) -> Sent:
        return Sent("GET", reverse("dosing:see_board", args=[self.room.clinic.code]), {}, status=200)

    def next_room(self) -> TreatmentRoom:
        """Return the room with the next person who has had no dose in it."""
        person, order = self.undosed.pop()
        return replace(self.room, patient=person, order=order)

    def preparation(self) -> Sent:
        """Check the next person, open the page on which their dose is drawn up, and fill it in."""
        room = self.next_room()
        visit = room.checked()
        url = reverse("dosing:prepare_dose", args=[room.clinic.code, visit.session_id])
        signed = {
            "batch": str(room.batch.id),
            "witness": str(room.second_nurse.id),
            "preparer_pin": NURSE_PIN,
            "witness_pin": SECOND_PIN,
        }
        return Sent("POST", url, self._sealed(url) | signed, status=302)

    def injection(self) -> Sent:
        """Draw the next person's dose up, open the page of the injection, and fill it in."""
        room = self.next_room()
        visit = room.checked()
        room.prepare(visit)
        url = reverse("dosing:record_injection", args=[room.clinic.code, visit.session_id])
        went_in = {"route": "iv", "site": "left_arm", "went_in": "all", "syringe": "back", "seconds_ago": "0"}
        return Sent("POST", url, self._sealed(url) | went_in, status=302)

    def _sealed(self, url: str) -> dict[str, str]:
        page = self.client.get(url).content.decode()
        return {"key": str(uuid.uuid4()), "seal": re.search(r'name="seal" value="([^"]+)"', page)[1]}


# Each act is the one transaction that writes to this table.
PREPARATION_MARKER, INJECTION_MARKER = "dosing_preparation", "dosing_injection"


def set_the_scene(sign_in: Any) -> Scene:
    """Return a room with stock for everybody, with the clinic's history where it is asked for."""
    room = a_treatment_room(ampoules=8 * (N + WARM_UP) + 200, places=4 * PEOPLE + 8 * N)
    enrol_totp(user=room.nurse, secret=None, by=None, at=now())
    room.open_day()
    if DOSES:
        write_history(room, DOSES)
    return Scene(room, sign_in(Client(), room.nurse, room.terminal, room.terminal_secret))


def write_history(room: TreatmentRoom, doses: int) -> None:
    """Lay earlier sessions into the tables as an import would: 60 people, two sessions a day."""
    run = ImportRunFactory(clinic=room.clinic)
    episodes = [
        EpisodeFactory(person=ImportedPersonFactory(import_run=run), clinic=room.clinic) for _ in range(60)
    ]
    today = london_date(now())
    planned = [
        PlannedSession(
            clinic=room.clinic,
            patient=episode.person,
            episode=episode,
            service_date=today - timedelta(days=1 + number // 120),
            slot=("am", "pm")[number // 60 % 2],
            import_run=run,
        )
        for number in range(doses)
        for episode in [episodes[number % 60]]
    ]
    for start in range(0, doses, 5000):
        rows = PlannedSession.objects.bulk_create(planned[start : start + 5000])
        SessionOutcome.objects.bulk_create(
            SessionOutcome(session=row, outcome=Outcome.GIVEN, given_mg=180, import_run=run) for row in rows
        )


@pytest.fixture
def as_in_production(settings, monkeypatch, tmp_path) -> None:
    """Take away what tests add to a request: copies of contexts, and a look for static files on the disk."""
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    settings.STATIC_ROOT = str(tmp_path)
    monkeypatch.setattr(settings, "DEBUG", False)
    real = _TestState.saved_data.template_render
    monkeypatch.setattr(Template, "_render", real)


@pytest.fixture
def scene(own_database: str, sign_in_at_terminal: Callable[..., Client]) -> Scene:
    return set_the_scene(sign_in_at_terminal)


class TestTheTreatmentRoom:
    def test_is_measured(self, scene: Scene, as_in_production, capsys) -> None:
        figures: list[Figures] = []
        for people in (SMALL_BOARD, PEOPLE):
            scene.take_in(people)
            figures.append(measure(f"board, {people} people", scene.client, scene.board, bare=read_bare, n=N))
        scene.take_in(4 * (N + WARM_UP) + SMALL_BOARD)
        for name, act, marker in (
            ("preparation", scene.preparation, PREPARATION_MARKER),
            ("injection", scene.injection, INJECTION_MARKER),
        ):
            bare = functools.partial(write_bare, marker=marker)
            figures.append(measure(name, scene.client, act, bare=bare, n=N, warm_up=WARM_UP))

        with capsys.disabled():
            print(f"\n\n{HEAD}")
            print("\n".join(line for figure in figures for line in figure.lines()))
            print(
                "\nServer time: inside the program's handler, without network. Bare SQL: the page's statements, or the"
                "\nact's writing statements and their commit, sent once more without the program, in the same run."
                f"\nEarlier sessions in the tables: {DOSES}. Nothing is random: no seed.\n{machine()}"
            )
