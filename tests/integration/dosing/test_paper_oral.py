"""Oral doses that stood on paper: stored with the paper's time, counted at once, contested where they clash."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from dosing.actions.oral import OralRefused
from dosing.actions.paper import PaperRefused, begin_entry
from dosing.actions.paper_oral import (
    OralPin,
    OralSettlementRefused,
    PaperOralRefused,
)
from dosing.actions.preparations import PreparationRefused
from dosing.models import Hold, OralDose, OralOrder, OralSettlement
from dosing.queries.oral import get_oral_before, list_oral_doses
from dosing.queries.paper_pages import count_open_cases, get_paper_page
from dosing.queries.paper_waiting import get_line_not_entered
from dosing.queries.used_packs import list_used_packs
from dosing.rules.checks import Sedation
from dosing.rules.paper import Stands
from hat_clinic.accounts.actions import PinRefused, enrol_totp
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import LONDON, now
from hat_clinic.pages.queries.subject_access import get_held
from tests.factories.oral import OralOrderFactory, give
from tests.factories.paper import LEAD_PIN, WHY, PaperRoom, a_paper_room
from tests.factories.paper_oral import enter, on_paper, settle
from tests.factories.treatment import NURSE_PIN, SECOND_PIN

pytestmark = pytest.mark.django_db


@pytest.fixture
def paper(db: None) -> PaperRoom:
    made = a_paper_room()
    return replace(made, given_at=made.given_at.replace(second=0, microsecond=0) + timedelta(minutes=1))


@pytest.fixture
def order(paper: PaperRoom) -> OralOrder:
    room = paper.room
    starts_at = paper.pack.made_at - timedelta(hours=1)
    return OralOrderFactory(
        episode=room.episode,
        premises=room.premises,
        protocol=room.order.protocol,
        signed_by=room.doctor,
        signed_at=starts_at,
        starts_at=starts_at,
        ends_at=now() + timedelta(days=9),
    )


class TestAnOralDoseOnPaper:
    def test_is_stored_with_both_times_and_counts(self, paper: PaperRoom, order: OralOrder) -> None:
        this_minute = now().replace(second=0, microsecond=0)  # of today also just after midnight

        dose = enter(paper, on_paper(paper, order, given_at=this_minute))

        assert (dose.given_at, dose.mg, dose.conflicts) == (this_minute, 40, [])
        assert dose.recorded_at > dose.given_at
        assert not Hold.objects.exists()
        before = get_oral_before(patient_id=paper.room.patient.id)
        assert before is not None and before.given_at == this_minute
        with pytest.raises(OralRefused, match="1 mg is over what is left of today: 0 mg of 40 mg"):
            give(paper.room, order, mg=1)
        event = AuditEvent.objects.get(event="dosing.paper_oral_entered")
        assert (event.person, event.outcome) == (paper.room.patient.id, "done")
        (told,) = list_oral_doses(patient_id=paper.room.patient.id, since=paper.given_at)
        assert told.put_right == "Entered from paper pack P12."

    def test_bars_an_injection_for_the_half_hour_after_it(self, paper: PaperRoom, order: OralOrder) -> None:
        enter(paper, on_paper(paper, order, given_at=now() - timedelta(minutes=29)))

        with pytest.raises(PreparationRefused, match="An injection waits until"):
            paper.room.prepare()

    def test_holds_what_was_drawn_up_without_knowing_of_it(self, paper: PaperRoom, order: OralOrder) -> None:
        paper.room.prepare()
        connection.check_constraints()  # it was committed before anybody knew

        dose = enter(paper, on_paper(paper, order, given_at=now() - timedelta(minutes=5)))

        assert dose.conflicts == ["open_draw"]
        assert Hold.objects.filter(patient=paper.room.patient, lifted_at__isnull=True).exists()

    def test_leaves_what_was_drawn_up_long_after_it(self, paper: PaperRoom, order: OralOrder) -> None:
        paper.room.prepare()

        assert enter(paper, on_paper(paper, order)).conflicts == []

    def test_while_a_hold_stood_is_contested(self, paper: PaperRoom, order: OralOrder) -> None:
        stood = {"opened_at": paper.given_at - timedelta(minutes=5), "opened_by": paper.room.nurse}
        Hold.objects.create(
            clinic=paper.room.clinic,
            patient=paper.room.patient,
            severity="review",
            codes=["other"],
            reason="Told to wait.",
            lifted_at=paper.given_at + timedelta(minutes=5),
            lifted_by=paper.room.doctor,
            lift_reason="Seen.",
            **stood,
        )

        dose = enter(paper, on_paper(paper, order))

        assert set(dose.conflicts) == {"after_withheld", "breathing_unknown"}

    def test_before_a_hold_was_opened_stands(self, paper: PaperRoom, order: OralOrder) -> None:
        enter(paper, on_paper(paper, order, mg=10, sedation=None))

        assert enter(paper, on_paper(paper, order, mg=20)).conflicts == []

    def test_to_somebody_drowsy_asks_for_a_new_check(self, paper: PaperRoom, order: OralOrder) -> None:
        enter(paper, on_paper(paper, order, sedation=Sedation.DRIFTS_OFF, breaths=11))

        hold = Hold.objects.get(patient=paper.room.patient)
        assert (hold.severity, hold.codes) == ("hold", ["sedation", "breathing", "contested"])

    def test_sent_twice_is_stored_once(self, paper: PaperRoom, order: OralOrder) -> None:
        key, said = uuid.uuid4(), on_paper(paper, order)

        assert enter(paper, said, key=key) == enter(paper, said, key=key)
        with pytest.raises(PaperOralRefused, match="already used"):
            enter(paper, replace(said, mg=39), key=key)
        assert OralDose.written.count() == 1

    def test_over_the_day_counts_holds_and_is_contested(self, paper: PaperRoom, order: OralOrder) -> None:
        dose = enter(paper, on_paper(paper, order, mg=45, sedation=None))

        assert set(dose.conflicts) == {"over_oral_day", "sedation_unknown"}
        assert OralDose.objects.get() == dose
        (hold,) = Hold.objects.filter(patient=paper.room.patient)
        assert "45 mg" in hold.reason and "P12-01" in hold.reason
        assert count_open_cases(clinic=paper.room.clinic) == 1

    def test_that_may_be_one_of_the_computer_is_contested(self, paper: PaperRoom, order: OralOrder) -> None:
        given = give(paper.room, order, mg=10)

        dose = enter(paper, on_paper(paper, order, mg=10, given_at=given.given_at - timedelta(seconds=1)))

        assert dose.conflicts == ["already_recorded"]

    def test_before_an_injection_is_contested(self, paper: PaperRoom, order: OralOrder) -> None:
        paper.enter(paper.entry())

        dose = enter(paper, on_paper(paper, order, given_at=paper.given_at - timedelta(minutes=1)))

        assert dose.conflicts == ["injection_after"]

    def test_without_an_order_in_force_is_contested(self, paper: PaperRoom, order: OralOrder) -> None:
        said = on_paper(paper, order, given_at=order.starts_at - timedelta(seconds=1))

        assert {"no_oral_order", "before_pack"} <= set(enter(paper, said).conflicts)

    def test_is_signed_by_the_lead_for_one_away(self, paper: PaperRoom, order: OralOrder) -> None:
        pin = OralPin(paper.lead.id, LEAD_PIN, paper.room.terminal.id, "Off sick.")

        dose = enter(paper, on_paper(paper, order), pin=pin, by=paper.lead)

        assert (dose.supervised_by, dose.signature.signed_by) == (paper.room.nurse, paper.lead)
        assert (dose.away_reason, dose.conflicts) == ("Off sick.", [])

    def test_signed_by_another_nurse_is_contested(self, paper: PaperRoom, order: OralOrder) -> None:
        pin = OralPin(paper.room.second_nurse.id, SECOND_PIN, paper.room.terminal.id, "Off sick.")

        assert enter(paper, on_paper(paper, order), pin=pin).conflicts == ["signature_missing"]

    @pytest.mark.parametrize(
        ("said", "pin", "words"),
        [
            ({"mg": 0}, {}, "Write at least 1 mg"),
            ({"order_id": uuid.uuid4()}, {}, "Choose the medicine from the list"),
            ({"giver_id": uuid.uuid4()}, {"away_reason": "x"}, "Choose from the list who gave it"),
            ({}, {"signer_id": uuid.uuid4()}, "Choose who signs from the list"),
        ],
    )
    def test_that_is_no_reading_is_refused_in_the_trail(
        self, paper: PaperRoom, order: OralOrder, said: dict[str, Any], pin: dict[str, Any], words: str
    ) -> None:
        signs = replace(OralPin(paper.room.nurse.id, NURSE_PIN, paper.room.terminal.id), **pin)

        with pytest.raises(PaperOralRefused, match=words):
            enter(paper, on_paper(paper, order, **said), pin=signs)
        assert not OralDose.written.exists()
        assert AuditEvent.objects.get(event="dosing.paper_oral_entered").outcome == "refused"

    def test_for_one_away_needs_a_reason(self, paper: PaperRoom, order: OralOrder) -> None:
        with pytest.raises(PaperOralRefused, match="write why they are away"):
            enter(paper, on_paper(paper, order), pin=OralPin(paper.lead.id, LEAD_PIN, None))

    def test_needs_the_pin(self, paper: PaperRoom, order: OralOrder) -> None:
        with pytest.raises(PinRefused):
            enter(paper, on_paper(paper, order), pin=OralPin(paper.room.nurse.id, "000000", None))

    def test_of_other_rules_than_were_shown_is_not_stored(self, paper: PaperRoom, order: OralOrder) -> None:
        with pytest.raises(PaperOralRefused, match="changed meanwhile"):
            enter(paper, on_paper(paper, order, mg=45), seen=frozenset())
        assert not OralDose.written.exists()


class TestTheTables:
    def test_hold_what_is_not_contested_to_its_day(self, paper: PaperRoom, order: OralOrder) -> None:
        dose = enter(paper, on_paper(paper, order))
        with (
            pytest.raises(IntegrityError, match="would pass the milligrams of the day"),
            transaction.atomic(),
        ):
            copy_of(dose, mg=1)

    def test_know_contested_doses_of_paper_alone(self, paper: PaperRoom, order: OralOrder) -> None:
        dose = enter(paper, on_paper(paper, order))
        with pytest.raises(IntegrityError, match="contested_oral_dose_is_of_paper"), transaction.atomic():
            copy_of(dose, pack=None, conflicts=["over_oral_day"])

    def test_ask_for_an_order_of_the_person(self, paper: PaperRoom, order: OralOrder) -> None:
        dose = enter(paper, on_paper(paper, order))
        with pytest.raises(IntegrityError, match="on paper is of an order"), transaction.atomic():
            copy_of(dose, drug="morphine", conflicts=["over_oral_day"])

    def test_ask_for_the_signature_of_who_gave_it(self, paper: PaperRoom, order: OralOrder) -> None:
        dose = enter(paper, on_paper(paper, order, mg=10))
        with pytest.raises(IntegrityError, match="signed by who supervised"), transaction.atomic():
            copy_of(dose, supervised_by=paper.room.second_nurse)

    def test_take_no_settlement_of_who_gave_it(self, paper: PaperRoom, order: OralOrder) -> None:
        dose = enter(paper, on_paper(paper, order, mg=45))
        with pytest.raises(IntegrityError, match="neither gave nor signed"), transaction.atomic():
            OralSettlement.objects.create(
                dose=dose,
                stands=Stands.COMPUTER,
                reason="Mine.",
                signature=dose.signature,
                settled_at=now(),
                settled_by=paper.room.nurse,
            )

    def test_take_no_settlement_without_a_reason(self, paper: PaperRoom, order: OralOrder) -> None:
        settled = settle(paper, enter(paper, on_paper(paper, order, mg=45)))
        other = enter(paper, on_paper(paper, order, mg=46))
        with pytest.raises(IntegrityError, match="oral_settlement_has_a_reason"), transaction.atomic():
            OralSettlement.objects.create(
                dose=other,
                stands=Stands.PAPER,
                reason="",
                signature=settled.signature,
                settled_at=now(),
                settled_by=paper.lead,
            )


def copy_of(dose: OralDose, **changes: Any) -> None:
    """Write a row like another, past the program."""
    row = OralDose.written.get(id=dose.id)
    signature = type(row.signature).objects.get(id=row.signature_id)
    signature.pk = uuid.uuid4()
    signature.save(force_insert=True)
    row.pk, row.key, row.signature = uuid.uuid4(), uuid.uuid4(), signature
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(force_insert=True)


class TestSettling:
    def test_set_aside_it_counts_no_more_and_stays(self, paper: PaperRoom, order: OralOrder) -> None:
        dose = enter(paper, on_paper(paper, order, mg=45))

        settle(paper, dose)

        assert not OralDose.objects.exists() and OralDose.written.get() == dose
        assert get_oral_before(patient_id=paper.room.patient.id) is None
        assert Hold.objects.filter(patient=paper.room.patient, lifted_at__isnull=True).exists()
        assert count_open_cases(clinic=paper.room.clinic) == 0

    def test_let_stand_it_counts(self, paper: PaperRoom, order: OralOrder) -> None:
        dose = enter(paper, on_paper(paper, order, mg=45))

        settle(paper, dose, Stands.PAPER)

        assert OralDose.objects.get() == dose

    def test_once_set_aside_the_right_one_is_given(self, paper: PaperRoom, order: OralOrder) -> None:
        settle(paper, enter(paper, on_paper(paper, order, mg=45)))

        assert enter(paper, on_paper(paper, order, mg=40)).conflicts == []

    def test_is_once_and_by_somebody_else(self, paper: PaperRoom, order: OralOrder) -> None:
        pin = OralPin(paper.lead.id, LEAD_PIN, paper.room.terminal.id, "Off sick.")
        own = enter(paper, on_paper(paper, order, mg=45), pin=pin)
        with pytest.raises(OralSettlementRefused, match="You gave or signed this dose yourself"):
            settle(paper, own)
        assert AuditEvent.objects.get(event="dosing.paper_oral_settled").outcome == "refused"
        other = enter(paper, on_paper(paper, order, mg=46))

        assert settle(paper, other) == settle(paper, other)
        with pytest.raises(OralSettlementRefused, match="settled already"):
            settle(paper, other, Stands.PAPER)

    def test_is_of_a_contested_one(self, paper: PaperRoom, order: OralOrder) -> None:
        with pytest.raises(OralSettlementRefused, match="it stands"):
            settle(paper, enter(paper, on_paper(paper, order)))


class TestALineThatSaysSo:
    def test_is_not_entered_before_its_oral_dose_is(self, paper: PaperRoom, order: OralOrder) -> None:
        begin_entry(clinic=paper.room.clinic, pack=paper.pack, by=paper.room.nurse, at=now())
        paper.enter(replace(paper.ending(), has_oral=True))
        patient = paper.room.patient

        assert get_line_not_entered(patient_id=patient.id, at=now()) == "P12-01"
        assert [one.missing for one in list_used_packs(clinic=paper.room.clinic, at=now())] == [1]
        assert get_paper_page(clinic=paper.room.clinic, pack=paper.pack).missing == 1
        enter(paper, on_paper(paper, order, given_at=now() - timedelta(minutes=31)))

        assert get_line_not_entered(patient_id=patient.id, at=now()) == ""
        assert get_paper_page(clinic=paper.room.clinic, pack=paper.pack).missing == 0
        assert [one.missing for one in list_used_packs(clinic=paper.room.clinic, at=now())] == [0]

    def test_bars_on_a_blank_line_too(self, paper: PaperRoom, order: OralOrder) -> None:
        begin_entry(clinic=paper.room.clinic, pack=paper.pack, by=paper.room.nurse, at=now())
        paper.enter(paper.ending())
        paper.enter(replace(paper.ending(), has_oral=True), line=3)

        assert get_line_not_entered(patient_id=paper.room.patient.id, at=now()) == "P12-03"

    def test_is_refused_where_no_oral_order_was_ever_signed(self, paper: PaperRoom) -> None:
        with pytest.raises(PaperRefused, match="No order of oral medicine was ever signed"):
            paper.enter(replace(paper.ending(), has_oral=True))


class TestThePages:
    @pytest.fixture
    def stand(self, paper: PaperRoom, sign_in_at_terminal: Callable[..., Client]) -> Callable[..., Client]:
        def as_user(user: Any) -> Client:
            enrol_totp(user=user, secret=None, by=None, at=now())
            return sign_in_at_terminal(Client(), user, paper.room.terminal, paper.room.terminal_secret)

        return as_user

    def test_show_the_rules_before_the_pin_and_store(
        self, paper: PaperRoom, order: OralOrder, stand: Callable[..., Client]
    ) -> None:
        paper.enter(paper.ending())
        client, nurse = stand(paper.room.nurse), paper.room.nurse
        code = paper.room.clinic.code
        address = reverse("dosing:enter_paper_oral", args=[code, paper.pack.id, 1])
        form = client.get(address).context["form"]
        sent = {
            "key": str(form["key"].value()),
            "seal": form["seal"].value(),
            "order": str(order.id),
            "mg": "45",
            "given": f"{paper.given_at.astimezone(LONDON):%H:%M}",
            "sedation": "none",
            "giver": str(nurse.id),
            "signer": str(nurse.id),
        }
        shown = client.post(address, sent)
        text = shown.content.decode()
        assert "It will be contested" in text and "How awake they were is not on the paper." in text
        assert not OralDose.written.exists()
        signed = sent | {"shown": shown.context["form"]["shown"].value(), "pin": NURSE_PIN}
        wrong = client.post(address, signed | {"pin": "000000"}).content.decode()
        assert "Nothing was saved" in wrong

        answer = client.post(address, signed)

        assert answer.status_code == 302
        dose = OralDose.written.get()
        pack = client.get(answer.headers["Location"]).content.decode()
        assert "is contested. The clinical lead settles it." in pack and "45 mg" in pack
        lead = stand(paper.lead)
        settling = reverse("dosing:settle_paper_oral", args=[code, dose.id])
        cases = lead.get(reverse("dosing:see_paper_cases", args=[code])).content.decode()
        assert settling in cases
        page = lead.get(settling).context["form"]
        done = lead.post(
            settling,
            {"seal": page["seal"].value(), "stands": "computer", "why": WHY, "pin": LEAD_PIN},
            follow=True,
        ).content.decode()
        held = get_held(person_id=paper.room.patient.id, at=now())
        (rows,) = [table.rows for table in held.tables if table.label == "dosing.OralDose"]
        assert len(rows) == 1  # what was set aside is held as well
        assert "What was written stays." in done and "the paper does not count any more" in done
        assert "This dose is settled already." in lead.get(settling).content.decode()

    def test_ask_for_what_is_missing(
        self, paper: PaperRoom, order: OralOrder, stand: Callable[..., Client]
    ) -> None:
        paper.enter(paper.ending())
        client = stand(paper.room.nurse)
        address = reverse("dosing:enter_paper_oral", args=[paper.room.clinic.code, paper.pack.id, 1])
        form = client.get(address).context["form"]
        text = client.post(
            address, {"key": str(form["key"].value()), "seal": form["seal"].value()}
        ).content.decode()
        for words in (
            "Choose the medicine.",
            "Write the time that stands on paper",
            "Choose who gave it.",
            "Choose who signs.",
        ):
            assert words in text

    @pytest.mark.parametrize("line", [1, 2])
    def test_ask_for_the_line_first(self, paper: PaperRoom, stand: Callable[..., Client], line: int) -> None:
        client = stand(paper.room.nurse)
        address = reverse("dosing:enter_paper_oral", args=[paper.room.clinic.code, paper.pack.id, line])
        assert "Enter the line first" in client.get(address, follow=True).content.decode()

    def test_say_where_there_is_no_order(self, paper: PaperRoom, stand: Callable[..., Client]) -> None:
        paper.enter(paper.ending())
        client = stand(paper.room.nurse)
        address = reverse("dosing:enter_paper_oral", args=[paper.room.clinic.code, paper.pack.id, 1])
        assert "No order of oral medicine was ever signed" in client.get(address).content.decode()
