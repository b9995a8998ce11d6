"""Ending a treatment, and what it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from dosing.actions.preparations import PreparationRefused
from dosing.actions.visits import VisitRefused, note_arrival, record_not_given
from dosing.models import Visit
from dosing.queries.emergency_pages import get_start_page
from dosing.queries.orders import get_signing_facts
from dosing.rules.orders import Product
from dosing.rules.sessions import Outcome, Reason
from dosing.rules.signing import may_begin_order
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.actions.endings import TreatmentNotEnded, end_treatment
from patients.actions.people import open_episode
from patients.models import ConsentWithdrawal, Episode
from tests.factories import EpisodeFactory, UserFactory
from tests.factories.accounts import AgencyFactory
from tests.factories.around import RelationshipFactory
from tests.factories.emergencies import an_emergency
from tests.factories.patients import AssessmentFactory, ConsentFactory
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.integration.patients.pages import address, press, seal_of, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def episode(clinic) -> Episode:
    today = london_date(now())
    return EpisodeFactory(clinic=clinic, accepted_on=today - timedelta(days=40))


def arrived(room: TreatmentRoom) -> Visit:
    """Note that the person of a room has come and waits."""
    return note_arrival(
        clinic=room.clinic, patient_id=room.patient.id, session=room.session(), by=room.nurse, at=now()
    )


def not_given(room: TreatmentRoom) -> None:
    """End the session of the person of a room without a dose."""
    record_not_given(
        clinic=room.clinic,
        patient_id=room.patient.id,
        session=room.session(),
        outcome=Outcome.WITHHELD,
        reason=Reason.ILL,
        by=room.nurse,
        at=now(),
    )


@pytest.fixture
def enter(clinic, make_member, sign_in):
    """Return a function that gives the browser of a member of the clinic."""
    return lambda role: sign_in(Client(), make_member(clinic, role, f"a{role.value}"))


@pytest.mark.parametrize(
    ("part", "by_another", "lasts"),
    [("key_worker", True, False), ("aftercare", True, True), ("aftercare", False, False)],
)
def test_ends_who_worked_with_them_but_for_aftercare_that_somebody_else_named(
    episode: Episode, part: str, by_another: bool, lasts: bool
) -> None:
    named, doctor = UserFactory(), UserFactory()
    row = RelationshipFactory(
        person=episode.person,
        clinic=episode.clinic,
        colleague=named,
        part=part,
        added_by=UserFactory() if by_another else named,
        added_at=now(),
    )

    end_treatment(episode=episode, reason="transferred", by=doctor, at=now(), without_plan=True)

    row.refresh_from_db()
    assert (row.ended_at is None) is lasts
    assert lasts or row.ended_by == doctor
    assert AuditEvent.objects.filter(event="patients.relationship_ended").exists() is not lasts


class TestARestart:
    def test_needs_a_consent_an_assessment_and_an_order_of_its_own(self) -> None:
        room = a_treatment_room()
        agency = AgencyFactory()
        told = ConsentFactory(
            person=room.patient, purpose="doses", agency=agency, given_at=now(), recorded_at=now()
        )
        end_treatment(episode=room.episode, reason="dropped_out", without_plan=True, by=room.doctor, at=now())
        again = open_episode(
            person=room.patient, clinic=room.clinic, accepted_on=london_date(now()), by=room.doctor, at=now()
        )

        facts = get_signing_facts(
            episode=again, premises=room.premises, product=Product.DIAMORPHINE, signer=room.doctor, at=now()
        ).facts

        assert {"no_consent", "no_assessment"} <= {one.code for one in may_begin_order(facts).refusals}
        with pytest.raises(VisitRefused, match="not in treatment here"):
            room.identify()
        ended = ConsentWithdrawal.objects.get(consent__person=room.patient)
        assert (ended.consent.purpose, ended.reason) == ("treatment", "left")
        assert AuditEvent.objects.get(event="patients.consent_ended").detail == {"purpose": "treatment"}
        assert not ConsentWithdrawal.objects.filter(consent=told).exists()

        ConsentFactory(person=room.patient, purpose="treatment", given_at=now(), recorded_at=now())
        AssessmentFactory(episode=again, signed_at=now())
        facts = get_signing_facts(
            episode=again, premises=room.premises, product=Product.DIAMORPHINE, signer=room.doctor, at=now()
        ).facts
        assert not {"no_consent", "no_assessment"} & {one.code for one in may_begin_order(facts).refusals}


class TestEndingATreatment:
    def test_stores_the_day_and_why_and_tells_the_trail(self, episode: Episode) -> None:
        end_treatment(episode=episode, reason="withdrawn", without_plan=True, by=UserFactory(), at=now())

        episode.refresh_from_db()
        assert (episode.exited_on, episode.exit_reason) == (london_date(now()), "withdrawn")
        assert AuditEvent.objects.get(event="patients.treatment_ended").detail == {
            "reason": "withdrawn",
            "with_plan": False,
        }

    @pytest.mark.parametrize("reason", ["", "moved away"])
    def test_is_refused_without_a_reason_of_the_list(self, episode: Episode, reason: str) -> None:
        with pytest.raises(TreatmentNotEnded) as refusal:
            end_treatment(episode=episode, reason=reason, without_plan=True, by=UserFactory(), at=now())

        assert [one.code for one in refusal.value.decision] == ["no_reason"]
        assert AuditEvent.objects.get(event="patients.treatment_ended").outcome == "refused"

    def test_is_done_once(self, episode: Episode) -> None:
        end_treatment(episode=episode, reason="completed", without_plan=True, by=UserFactory(), at=now())
        with pytest.raises(TreatmentNotEnded, match="ended already"):
            end_treatment(episode=episode, reason="completed", without_plan=True, by=UserFactory(), at=now())

    def test_bars_whoever_comes_to_the_hatch(self) -> None:
        room = a_treatment_room()
        end_treatment(episode=room.episode, reason="completed", without_plan=True, by=room.doctor, at=now())

        with pytest.raises(VisitRefused, match="This person is not in treatment here"):
            room.identify()

    def test_bars_a_dose_of_somebody_who_is_checked_already(self) -> None:
        room = a_treatment_room()
        visit = room.checked()
        end_treatment(episode=room.episode, reason="completed", without_plan=True, by=room.doctor, at=now())

        with pytest.raises(PreparationRefused, match="This person is not in treatment here"):
            room.prepare(visit)

    @pytest.mark.parametrize("is_gone", [False, True])
    def test_takes_help_from_nobody_who_is_or_was_here(self, is_gone: bool) -> None:
        room = a_treatment_room()
        visit = room.identify()
        end_treatment(episode=room.episode, reason="completed", without_plan=True, by=room.doctor, at=now())
        if is_gone:
            not_given(room)

        page = get_start_page(clinic=room.clinic, by=None, at=now())
        begun = an_emergency(room)

        assert [one.patient_id for one in page.here] == [room.patient.id]
        assert begun.session_id == (None if is_gone else visit.session_id)

    @pytest.mark.parametrize("state", ["arrived", "identified", "checked"])
    def test_leaves_the_way_to_end_the_visit_of_somebody_who_is_here(
        self, sign_in_at_terminal, state: str
    ) -> None:
        room = a_treatment_room()
        come = {"arrived": arrived, "identified": TreatmentRoom.identify, "checked": TreatmentRoom.checked}
        visit = come[state](room)
        end_treatment(episode=room.episode, reason="completed", without_plan=True, by=room.doctor, at=now())
        enrol_totp(user=room.nurse, secret=None, by=None, at=now())
        browser = sign_in_at_terminal(Client(), room.nurse, room.terminal, room.terminal_secret)
        where = reverse("dosing:record_not_given", args=[room.clinic.code, room.patient.id])

        page = browser.get(where)
        seal = page.context["form"]["seal"].value()
        answer = browser.post(where, {"seal": seal, "why": "withheld/ill"})

        assert answer.status_code == 302
        visit.refresh_from_db()
        assert visit.state == "not_given"
        assert browser.get(where).status_code == 404


class TestThePage:
    def test_ends_a_treatment(self, episode: Episode, enter) -> None:
        browser = enter(Role.CLINICAL_LEAD)

        answer = press(
            browser, address("end_treatment", episode), {"reason": "completed", "without_plan": "on"}
        )

        assert answer.status_code == 302
        episode.refresh_from_db()
        assert episode.exit_reason == "completed"
        assert browser.get(address("end_treatment", episode)).status_code == 404

    def test_asks_for_a_reason(self, episode: Episode, enter) -> None:
        answer = press(enter(Role.DOCTOR), address("end_treatment", episode), {})
        assert "Choose why the treatment ends." in words(answer)

    def test_is_of_who_opened_it(self, episode: Episode, enter) -> None:
        seal = seal_of(enter(Role.DOCTOR).get(address("end_treatment", episode)))

        answer = enter(Role.CLINICAL_LEAD).post(
            address("end_treatment", episode), {"reason": "completed", "without_plan": "on", "seal": seal}
        )

        assert "opened by somebody else" in words(answer)
        episode.refresh_from_db()
        assert episode.exited_on is None

    @pytest.mark.parametrize("role", [Role.NURSE, Role.PRESCRIBER, Role.CASE_WORKER])
    def test_is_closed_to_others(self, episode: Episode, enter, role: Role) -> None:
        assert enter(role).get(address("end_treatment", episode)).status_code == 403
