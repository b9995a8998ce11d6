"""The pages on which a consent is recorded and taken back."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import LONDON, now
from patients.actions.consents import withdraw_consent
from patients.models import Consent, ConsentWithdrawal, Episode
from patients.queries import has_consent
from patients.rules.consents import Purpose
from tests.factories import AgencyFactory, EpisodeFactory
from tests.factories.people import consent_to
from tests.integration.patients.pages import address, press, seal_of, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def episode(clinic) -> Episode:
    """Somebody who was asked about nothing yet."""
    return EpisodeFactory(clinic=clinic)


@pytest.fixture
def browser(client: Client, nurse, sign_in) -> Client:
    return sign_in(client, nurse)


def page_for(episode: Episode, purpose: Purpose) -> str:
    return f"{address('record_consent', episode)}?purpose={purpose.value}"


def said_yes(**changes: str) -> dict[str, str]:
    """Return a form as it is filled in for a yes of this minute."""
    wall = now().astimezone(LONDON)
    return {"how": "in_writing", "given_on": f"{wall:%d/%m/%Y}", "given_time": f"{wall:%H:%M}", **changes}


class TestRecordingAConsent:
    def test_begins_with_the_purpose(self, episode, browser) -> None:
        page = words(browser.get(address("record_consent", episode)))

        assert all(purpose.label.capitalize() in page for purpose in Purpose)

    def test_shows_the_words_and_that_they_are_a_draft(self, episode, browser) -> None:
        page = words(browser.get(page_for(episode, Purpose.TREATMENT)))

        assert "heroin made as a medicine" in page
        assert "Draft wording, to be approved by the clinic. Version 2026-11." in page

    @pytest.mark.parametrize("purpose", [one for one in Purpose if not one.needs_agency])
    def test_keeps_it(self, episode, browser, nurse, purpose) -> None:
        answer = press(browser, page_for(episode, purpose), said_yes())

        assert answer.status_code == 302
        assert has_consent(person_id=episode.person_id, purpose=purpose, at=now())
        assert Consent.objects.get().recorded_by == nurse

    def test_for_an_agency_names_it(self, episode, browser) -> None:
        agency = AgencyFactory()

        refused = press(browser, page_for(episode, Purpose.SHARING), said_yes())
        assert "Choose the agency." in words(refused)
        press(browser, page_for(episode, Purpose.SHARING), said_yes(agency=str(agency.id)))

        assert Consent.objects.get().agency == agency

    def test_that_was_spoken_names_who_heard_it(self, episode, browser, nurse, second_nurse) -> None:
        page = browser.get(page_for(episode, Purpose.PHOTO)).content.decode()
        assert f'value="{nurse.pk}"' not in page

        refused = press(browser, page_for(episode, Purpose.PHOTO), said_yes(how="spoken"))
        assert "Choose who heard it with you." in words(refused)
        press(browser, page_for(episode, Purpose.PHOTO), said_yes(how="spoken", witness=str(second_nurse.pk)))

        assert Consent.objects.get().witness == second_nurse

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"how": ""}, "Choose how they said yes."),
            ({"given_on": "yesterday"}, "Write the day as day/month/year"),
            ({"given_time": "half past"}, "Write the time with hours and minutes"),
            ({"given_on": ""}, "Write the day they said yes."),
        ],
    )
    def test_says_what_to_do(self, episode, browser, changes, sentence) -> None:
        answer = press(browser, page_for(episode, Purpose.PHOTO), said_yes(**changes))

        assert answer.status_code == 200 and sentence in words(answer)
        assert not Consent.objects.exists()

    def test_of_tomorrow_is_refused(self, episode, browser) -> None:
        tomorrow = (now() + timedelta(days=1)).astimezone(LONDON)

        answer = press(browser, page_for(episode, Purpose.PHOTO), said_yes(given_on=f"{tomorrow:%d/%m/%Y}"))

        assert "Write a time that is not in the future." in words(answer)

    def test_to_one_purpose_is_none_to_another(self, episode, browser) -> None:
        seal = seal_of(browser.get(page_for(episode, Purpose.PHOTO)))

        answer = browser.post(page_for(episode, Purpose.TREATMENT), {**said_yes(), "seal": seal})

        assert "opened by somebody else or for somebody else" in words(answer)
        assert not Consent.objects.exists()

    def test_is_a_look_at_the_person(self, episode, browser) -> None:
        browser.get(address("record_consent", episode))

        assert AuditEvent.objects.filter(event="patients.person_opened", person=episode.person_id).exists()


class TestTakingAConsentBack:
    def page(self, episode: Episode) -> str:
        return address("withdraw_consent", episode, consent_id=Consent.objects.get().id)

    def test_says_first_that_no_dose_is_given_any_more(self, episode, nurse, browser) -> None:
        consent_to(Purpose.TREATMENT, episode, by=nurse, at=now())

        page = words(browser.get(self.page(episode)))

        assert "What follows when you press: No dose is given any more from that moment." in page

    def test_to_share_says_that_treatment_goes_on(self, episode, nurse, browser) -> None:
        agency = AgencyFactory(name="Coast Homes")
        consent_to(Purpose.SHARING, episode, by=nurse, at=now(), agency=agency)

        page = words(browser.get(self.page(episode)))

        assert "sharing with Coast Homes" in page and "Treatment goes on as before." in page
        assert "No dose" not in page

    def test_to_a_force_says_what_it_was_to(self, episode, nurse, browser) -> None:
        force = AgencyFactory(name="Riverside Police", kind="police")
        consent_to(Purpose.POLICE, episode, by=nurse, at=now(), agency=force)

        page = words(browser.get(self.page(episode)))

        assert "telling of their offences, by Riverside Police" in page and "sharing with" not in page

    def test_takes_effect(self, episode, nurse, browser) -> None:
        consent_to(Purpose.TREATMENT, episode, by=nurse, at=now())

        answer = press(browser, self.page(episode), {"reason": "changed_mind"})

        assert answer.status_code == 302
        assert ConsentWithdrawal.objects.get().reason == "changed_mind"
        assert not has_consent(person_id=episode.person_id, purpose=Purpose.TREATMENT, at=now())

    def test_needs_no_reason(self, episode, nurse, browser) -> None:
        consent_to(Purpose.TREATMENT, episode, by=nurse, at=now())

        press(browser, self.page(episode), {"reason": ""})

        assert ConsentWithdrawal.objects.get().reason == ""

    def test_is_told_when_it_was_done_already(self, episode, nurse, browser) -> None:
        consent_to(Purpose.TREATMENT, episode, by=nurse, at=now())
        withdraw_consent(
            person_id=episode.person_id,
            clinic=episode.clinic,
            purpose=Purpose.TREATMENT,
            by=nurse,
            at=now(),
        )

        assert "This consent was taken back." in words(browser.get(self.page(episode)))

    def test_of_another_person_is_not_there(self, episode, clinic, nurse, browser) -> None:
        other = EpisodeFactory(clinic=clinic)
        consent_to(Purpose.TREATMENT, other, by=nurse, at=now())

        theirs = address("withdraw_consent", episode, consent_id=Consent.objects.get().id)
        missing = address("withdraw_consent", episode, consent_id=uuid.uuid4())

        assert browser.get(theirs).status_code == browser.get(missing).status_code == 404

    def test_without_the_seal_takes_nothing_back(
        self, episode, clinic, nurse, make_member, sign_in, browser
    ) -> None:
        consent_to(Purpose.TREATMENT, episode, by=nurse, at=now())
        seal = seal_of(browser.get(self.page(episode)))
        other = sign_in(Client(), make_member(clinic, Role.CASE_WORKER, "other"))

        answer = other.post(self.page(episode), {"reason": "", "seal": seal})

        assert "opened by somebody else" in words(answer)
        assert not ConsentWithdrawal.objects.exists()
