"""The power fails between the draw and the outcome, and the dose goes in by the paper: one dose, one register line."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from dosing.actions.register import receive_stock
from dosing.models import (
    Batch,
    ClinicDay,
    Injection,
    PaperLine,
    PatientDay,
    Preparation,
    RegisterEntry,
    SessionOutcome,
    Visit,
)
from dosing.queries.paper import get_line_preview
from dosing.queries.visits import get_open_draw
from dosing.rules.paper import Stands
from dosing.rules.sessions import Outcome
from dosing.rules.visits import VisitState
from hat_clinic.core.clock import london_date, now
from tests.factories.paper import LEAD_PIN, PaperRoom, a_paper_room, with_the_newest_pack

pytestmark = pytest.mark.django_db


@pytest.fixture
def paper(db: None) -> PaperRoom:
    return with_the_newest_pack(a_paper_room())


@pytest.fixture
def drawn(paper: PaperRoom) -> Preparation:
    """A dose that is drawn up; then the power fails."""
    if not ClinicDay.objects.exists():
        paper.room.open_day()
    paper.room.prepare(paper.room.checked())
    connection.check_constraints()
    return Preparation.objects.get()


def another_batch(paper: PaperRoom) -> Batch:
    """Take a second batch in, and return it."""
    room = paper.room
    receive_stock(
        line=room.line,
        batch_number="DM24118",
        expires_on=london_date(now()) + timedelta(days=200),
        ampoules=10,
        supplier_name="Northern Wholesale (invented)",
        supplier_address="2 Park Way",
        requisition="0089",
        key=uuid.uuid4(),
        by=room.cd_lead,
        witness=room.nurse,
        at=now(),
    )
    return Batch.objects.get(number="DM24118")


def enter(paper: PaperRoom, drawn: Preparation, **changes: Any) -> PaperLine:
    """Enter that dose from the paper: no check is on it, because that was made with the computer."""
    dose = {
        "check": None,
        "started_at": drawn.prepared_at,
        "ended_at": drawn.prepared_at,
        "wasted_mg": 0,
    } | changes
    return paper.enter(paper.entry(**dose))


class TestADrawnDoseThatWentInByThePaper:
    def test_is_ended_by_it_and_leaves_the_book_once(self, paper: PaperRoom, drawn: Preparation) -> None:
        day = PatientDay.objects.get()
        assert (day.authorised_mg, day.administered_mg) == (15, 0)

        line = enter(paper, drawn)
        connection.check_constraints()

        assert (line.is_contested, line.conflicts, line.findings) == (False, [], ["ends_drawn_dose"])
        injection = Injection.objects.get()
        assert (injection.preparation, injection.paper_line, injection.given_mg) == (drawn, line, 15)
        assert get_open_draw(patient_id=drawn.patient_id) is None
        entry = RegisterEntry.objects.get(kind="supplied")
        assert (entry.ampoules, entry.drawn_mg, entry.given_mg, entry.wasted_mg) == (-2, 20, 15, 5)
        day.refresh_from_db()
        assert (day.authorised_mg, day.administered_mg) == (15, 15)
        visit = Visit.objects.get()
        assert (visit.state, visit.outcome.given_mg, visit.observe_minutes) == (
            VisitState.OBSERVED,
            15,
            30,  # of a first dose without other drugs, as the check before it says
        )

    def test_may_have_gone_in_by_half(self, paper: PaperRoom, drawn: Preparation) -> None:
        line = enter(paper, drawn, given_mg=10, wasted_mg=5)
        connection.check_constraints()

        assert not line.is_contested
        outcome = SessionOutcome.objects.get()
        assert (outcome.outcome, outcome.given_mg, outcome.reduced_for) == (
            Outcome.GIVEN_REDUCED,
            10,
            "not_all_in",
        )
        assert PatientDay.objects.get().authorised_mg == 10

    def test_is_told_before_anybody_signs(self, paper: PaperRoom, drawn: Preparation) -> None:
        entry = paper.entry(check=None, started_at=drawn.prepared_at, ended_at=drawn.prepared_at, wasted_mg=0)
        pins = paper.pins()

        preview = get_line_preview(
            clinic=paper.room.clinic,
            pack=paper.pack,
            line=1,
            entry=entry,
            names=(pins.giver_id, pins.witness_id),
            away_reason="",
            at=now(),
        )

        assert [finding.code for finding in preview.decision] == ["ends_drawn_dose"]

    def test_is_entered_by_the_lead_for_who_is_away(self, paper: PaperRoom, drawn: Preparation) -> None:
        entry = paper.entry(check=None, started_at=drawn.prepared_at, ended_at=drawn.prepared_at, wasted_mg=0)
        pins = paper.pins(giver_id=paper.lead.id, giver_pin=LEAD_PIN, away_reason="Grace is on leave.")

        line = paper.enter(entry, pins=pins)
        connection.check_constraints()

        assert (line.is_contested, Injection.objects.get().preparation) == (False, drawn)


class TestWhatSpeaksAgainstIt:
    def test_makes_it_contested_and_still_leaves_the_book_once(
        self, paper: PaperRoom, drawn: Preparation
    ) -> None:
        line = enter(paper, drawn, wasted_mg=3)
        connection.check_constraints()

        assert line.conflicts == ["waste_is_not_the_rest"]
        assert Injection.objects.get().preparation == drawn
        assert RegisterEntry.objects.filter(kind="supplied").count() == 1
        day = PatientDay.objects.get()
        assert (day.authorised_mg, day.administered_mg) == (0, 15)
        paper.settle(line, Stands.PAPER)
        connection.check_constraints()
        assert SessionOutcome.objects.get(amended_by=None).given_mg == 15

    @pytest.mark.parametrize("change", ["batch", "ampoules", "giver", "before"])
    def test_another_dose_than_the_drawn_one_ends_nothing(
        self, paper: PaperRoom, drawn: Preparation, change: str
    ) -> None:
        other = {
            "batch": {"batch_id": another_batch(paper).id},
            "ampoules": {"ampoules": 3},
            "giver": {"giver_id": drawn.witness_id, "witness_id": drawn.prepared_by_id},
            "before": {"started_at": drawn.prepared_at - timedelta(minutes=1)},
        }[change]
        pins = paper.pins()
        if change == "giver":
            pins = paper.pins(
                giver_id=pins.witness_id,
                giver_pin=pins.witness_pin,
                witness_id=pins.giver_id,
                witness_pin=pins.giver_pin,
            )
        dose = {
            "check": None,
            "started_at": drawn.prepared_at,
            "ended_at": drawn.prepared_at,
            "wasted_mg": 0,
        } | other

        line = paper.enter(paper.entry(**dose), pins=pins)
        connection.check_constraints()

        assert "open_draw" in line.conflicts
        assert Injection.objects.get().preparation is None
        assert get_open_draw(patient_id=drawn.patient_id) == drawn


class TestTheTable:
    def test_lets_paper_end_no_drawn_dose_but_its_own(self, paper: PaperRoom, drawn: Preparation) -> None:
        line = enter(paper, drawn, batch_id=another_batch(paper).id)
        injection = Injection.objects.get(paper_line=line)

        with (
            pytest.raises(IntegrityError, match="ends the drawn dose that it is"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            columns = [field.column for field in Injection._meta.concrete_fields]
            changed = {"id": "gen_random_uuid()", "number": "9", "preparation_id": "%s"}
            cursor.execute(
                f"INSERT INTO dosing_injection ({', '.join(columns)})"
                f" SELECT {', '.join(changed.get(one, one) for one in columns)} FROM dosing_injection WHERE id = %s",
                [drawn.id, injection.id],
            )
