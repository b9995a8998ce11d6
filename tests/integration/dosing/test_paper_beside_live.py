"""What stands on paper beside what the computer has: readings, a dose set aside, a drawn dose, the book."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from dosing.actions.late import note_late_arrival
from dosing.actions.paper_cases import SettlementRefused, write_waiting_line
from dosing.models import (
    ClinicDay,
    Hold,
    Injection,
    PatientDay,
    Reading,
    RegisterEntry,
    SessionOutcome,
)
from dosing.queries.history import get_dose_history
from dosing.rules.checks import Sedation
from dosing.rules.paper import SetOnPaper, Stands
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.core.clock import now
from tests.factories.paper import (
    AWAKE,
    LEAD_PIN,
    PaperRoom,
    a_paper_room,
    recorded_live,
    with_the_newest_pack,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def paper(db: None) -> PaperRoom:
    return a_paper_room()


def missed_live(paper: PaperRoom) -> None:
    recorded_live(paper, Outcome.MISSED, Reason.UNKNOWN)


class TestReadingsOnPaper:
    def test_are_stored_and_followed_whatever_else_is_recorded(self, paper: PaperRoom) -> None:
        missed_live(paper)
        drowsy = replace(AWAKE, sedation=Sedation.HARD_TO_ROUSE, breaths=7)
        after = (SetOnPaper(drowsy, paper.given_at + timedelta(minutes=11), 10),)

        line = paper.enter(paper.entry(after=after))

        reading = Reading.objects.get(injection__paper_line=line)
        assert (reading.escalation, reading.breaths) == ("B", 7)
        assert Hold.objects.filter(reading=reading, lifted_at=None).exists()
        paper.settle(line, Stands.PAPER)
        dose = get_dose_history(episode=paper.room.episode, at=now()).doses[0]
        assert (dose.had_event, dose.is_tolerated) == (True, False)


class TestADoseThatWasSettledAway:
    def test_lets_the_right_one_go_in(self, paper: PaperRoom) -> None:
        paper, went_in = with_the_newest_pack(paper), now() - timedelta(seconds=90)
        line = paper.enter(paper.entry(wasted_mg=4, started_at=went_in, ended_at=went_in))
        paper.settle(line, Stands.COMPUTER, outcome=Outcome.MISSED, reason=Reason.UNKNOWN)
        room = paper.room
        note_late_arrival(
            clinic=room.clinic, patient_id=room.patient.id, session=room.session(), by=room.nurse, at=now()
        )
        if not ClinicDay.objects.exists():
            room.open_day()

        given = room.inject(room.prepare(room.checked()))
        connection.check_constraints()

        assert Injection.every.filter(patient=room.patient).count() == 2
        assert Injection.objects.get(patient=room.patient).number == 2
        live = SessionOutcome.objects.get(amended_by=None)
        assert (live.given_mg, live.session_id) == (15, given.session_id)


class TestADoseThatIsDrawnUpAsWell:
    def test_leaves_the_book_once(self, paper: PaperRoom) -> None:
        room = paper.room
        if not ClinicDay.objects.exists():
            room.open_day()
        room.prepare(room.checked())
        connection.check_constraints()

        line = paper.enter()  # that dose began before this one was drawn up

        assert "open_draw" in line.conflicts
        assert not RegisterEntry.objects.filter(kind="supplied").exists()
        with pytest.raises(SettlementRefused) as refusal:
            write_waiting_line(clinic=room.clinic, line_id=line.id, by=room.cd_lead, at=now())
        assert "open_draw" in [finding.code for finding in refusal.value.decision.refusals]
        paper.settle(line, Stands.COMPUTER, outcome=Outcome.MISSED, reason=Reason.UNKNOWN)
        with pytest.raises(SettlementRefused) as refusal:
            write_waiting_line(clinic=room.clinic, line_id=line.id, by=room.cd_lead, at=now())
        assert "set_aside" in [finding.code for finding in refusal.value.decision.refusals]


class TestTheLineAndTheRows:
    def test_wait_where_the_dose_needs_more_ampoules_than_the_book_has(self, paper: PaperRoom) -> None:
        # The book has 50 ampoules of 10 mg; two are written, and 510 mg cannot come out of them.
        line = paper.enter(paper.entry(ampoules=2, given_mg=510, wasted_mg=0))

        assert {"too_few_ampoules_opened", "not_in_stock"} <= set(line.conflicts)
        assert not RegisterEntry.objects.filter(kind="supplied").exists()

    def test_take_the_maximum_that_held_at_their_own_time(self, paper: PaperRoom) -> None:
        PatientDay.objects.create(
            patient=paper.room.patient, on=paper.given_at.date(), maximum_mg=10, authorised_mg=10
        )

        assert not paper.enter().is_contested
        assert PatientDay.objects.get().authorised_mg == 25

    def test_are_settled_by_nobody_who_signed_them_for_another(self, paper: PaperRoom) -> None:
        line = paper.enter(
            paper.entry(check=None),
            pins=paper.pins(giver_id=paper.lead.id, giver_pin=LEAD_PIN, away_reason="She has gone home."),
        )

        with pytest.raises(SettlementRefused) as refusal:
            paper.settle(line, Stands.PAPER)
        assert [finding.code for finding in refusal.value.decision.refusals] == ["settler_signed"]
