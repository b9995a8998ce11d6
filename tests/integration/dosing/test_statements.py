"""Last-dose statements: on a consent that stands at that very moment, or in an emergency; what they say is as written."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from dosing.actions.statements import StatementRefused, give_statement
from dosing.models import SessionOutcome
from dosing.queries.statements import get_statement_facts, get_stored_statement, what_is_said
from dosing.rules.statements import EarlierDose
from hat_clinic.accounts.models import Agency
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.actions.consents import withdraw_consent
from patients.actions.disclosures import Recipient, store_disclosure
from patients.models import ConsentWithdrawal, Disclosure
from patients.queries.people import lock_person
from patients.rules.consents import Purpose
from patients.rules.disclosures import RecipientKind
from tests.factories import (
    AgencyFactory,
    ConsentFactory,
    ConsentWithdrawalFactory,
    ImportRunFactory,
    PlannedSessionFactory,
)
from tests.factories.around import WHY, DisclosureFactory
from tests.factories.order_pages import Desk
from tests.factories.people import consent_to
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room, another
from tests.integration.dosing.conftest import Clock
from tests.integration.patients.pages import words
from tests.integration.patients.rivals import in_a_thread, wait_for_somebody_waiting
from tests.refusals import refused_by

SitDown = Callable[..., Desk]


def share(room: TreatmentRoom) -> Agency:
    """Have the person agree that an agency is told of their doses."""
    agency = AgencyFactory(name="Northside custody")
    consent_to(Purpose.DOSES, room.episode, by=room.nurse, at=now(), agency=agency)
    return agency


def withdraw(room: TreatmentRoom, agency: Agency) -> None:
    withdraw_consent(
        person_id=room.patient.id,
        clinic=room.clinic,
        purpose=Purpose.DOSES,
        agency_id=agency.pk,
        by=room.nurse,
        at=now(),
    )


def give(
    room: TreatmentRoom, agency: Agency | None = None, *, why: str = "", key: uuid.UUID | None = None
) -> Disclosure:
    to = Recipient(RecipientKind.CUSTODY, "" if agency else "Sgt Ellis, custody desk", agency, why)
    return give_statement(
        clinic=room.clinic, episode=room.episode, to=to, key=key or uuid.uuid4(), by=room.nurse, at=now()
    )


@pytest.mark.django_db
class TestAStatement:
    def test_on_a_consent_says_the_dose_by_its_time_and_is_one_however_often_it_is_sent(self) -> None:
        room = a_treatment_room()
        given = room.give()
        agency, key = share(room), uuid.uuid4()

        first = give(room, agency, key=key)
        again = give(room, agency, key=key)

        assert first.pk == again.pk
        assert first.consent is not None and first.emergency_words == ""
        injection = room.patient.injections.get(pk=given.injection_id)
        assert f"{injection.given_mg} mg diamorphine" in first.said["last_injection"]
        assert first.said["days"][0]["lines"][0].endswith("into a vein.")
        event = AuditEvent.objects.get(event="patients.statement_given")
        assert event.detail == {"kind": "custody", "basis": "consent"}

    @pytest.mark.parametrize("change", ["kind", "agency", "words", "person", "colleague"])
    def test_with_the_key_of_another_is_refused(self, change: str) -> None:
        room = a_treatment_room()
        agency, key = share(room), uuid.uuid4()
        first = give(
            room, None if change == "words" else agency, why=WHY if change == "words" else "", key=key
        )
        to = Recipient(RecipientKind.CUSTODY, first.recipient, first.agency, first.emergency_words)
        by, episode = room.nurse, room.episode
        if change == "kind":
            to = replace(to, kind=RecipientKind.HOSPITAL, agency=None, recipient="Ward", emergency_words=WHY)
        elif change == "agency":
            other = AgencyFactory(name="Southside custody")
            consent_to(Purpose.DOSES, room.episode, by=room.nurse, at=now(), agency=other)
            to = replace(to, agency=other)
        elif change == "words":
            to = replace(to, emergency_words=f"{WHY} Twice.")
        elif change == "person":
            episode = another(room).episode
            to = Recipient(RecipientKind.CUSTODY, "Sgt Ellis", None, WHY)
        else:
            by = room.doctor

        with pytest.raises(StatementRefused) as refusal:
            give_statement(clinic=room.clinic, episode=episode, to=to, key=key, by=by, at=now())

        assert "another" in [finding.code for finding in refusal.value.decision.refusals]
        assert Disclosure.objects.count() == 1

    @pytest.mark.parametrize("kind", ["housing", "probation", "gp"])
    def test_goes_to_no_agency_of_another_kind(self, kind: str) -> None:
        room = a_treatment_room()
        agency = AgencyFactory(kind=kind)
        consent_to(Purpose.DOSES, room.episode, by=room.nurse, at=now(), agency=agency)
        with pytest.raises(StatementRefused):
            give(room, agency)
        assert not Disclosure.objects.exists()

    def test_in_an_emergency_keeps_its_reason(self) -> None:
        room = a_treatment_room()
        stored = give(room, why=WHY)

        assert (stored.consent, stored.emergency_words, stored.number) == (None, WHY, 1)
        assert give(room, why=WHY).number == 2

    def test_rests_on_the_consent_where_one_stands_whatever_else_is_written(self) -> None:
        room = a_treatment_room()
        stored = give(room, share(room), why=WHY)
        assert stored.consent is not None and stored.emergency_words == ""

    @pytest.mark.parametrize("case", ["no consent", "taken back", "no reason", "another's", "sharing alone"])
    def test_is_refused_in_the_trail(self, case: str) -> None:
        room = a_treatment_room()
        agency = None if case == "no reason" else AgencyFactory()
        if case == "taken back":
            agency = share(room)
            withdraw(room, agency)
        if case == "sharing alone":
            consent_to(Purpose.SHARING, room.episode, by=room.nurse, at=now(), agency=agency)
        if case == "another's":
            ConsentFactory(purpose=Purpose.DOSES, agency=agency)

        with pytest.raises(StatementRefused):
            give(room, agency)
        assert not Disclosure.objects.exists()
        event = AuditEvent.objects.get(event="patients.statement_given", outcome="refused")
        assert event.detail["codes"] == ["emergency_words" if case == "no reason" else "no_consent"]

    def test_tells_of_a_drawn_dose_that_has_no_ending(self) -> None:
        room = a_treatment_room()
        room.prepare()

        said = what_is_said(person=room.patient, clinic=room.clinic, at=now())
        assert "may or may not have been given" in said["warnings"][0]
        assert f"{room.order.dose_mg} mg diamorphine were drawn up" in said["warnings"][0]

    def test_tells_a_newer_dose_of_imported_records_as_the_last(self) -> None:
        room = a_treatment_room()
        room.give()
        today = london_date(now())
        # The session just given is of the morning or of the afternoon; the imported one of that day is another.
        for days, slot, mg in ((0, "eve", 40), (1, "eve", 90), (1, "pm", 80), (3, "am", 70)):
            session = PlannedSessionFactory(
                clinic=room.clinic,
                patient=room.patient,
                episode=room.episode,
                service_date=today - timedelta(days=days),
                slot=slot,
                order=None,
                import_run=ImportRunFactory(),
            )
            SessionOutcome.objects.create(
                session=session, outcome="given", given_mg=mg, import_run=session.import_run
            )

        facts = get_statement_facts(patient_id=room.patient.id, clinic=room.clinic, at=now())

        assert facts.last_earlier == EarlierDose(today, "evening", 40)
        said = what_is_said(person=room.patient, clinic=room.clinic, at=now())
        assert "And of the same day: 40 mg diamorphine" in said["last_injection"]

    def test_takes_the_same_number_of_queries_for_more_doses(self) -> None:
        room = a_treatment_room()
        with CaptureQueriesContext(connection) as none:
            what_is_said(person=room.patient, clinic=room.clinic, at=now())
        room.give()
        with CaptureQueriesContext(connection) as one:
            what_is_said(person=room.patient, clinic=room.clinic, at=now())

        assert len(one) == len(none) <= 12


@pytest.mark.django_db
class TestInTheDatabase:
    def test_rests_on_one_consent_or_an_emergency(self) -> None:
        assert DisclosureFactory(emergency_words="x" * 20).pk
        with refused_by("disclosure_rests_on_consent_or_emergency"):
            DisclosureFactory(emergency_words="x" * 19)

    def test_names_who_it_is_for(self) -> None:
        with refused_by("disclosure_names_who_it_is_for"):
            DisclosureFactory(recipient="")

    def test_is_numbered_once(self) -> None:
        first = DisclosureFactory()
        with refused_by("disclosures_are_numbered_once"):
            DisclosureFactory(person=first.person)

    @pytest.mark.parametrize("case", ["another person", "another agency", "sharing alone", "withdrawn"])
    def test_rests_on_a_consent_that_stands(self, case: str) -> None:
        agency = AgencyFactory()
        consent = ConsentFactory(purpose=Purpose.DOSES, agency=agency)
        basis = {"person": consent.person, "agency": agency, "consent": consent, "emergency_words": ""}
        if case == "another person":
            basis["person"] = ConsentFactory().person
        elif case == "another agency":
            basis["agency"] = AgencyFactory()
        elif case == "sharing alone":
            basis["consent"] = ConsentFactory(person=consent.person, purpose=Purpose.SHARING, agency=agency)
        else:
            assert DisclosureFactory(**basis).pk
            ConsentWithdrawalFactory(consent=consent)
            basis["number"] = 2
        with refused_by("disclosure_rests_on_a_standing_consent"):
            DisclosureFactory(**basis)


@pytest.mark.race
class TestAWithdrawalAndAStatement:
    def test_a_statement_waits_for_a_withdrawal_and_is_refused(self, own_database: str) -> None:
        room = a_treatment_room()
        agency = share(room)
        refused: list[str] = []

        def tell() -> None:
            try:
                give(room, agency)
            except StatementRefused as refusal:
                refused.extend(finding.code for finding in refusal.decision.refusals)

        work = in_a_thread(tell)
        with transaction.atomic():
            lock_person(person_id=room.patient.id)
            work.start()
            wait_for_somebody_waiting()
            consent = room.patient.consents.get(purpose=Purpose.DOSES)
            ConsentWithdrawal.objects.create(consent=consent, withdrawn_at=now(), recorded_by=room.nurse)
        work.join(timeout=60)

        assert refused == ["no_consent"]
        assert not Disclosure.objects.exists()

    def test_needs_the_transaction_of_its_lock(self, own_database: str) -> None:
        room = a_treatment_room()
        with pytest.raises(TransactionManagementError):
            store_disclosure(
                person_id=room.patient.id,
                clinic=room.clinic,
                to=Recipient(None, "", None, ""),
                said={},
                key=uuid.uuid4(),
                by=room.nurse,
                at=now(),
            )


class TestThePage:
    def test_prints_in_two_taps_on_a_consent(self, clock: Clock, at_a_desk: SitDown) -> None:
        room = a_treatment_room()
        room.give()
        agency = share(room)
        desk = at_a_desk(room, room.nurse)
        page = desk.client.get(desk.address("give_statement"))
        sent = {
            "seal": page.context["seal"],
            "key": str(page.context["page"].agencies[0].key),
            "agency": str(agency.pk),
            "kind": "custody",
        }

        paper = desk.client.post(desk.address("give_statement"), sent, follow=True)

        assert "Northside custody" in words(page)
        assert paper["Content-Type"] == "application/pdf" and paper.content.startswith(b"%PDF")
        assert "no-store" in paper["Cache-Control"]
        row = Disclosure.objects.get()
        events = list(
            AuditEvent.objects.filter(event__contains="statement")
            .order_by("id")
            .values_list("event", flat=True)
        )
        assert events[-2:] == ["patients.statement_given", "dosing.statement_printed"]
        shown = words(desk.client.get(paper.redirect_chain[-1][0].replace("print-statement/", "")))
        assert "Northside custody" in shown and "proposes no dose" in shown
        assert row.number == 1

    def test_is_not_printed_again_once_the_consent_is_taken_back(
        self, clock: Clock, at_a_desk: SitDown
    ) -> None:
        room = a_treatment_room()
        agency = share(room)
        stored = give(room, agency)
        desk = at_a_desk(room, room.nurse)
        paper = f"{desk.address('give_statement').replace('give-statement', f'statements/{stored.pk}')}"
        before = desk.client.get(f"{paper}print-statement/")
        clock.pass_by(seconds=1)
        withdraw(room, agency)
        clock.pass_by(seconds=1)

        after = desk.client.get(f"{paper}print-statement/", follow=True)

        assert before["Content-Type"] == "application/pdf"
        assert "Nothing was printed." in words(after) and "was taken back" in words(after)
        assert AuditEvent.objects.filter(event="dosing.statement_printed").count() == 1

    def test_offers_each_agency_as_what_it_is_by_a_key_of_its_own(
        self, clock: Clock, at_a_desk: SitDown
    ) -> None:
        room = a_treatment_room()
        kinds = ["police", "hospital", "pharmacy", "housing"]
        for kind in kinds:
            agency = AgencyFactory(name=f"Northside {kind}", kind=kind)
            consent_to(Purpose.DOSES, room.episode, by=room.nurse, at=now(), agency=agency)
        consent_to(Purpose.SHARING, room.episode, by=room.nurse, at=now(), agency=AgencyFactory(name="Lodge"))
        desk = at_a_desk(room, room.nurse)

        page = desk.client.get(desk.address("give_statement"))

        told = page.context["page"].agencies
        assert [(one.agency.name, one.kind.value) for one in told] == [
            ("Northside hospital", "hospital"),
            ("Northside pharmacy", "pharmacy"),
            ("Northside police", "custody"),
        ]
        keys = {str(one.key) for one in told} | {str(page.context["form"]["key"].value())}
        assert len(keys) == 4 and all(key in page.content.decode() for key in keys)
        assert "Lodge" not in words(page) and "Northside housing" not in words(page)

    def test_of_an_emergency_is_printed_for_an_hour_without_its_reason(
        self, clock: Clock, at_a_desk: SitDown
    ) -> None:
        room = a_treatment_room()
        stored = give(room, why=WHY)
        desk = at_a_desk(room, room.nurse)
        shown = desk.address("give_statement").replace("give-statement", f"statements/{stored.pk}")
        row = get_stored_statement(
            clinic=room.clinic, patient_id=room.patient.id, statement_id=stored.pk, at=now()
        )
        assert row is not None and WHY not in f"{row.row.to} {row.row.basis}"
        assert "proposes no dose" in words(desk.client.get(shown))
        clock.pass_by(seconds=timedelta(hours=1).total_seconds())

        page = words(desk.client.get(shown))

        assert "more than an hour ago" in page and "proposes no dose" not in page
        assert "Nothing was printed." in words(desk.client.get(f"{shown}print-statement/", follow=True))

    def test_asks_for_a_reason_without_a_consent(self, clock: Clock, at_a_desk: SitDown) -> None:
        room = a_treatment_room()
        desk = at_a_desk(room, room.doctor)
        page = desk.client.get(desk.address("give_statement"))
        sent = {
            "seal": page.context["seal"],
            "key": str(page.context["form"]["key"].value()),
            "kind": "hospital",
            "recipient": "General Hospital, Dr Ray",
        }

        refused = desk.client.post(desk.address("give_statement"), sent)
        given = desk.client.post(desk.address("give_statement"), sent | {"emergency_words": WHY})

        assert "No consent to tell an agency of doses stands" in words(page)
        assert "write why it cannot wait" in words(refused)
        assert given.status_code == 302

    def test_is_of_who_opened_it_and_of_this_clinic(self, clock: Clock, at_a_desk: SitDown) -> None:
        room, elsewhere = a_treatment_room(), a_treatment_room()
        theirs, mine = at_a_desk(room, room.doctor), at_a_desk(room, room.nurse)
        seal = theirs.client.get(theirs.address("give_statement")).context["seal"]
        sent = {"seal": seal, "key": str(uuid.uuid4()), "kind": "hospital", "recipient": "X"}

        assert "opened by somebody else" in words(mine.client.post(mine.address("give_statement"), sent))
        assert mine.client.get(mine.address("give_statement", elsewhere.patient)).status_code == 404
        one = mine.address("give_statement").replace("give-statement", f"statements/{uuid.uuid4()}")
        assert mine.client.get(one).status_code == 404
        assert mine.client.get(f"{one}print-statement/").status_code == 404
        worker = at_a_desk(room, a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Hanif Rahman"))
        assert worker.client.get(worker.address("give_statement")).status_code == 403
