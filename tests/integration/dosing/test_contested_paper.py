"""What clashes on paper: it is stored as contested, counts as given where that is stricter, and waits for the lead."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from dosing.actions.paper_cases import SettlementRefused, write_waiting_line
from dosing.actions.preparations import PreparationRefused
from dosing.actions.register import receive_stock
from dosing.models import (
    DowntimePack,
    Hold,
    Injection,
    OrderPeriod,
    PaperCase,
    PaperLine,
    PatientDay,
    PlannedSession,
    RegisterEntry,
    SessionOutcome,
    Visit,
    WaitingEntry,
)
from dosing.queries.history import get_dose_history
from dosing.queries.sessions import SessionKey, get_session_facts
from dosing.rules.checks import Sedation
from dosing.rules.holds import HoldSeverity
from dosing.rules.orders import EndReason
from dosing.rules.paper import Stands
from dosing.rules.sessions import Outcome, Reason, may_start
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.decisions import Decision
from tests.factories.paper import (
    CHECK,
    LEAD_PIN,
    WHY,
    PaperRoom,
    a_pack,
    a_paper_room,
    recorded_live,
)
from tests.factories.treatment import a_patient_in_treatment

pytestmark = pytest.mark.django_db


@pytest.fixture
def paper(db: None) -> PaperRoom:
    return a_paper_room()


def a_hold_stood(paper: PaperRoom) -> None:
    Hold.objects.create(
        clinic=paper.room.clinic,
        patient=paper.room.patient,
        severity=HoldSeverity.REVIEW,
        codes=["other"],
        reason="Told to wait.",
        opened_at=paper.given_at - timedelta(minutes=10),
        opened_by=paper.room.doctor,
    )


def the_order_had_ended(paper: PaperRoom) -> None:
    period = OrderPeriod.objects.get(order=paper.room.order)
    at = paper.given_at - timedelta(seconds=30)
    period.during = type(period.during)(period.during.lower, at)
    period.ended_at, period.ended_by, period.end_reason = at, paper.room.doctor, EndReason.SAFETY
    period.end_words = "The drowsiness of this morning."
    period.save(update_fields=["during", "ended_at", "ended_by", "end_reason", "end_words"])


def nothing(paper: PaperRoom) -> None:
    """Leave everything as it is: what is written clashes by itself."""


def missed_live(paper: PaperRoom) -> None:
    recorded_live(paper, Outcome.MISSED, Reason.UNKNOWN)


def entered_from_another_pack(paper: PaperRoom) -> None:
    paper.enter(pack=a_pack(paper.room, made_at=paper.pack.made_at, slot=paper.pack.slot, number=13))


# Each kind of clash: what stands in the computer, what is written, what it is called, and whether the person is held.
CLASHES: dict[str, tuple[Callable[[PaperRoom], None], dict[str, object], str, bool]] = {
    "second-dose-in-a-slot": (entered_from_another_pack, {}, "already_recorded", True),
    "recorded-as-missed": (missed_live, {}, "already_recorded", True),
    "hold": (a_hold_stood, {}, "hold", True),
    "order-ended": (the_order_had_ended, {}, "no_order", True),
    "order-changed-meanwhile": (the_order_had_ended, {}, "order_changed", True),
    "over-the-order": (nothing, {"given_mg": 20, "wasted_mg": 0}, "over_order", True),
    "over-the-day": (
        nothing,
        {"given_mg": 450, "wasted_mg": 0, "ampoules": 45},
        "over_day",
        True,
    ),
    "beyond-the-book": (nothing, {"ampoules": 51, "wasted_mg": 495}, "not_in_stock", False),
    "no-check": (nothing, {"check": None}, "no_check", True),
    "check-that-holds": (
        nothing,
        {"check": replace(CHECK, readings=replace(CHECK.readings, sedation=Sedation.DRIFTS_OFF))},
        "sedation",
        True,
    ),
    "not-identified": (nothing, {"is_identified": False}, "not_identified", True),
    "route": (nothing, {"route": "im"}, "route_not_ordered", True),
    "site": (nothing, {"site": "left_thigh"}, "site_not_ordered", True),
    "waste-does-not-add-up": (nothing, {"wasted_mg": 4}, "waste_is_not_the_rest", False),
    "too-few-ampoules": (nothing, {"ampoules": 1}, "too_few_ampoules_opened", True),
}


class TestEveryClash:
    @pytest.mark.parametrize("kind", CLASHES)
    def test_is_stored_contested_with_its_case(self, paper: PaperRoom, kind: str) -> None:
        prepare, written, code, is_held = CLASHES[kind]
        prepare(paper)
        before = Hold.objects.count()

        line = paper.enter(paper.entry(**written))

        assert code in line.conflicts
        assert code in line.findings
        injection = Injection.objects.get(paper_line=line)
        assert (injection.is_contested, injection.given_mg) == (True, written.get("given_mg", 15))
        case = PaperCase.objects.get(line=line)
        assert (case.hold is not None) == is_held
        assert case.hold is None or case.hold.severity == HoldSeverity.REVIEW
        assert Hold.objects.count() >= before + is_held
        counted = PatientDay.objects.get(patient=paper.room.patient)
        assert counted.administered_mg == sum(Injection.objects.values_list("given_mg", flat=True))
        assert counted.authorised_mg == sum(
            Injection.objects.filter(is_contested=False).values_list("given_mg", flat=True)
        )
        assert AuditEvent.objects.filter(event="dosing.paper_case_opened").count() == 1

    @pytest.mark.parametrize("kind", [kind for kind in CLASHES if kind != "beyond-the-book"])
    def test_writes_its_register_line_all_the_same(self, paper: PaperRoom, kind: str) -> None:
        prepare, written, _, _ = CLASHES[kind]
        prepare(paper)

        line = paper.enter(paper.entry(**written))

        entry = RegisterEntry.objects.get(injection__paper_line=line)
        assert entry.drawn_mg == entry.given_mg + entry.wasted_mg

    def test_of_a_session_with_no_other_record_ends_it(self, paper: PaperRoom) -> None:
        paper.enter(paper.entry(check=None))

        assert SessionOutcome.objects.get(session=paper.session()).outcome == "given"
        assert Visit.objects.get().state == "observed"

    def test_leaves_what_was_recorded_live_as_it_is(self, paper: PaperRoom) -> None:
        missed_live(paper)

        paper.enter()

        assert SessionOutcome.objects.get(amended_by=None).outcome == "missed"
        assert Visit.objects.get().state == "not_given"

    def test_of_somebody_without_any_order_stands_on_paper_alone_and_holds_them(
        self, paper: PaperRoom
    ) -> None:
        other = a_patient_in_treatment(paper.room.clinic, by=paper.room.doctor)

        line = paper.enter(replace(paper.entry(), patient_id=other.person_id), line=2)

        assert "no_order_ever" in line.conflicts
        assert (line.session, Injection.objects.exists()) == (None, False)
        assert Hold.objects.get(patient=other.person).codes == ["contested"]

    def test_too_near_a_live_dose_afterwards_is_contested(self, paper: PaperRoom) -> None:
        other = PlannedSession.objects.create(
            clinic=paper.room.clinic,
            patient=paper.room.patient,
            episode=paper.room.episode,
            service_date=paper.pack.service_date - timedelta(days=1),
            slot=paper.pack.slot,
            order=paper.room.order,
        )
        made = DowntimePack.objects.create(
            clinic=paper.room.clinic,
            number=15,
            service_date=other.service_date,
            slot=paper.pack.slot,
            people=[paper.room.patient.id],
            made_at=paper.pack.made_at,
            made_by=paper.room.nurse,
        )
        paper.enter(
            pack=made,
            entry=paper.entry(
                started_at=paper.given_at + timedelta(minutes=40),
                ended_at=paper.given_at + timedelta(minutes=41),
            ),
        )

        line = paper.enter()

        assert "interval" in line.conflicts


class TestAContestedDose:
    def test_counts_for_the_day_and_the_interval(self, paper: PaperRoom) -> None:
        paper.enter(paper.entry(check=None))

        known = get_session_facts(
            patient_id=paper.room.patient.id,
            clinic=paper.room.clinic,
            session=SessionKey(paper.pack.service_date, "pm"),
            at=now(),
        )
        today = 15 if london_date(paper.given_at) == london_date(now()) else 0  # it may be after midnight
        assert (known.facts.given_today_mg, known.facts.given_in_window_mg) == (today, 15)
        assert known.facts.last_ended_at == Injection.objects.get().ended_at

    def test_is_never_tolerated_and_ends_no_gap(self, paper: PaperRoom) -> None:
        paper.enter(paper.entry(check=None))

        dose = get_dose_history(episode=paper.room.episode, at=now()).doses[0]
        assert (dose.is_tolerated, dose.is_doubtful) == (False, True)

    def test_holds_the_next_dose(self, paper: PaperRoom) -> None:
        paper.enter(paper.entry(check=None))

        with pytest.raises(PreparationRefused):
            paper.room.prepare(Visit.objects.get())

    def test_leaves_the_tables_guard_against_an_uncontested_second(self, paper: PaperRoom) -> None:
        paper.enter(paper.entry(check=None))
        first = Injection.objects.get()
        again = {
            name: getattr(first, name)
            for name in (
                *(
                    "session_id",
                    "patient_id",
                    "premises_id",
                    "order_id",
                    "protocol_id",
                    "batch_id",
                    "ampoules",
                ),
                *(
                    "drawn_mg",
                    "given_mg",
                    "wasted_mg",
                    "allowed_mg",
                    "route",
                    "site",
                    "started_at",
                    "ended_at",
                ),
                *("given_on", "guard", "giver_id", "witness_id", "watched_by_id"),
            )
        }

        with pytest.raises(IntegrityError), transaction.atomic():
            Injection.objects.create(
                **again,
                number=2,
                giver_signature_id=first.giver_signature_id,
                witness_signature_id=first.witness_signature_id,
            )


class TestTheBook:
    def test_that_is_too_small_keeps_the_line_waiting(self, paper: PaperRoom) -> None:
        line = paper.enter(paper.entry(ampoules=51, wasted_mg=495))

        assert not RegisterEntry.objects.filter(kind="supplied").exists()
        with pytest.raises(SettlementRefused) as refusal:
            write_waiting_line(clinic=paper.room.clinic, line_id=line.id, by=paper.room.cd_lead, at=now())
        assert [finding.code for finding in refusal.value.decision] == ["not_in_stock"]

    def test_that_has_the_ampoules_again_takes_the_line_once(self, paper: PaperRoom) -> None:
        line = paper.enter(paper.entry(ampoules=51, wasted_mg=495))
        receive_stock(
            line=paper.room.line,
            batch_number=paper.room.batch.number,
            expires_on=paper.room.batch.expires_on,
            ampoules=5,
            supplier_name="Northern Wholesale (invented)",
            supplier_address="2 Park Way",
            requisition="0089",
            key=uuid.uuid4(),
            by=paper.room.cd_lead,
            witness=paper.room.nurse,
            at=now(),
        )

        first, again = (
            write_waiting_line(clinic=paper.room.clinic, line_id=line.id, by=paper.room.cd_lead, at=now())
            for _ in range(2)
        )

        assert first == again == WaitingEntry.objects.get()
        assert (first.entry.balance, first.entry.occurred_at) == (4, Injection.objects.get().ended_at)


class TestSettling:
    def test_for_the_paper_amends_what_was_recorded(self, paper: PaperRoom) -> None:
        missed_live(paper)
        line = paper.enter()

        settlement = paper.settle(line, Stands.PAPER)

        live = SessionOutcome.objects.get(amended_by=None)
        assert (live, live.outcome, live.given_mg) == (settlement.outcome, "given", 15)
        assert live.amends is not None and live.amends.outcome == "missed"
        assert Visit.objects.get().outcome == live
        assert not get_dose_history(episode=paper.room.episode, at=now()).doses[0].is_doubtful
        assert Hold.objects.filter(lifted_at=None).exists()

    def test_for_the_paper_beside_a_dose_says_that_both_were_given(self, paper: PaperRoom) -> None:
        entered_from_another_pack(paper)
        line = paper.enter()

        settlement = paper.settle(line, Stands.PAPER)

        assert settlement.outcome is not None
        assert settlement.outcome.given_mg == 30

    def test_for_the_computer_lets_the_paper_count_no_more(self, paper: PaperRoom) -> None:
        entered_from_another_pack(paper)
        line = paper.enter()

        paper.settle(line, Stands.COMPUTER)

        assert PatientDay.objects.get().administered_mg == 15
        assert (Injection.objects.count(), Injection.every.count()) == (1, 2)
        assert RegisterEntry.objects.filter(kind="supplied").count() == 2

    def test_for_the_computer_asks_how_a_session_ended_that_had_the_paper_alone(
        self, paper: PaperRoom
    ) -> None:
        line = paper.enter(paper.entry(check=None))

        with pytest.raises(SettlementRefused) as refusal:
            paper.settle(line, Stands.COMPUTER)
        assert [finding.code for finding in refusal.value.decision] == ["no_ending"]

        paper.settle(line, Stands.COMPUTER, outcome=Outcome.MISSED, reason=Reason.UNKNOWN)
        assert SessionOutcome.objects.get(amended_by=None).outcome == "missed"
        assert Visit.objects.get().state == "not_given"
        facts = get_session_facts(
            patient_id=paper.room.patient.id,
            clinic=paper.room.clinic,
            session=SessionKey(paper.pack.service_date, "pm"),
            at=now(),
        ).facts
        assert (facts.given_today_mg, facts.last_ended_at) == (0, None)
        assert may_start(replace(facts, session_is_open=True, earlier_outcome=None)) == Decision()

    def test_for_a_paper_ending_amends_the_other(self, paper: PaperRoom) -> None:
        missed_live(paper)
        line = paper.enter(paper.ending(Outcome.WITHHELD, Reason.INTOXICATED))

        paper.settle(line, Stands.PAPER)

        assert SessionOutcome.objects.get(amended_by=None).outcome == "withheld"

    def test_never_lets_paper_say_that_a_recorded_dose_was_none(self, paper: PaperRoom) -> None:
        entered_from_another_pack(paper)
        line = paper.enter(paper.ending())

        with pytest.raises(SettlementRefused) as refusal:
            paper.settle(line, Stands.PAPER)
        assert [finding.code for finding in refusal.value.decision] == ["dose_is_recorded"]
        paper.settle(line, Stands.COMPUTER)

    def test_is_done_once(self, paper: PaperRoom) -> None:
        missed_live(paper)
        line = paper.enter()

        first = paper.settle(line, Stands.PAPER)

        assert paper.settle(line, Stands.PAPER) == first
        with pytest.raises(SettlementRefused) as refusal:
            paper.settle(line, Stands.COMPUTER)
        assert [finding.code for finding in refusal.value.decision] == ["settled_already"]

    def test_needs_a_reason(self, paper: PaperRoom) -> None:
        line = paper.enter(paper.entry(check=None))

        with pytest.raises(SettlementRefused) as refusal:
            paper.settle(line, Stands.PAPER, why=" ")

        assert [finding.code for finding in refusal.value.decision] == ["no_reason"]

    def test_is_not_for_who_gave_it(self, paper: PaperRoom) -> None:
        entry = paper.entry(check=None, giver_id=paper.lead.id)
        line = paper.enter(entry, pins=paper.pins(giver_id=paper.lead.id, giver_pin=LEAD_PIN))

        with pytest.raises(SettlementRefused) as refusal:
            paper.settle(line, Stands.PAPER)

        assert [finding.code for finding in refusal.value.decision] == ["settler_signed"]
        assert PaperLine.objects.get().written["dose"]["check"] is None
        assert WHY
