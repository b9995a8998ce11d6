"""What the agency and the clinic see, and what neither may."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import has_second_factor
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.models import Episode
from patients.rules.consents import Purpose
from referrals.actions import accept_referral, decline_referral
from referrals.models import Referral, ReferralDecision
from referrals.queries.asking import list_own_referrals
from referrals.queries.deciding import list_referrals
from referrals.rules.asking import Flag, Treatment
from referrals.rules.deciding import DeclineReason
from tests.factories.people import consent_to
from tests.factories.referrals import WRITTEN, a_referral, agency_of, nhs_number_of, somebody
from tests.factories.treatment import a_clinic, a_member_of_staff, a_patient_in_treatment

pytestmark = pytest.mark.django_db

ANSWERS: dict[str, str] = {
    "given_names": "Robin",
    "family_name": "Dale",
    "born_on": "04/05/1986",
    "sex": "U",
    "nhs_number": "",
    "has_home": "no",
    "address": "",
    "reach": "",
    "concern": "",
    "has_agreed": "yes",
    "contact": "01632 960123",
    **{f"flag_{flag}": "unknown" for flag in Flag},
    **{f"tried_{treatment}": "unknown" for treatment in Treatment},
}


@pytest.fixture
def clinic():
    return a_clinic(places=2)


@pytest.fixture
def referrer(clinic):
    return a_member_of_staff(clinic, Role.REFERRER, name="Rowan Hale")


@pytest.fixture
def other_referrer(clinic):
    return a_member_of_staff(clinic, Role.REFERRER, name="Ash Carter")


@pytest.fixture
def doctor(clinic):
    return a_member_of_staff(clinic, Role.DOCTOR, name="Dr Priya Nair")


@pytest.fixture
def nurse(clinic):
    return a_member_of_staff(clinic, Role.NURSE, name="Grace Okafor")


@pytest.fixture
def visit(clinic, sign_in):
    """Return a function that opens, or with data sends, a page of the referrals as somebody."""

    def go(name: str, by: Any, *parts: Any, data: dict[str, str] | None = None) -> Any:
        if not has_second_factor(user=by):
            enrol_totp(user=by, secret=None, by=None, at=now())
        client = sign_in(Client(), by)
        address = reverse(f"referrals:{name}", args=[clinic.code, *parts])
        return client.get(address) if data is None else client.post(address, data)

    return go


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def shown(answer: Any) -> bytes:
    """Return a page's bytes without the form's token, which is drawn anew for each page."""
    return re.sub(rb'csrfmiddlewaretoken" value="[^"]*"', b"", answer.content)


def queries_with(look: Callable[[], None], referrals: int, clinic: Clinic, referrer: User) -> int:
    """Return how many queries a page costs once so many more referrals are there."""
    for _ in range(referrals):
        a_referral(clinic, by=referrer)
    with CaptureQueriesContext(connection) as captured:
        look()
    return len(captured)


class TestListOwnReferrals:
    def test_says_so_while_there_is_none(self, visit, referrer):
        assert "No referral of yours is open." in words(visit("list_own_referrals", referrer))

    def test_shows_initials_and_a_word_and_nothing_that_the_agency_need_not_see(
        self, clinic, visit, referrer, doctor
    ):
        number = nhs_number_of(800)
        referral = a_referral(clinic, by=referrer, person=somebody(nhs_number=number))
        decline_referral(referral_id=referral.id, reason=DeclineReason.NOT_SAFE, by=doctor, at=now())

        for page in (
            words(visit("list_own_referrals", referrer)),
            words(visit("see_own_referral", referrer, referral.id)),
        ):
            assert "R. D." in page
            assert "born 1986" in page
            assert "not this time" in page.lower()
            for hidden in ("Robin", "Dale", number, "4 May", DeclineReason.NOT_SAFE.label, doctor.full_name):
                assert hidden not in page

    def test_shows_another_agencys_to_nobody_else(self, clinic, visit, referrer, other_referrer):
        a_referral(clinic, by=referrer)

        assert "No referral of yours is open." in words(visit("list_own_referrals", other_referrer))

    def test_costs_the_same_queries_for_one_and_for_many(self, clinic, referrer):
        agency_id = agency_of(referrer, clinic).pk

        def look():
            list_own_referrals(agency_id=agency_id, clinic=clinic, at=now())

        assert queries_with(look, 1, clinic, referrer) == queries_with(look, 12, clinic, referrer)


class TestSeeOwnReferral:
    def test_of_another_agency_is_byte_alike_a_missing_one(self, clinic, visit, referrer, other_referrer):
        theirs = a_referral(clinic, by=referrer)

        for name in ("see_own_referral", "withdraw_referral"):
            other, missing = (
                visit(name, other_referrer, referral_id) for referral_id in (theirs.id, uuid.uuid4())
            )
            assert other.status_code == missing.status_code == 404
            assert shown(other) == shown(missing)

    def test_says_nothing_of_another_agencys_referral_of_the_person(
        self, clinic, visit, referrer, other_referrer
    ):
        a_referral(clinic, by=referrer, person=WRITTEN)
        again = a_referral(clinic, by=other_referrer, person=WRITTEN)
        alone = a_referral(clinic, by=other_referrer)

        shown, plain = (
            words(visit("see_own_referral", other_referrer, referral.id)) for referral in (again, alone)
        )

        assert strip_reference(shown) == strip_reference(plain)

    def test_tells_of_a_start_only_with_the_persons_consent_to_share_with_this_agency(
        self, clinic, visit, referrer, doctor
    ):
        referral = a_referral(clinic, by=referrer)
        episode = accept_referral(referral=referral, assessed_on=referral.referred_on, by=doctor, at=now())
        Episode.objects.filter(id=episode.id).update(started_on=episode.accepted_on)
        before = words(visit("see_own_referral", referrer, referral.id))

        consent_to(Purpose.SHARING, episode, by=doctor, at=now(), agency=referral.agency)

        after = words(visit("see_own_referral", referrer, referral.id))
        assert "Now: accepted." in before
        assert "we tell you this only if the person agrees" in before
        assert "Now: started." in after

    def test_is_looked_at_on_the_record(self, clinic, visit, referrer):
        referral = a_referral(clinic, by=referrer)

        visit("list_own_referrals", referrer)
        visit("see_own_referral", referrer, referral.id)

        looks = AuditEvent.objects.filter(actor=referrer, person=referral.id, event__endswith="_seen")
        assert [look.event for look in looks.order_by("id")] == [
            "referrals.own_list_seen",
            "referrals.own_referral_seen",
        ]


def strip_reference(page: str) -> str:
    return re.sub(r"[0-9A-F]{4}-[0-9A-F]{4}|\d\d:\d\d", "", page)


class TestReferPerson:
    def test_sends_once_however_often_it_is_pressed(self, visit, referrer):
        data = ANSWERS | {"key": str(uuid.uuid4())}

        first, again = visit("refer_person", referrer, data=data), visit("refer_person", referrer, data=data)

        referral = Referral.objects.get()
        assert first.status_code == again.status_code == 302
        assert (
            first.url
            == again.url
            == reverse("referrals:see_own_referral", args=[referral.clinic.code, referral.id])
        )

    def test_keeps_what_a_treatment_unfolded_only_where_it_was_tried(self, visit, referrer):
        data = ANSWERS | {"key": str(uuid.uuid4()), "tried_methadone": "yes", "tried_detox": "no"}
        for treatment in ("methadone", "detox"):
            data |= {f"tried_{treatment}_year": "2024", f"tried_{treatment}_ending": "prison"}

        visit("refer_person", referrer, data=data)

        tried = {
            row.treatment: (row.last_year, row.ending) for row in Referral.objects.get().treatments.all()
        }
        assert (tried["methadone"], tried["detox"]) == ((2024, "prison"), (None, ""))

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"born_on": "31/02/1986"}, "There is no such day."),
            ({"born_on": "04/05/2990"}, "The date of birth is in the future."),
            ({"born_on": "01/01/2020"}, "This person is under 18."),
            ({"born_on": "01/01/1850"}, "more than 110 years ago"),
            ({"nhs_number": "9990000000"}, "That is not an NHS number"),
            ({"has_home": "yes"}, "Write the address, or choose “Do not know”."),
            ({"has_agreed": "no"}, "only when the person knows of it and agrees"),
            ({"flag_overdose": ""}, "“Do not know” is fine."),
            ({"tried_detox": "yes", "tried_detox_year": "1066"}, "Detox: write a year from 1960"),
            ({"contact": ""}, "at which we reach you"),
        ],
    )
    def test_says_what_to_do_and_keeps_what_was_typed(self, visit, referrer, changes, sentence):
        data = ANSWERS | {"key": str(uuid.uuid4()), "reach": "Ask Jo at the shelter"} | changes

        page = visit("refer_person", referrer, data=data)

        assert page.status_code == 200
        assert sentence in words(page)
        assert "Ask Jo at the shelter" in page.content.decode()
        assert not Referral.objects.exists()

    def test_refuses_the_form_of_another_person_under_the_same_key(self, visit, referrer):
        data = ANSWERS | {"key": str(uuid.uuid4())}
        visit("refer_person", referrer, data=data)

        page = visit("refer_person", referrer, data=data | {"given_names": "Kim"})

        assert "Nothing was sent. This form was sent before" in words(page)
        assert Referral.objects.count() == 1


class TestWithdrawReferral:
    def test_takes_it_back_with_a_reason(self, clinic, visit, referrer):
        referral = a_referral(clinic, by=referrer)

        without = visit("withdraw_referral", referrer, referral.id, data={})
        done = visit("withdraw_referral", referrer, referral.id, data={"reason": "moved"})

        assert "Choose why you take it back." in words(without)
        assert done.status_code == 302
        assert ReferralDecision.objects.get().outcome == "withdrawn"

    def test_is_refused_in_words_once_decided(self, clinic, visit, referrer, doctor):
        referral = a_referral(clinic, by=referrer)
        decline_referral(referral_id=referral.id, reason=DeclineReason.OTHER, by=doctor, at=now())

        page = visit("withdraw_referral", referrer, referral.id, data={"reason": "moved"})

        assert "This referral was decided already." in words(page)
        assert "It can no longer be taken back." in words(visit("withdraw_referral", referrer, referral.id))


class TestListReferrals:
    def test_says_so_while_nobody_waits(self, visit, nurse):
        page = words(visit("list_referrals", nurse))

        assert "0 of 2 places taken, 2 free" in page
        assert "Nobody is waiting." in page

    def test_puts_who_waits_longest_first_and_marks_repeats(
        self, clinic, visit, nurse, referrer, other_referrer
    ):
        late = a_referral(clinic, by=referrer, person=somebody(family_name="Later"))
        early = a_referral(clinic, by=referrer, person=somebody(family_name="Earlier"))
        Referral.objects.filter(id=early.id).update(referred_on=late.referred_on - timedelta(days=9))
        a_referral(clinic, by=other_referrer, person=somebody(family_name="Later"))

        page = words(visit("list_referrals", nurse))

        assert page.index("Earlier") < page.index("Later")
        assert "9 days" in page
        assert "2 of 7" in page
        assert page.count("Referred more than once") == 2

    def test_loses_who_was_decided_from_the_waiting(self, clinic, visit, nurse, referrer, doctor):
        referral = a_referral(clinic, by=referrer)
        accept_referral(referral=referral, assessed_on=referral.referred_on, by=doctor, at=now())

        page = words(visit("list_referrals", nurse))

        assert "1 of 2 places taken, 1 free" in page
        assert "Waiting (0)" in page
        assert "Accepted" in page

    def test_costs_the_same_queries_for_one_and_for_many(self, clinic, referrer):
        def look():
            list_referrals(clinic=clinic, at=now())

        assert queries_with(look, 1, clinic, referrer) == queries_with(look, 12, clinic, referrer)


class TestSeeReferral:
    def test_shows_all_that_was_written_and_who_else_wrote(
        self, clinic, visit, nurse, referrer, other_referrer
    ):
        a_referral(clinic, by=other_referrer, person=WRITTEN)
        referral = a_referral(clinic, by=referrer, person=WRITTEN)

        page = words(visit("see_referral", nurse, referral.id))

        for shown in (
            "Robin Dale",
            "4 May 1986",
            "No fixed abode",
            "The night shelter, after eight",
            "Arrested eleven times since spring.",
            "Tried, did not last: last in 2024, used on top",
            "Also referred by",
            "Rowan Hale",
            "A prescriber or the clinical lead decides.",
        ):
            assert shown in page, shown

    def test_shows_who_may_be_the_same_here_and_nobody_of_another_clinic(
        self, clinic, visit, doctor, referrer
    ):
        here = a_patient_in_treatment(clinic, by=doctor).person
        there = a_patient_in_treatment(a_clinic(), by=doctor).person
        ours, theirs = (
            a_referral(
                clinic,
                by=referrer,
                person=somebody(given_names="Danny", family_name=person.family_name, born_on=person.born_on),
            )
            for person in (here, there)
        )

        assert "in treatment here" in words(visit("see_referral", doctor, ours.id))
        assert "May be known here" not in words(visit("see_referral", doctor, theirs.id))
        assert AuditEvent.objects.filter(event="referrals.referral_seen", person=here.id).count() == 1
        assert not AuditEvent.objects.filter(event="referrals.referral_seen", person=there.id).exists()

    def test_bars_accepting_with_its_reason_while_every_place_is_taken(self, clinic, visit, doctor, referrer):
        for _ in range(2):
            taken = a_referral(clinic, by=referrer)
            accept_referral(referral=taken, assessed_on=taken.referred_on, by=doctor, at=now())
        referral = a_referral(clinic, by=referrer)

        page = visit("see_referral", doctor, referral.id)

        assert "All 2 places are taken." in words(page)
        assert (
            'class="nhsuk-button hat-button--barred" role="button" href="#findings"' in page.content.decode()
        )
        assert "disabled" not in page.content.decode().split("<main")[1]

    def test_tells_the_agency_that_it_is_being_looked_at_once_a_decider_looked(
        self, clinic, visit, nurse, doctor, referrer
    ):
        referral = a_referral(clinic, by=referrer)

        visit("see_referral", nurse, referral.id)
        after_the_nurse = words(visit("see_own_referral", referrer, referral.id))
        visit("see_referral", doctor, referral.id)
        after_the_doctor = words(visit("see_own_referral", referrer, referral.id))

        assert "Now: received." in after_the_nurse
        assert "Now: being looked at." in after_the_doctor


class TestDeciding:
    def test_accepts_into_a_place_and_leaves_the_list(self, clinic, visit, doctor, referrer):
        referral = a_referral(clinic, by=referrer)
        data = {"assessed_on": f"{referral.referred_on:%d/%m/%Y}"}

        first, again = (visit("accept_referral", doctor, referral.id, data=data) for _ in range(2))

        assert first.status_code == again.status_code == 302
        assert Episode.objects.get().clinic == clinic

    @pytest.mark.parametrize(
        ("day", "sentence"),
        [
            ("", "Write the day of the assessment."),
            ("01/01/2020", "before the referral"),
            ("01/01/2999", "in the future"),
        ],
    )
    def test_says_what_is_wrong_with_the_day(self, clinic, visit, doctor, referrer, day, sentence):
        referral = a_referral(clinic, by=referrer)

        page = visit("accept_referral", doctor, referral.id, data={"assessed_on": day})

        assert sentence in words(page)
        assert not Episode.objects.exists()

    def test_asks_who_it_is_where_somebody_may_be_known(self, clinic, visit, doctor, referrer):
        known = a_patient_in_treatment(clinic, by=doctor).person
        Episode.objects.update(exited_on=london_date(now()), exit_reason="completed")
        referral = a_referral(
            clinic,
            by=referrer,
            person=somebody(given_names="Danny", family_name=known.family_name, born_on=known.born_on),
        )
        data = {"assessed_on": f"{referral.referred_on:%d/%m/%Y}"}

        unasked = visit("accept_referral", doctor, referral.id, data=data)
        chosen = visit("accept_referral", doctor, referral.id, data=data | {"who": str(known.id)})

        assert "Choose whether this is somebody known here or somebody new." in words(unasked)
        assert chosen.status_code == 302
        assert Episode.objects.get(exited_on__isnull=True).person == known

    def test_refuses_somebody_in_treatment_elsewhere_without_saying_where(
        self, clinic, visit, doctor, referrer
    ):
        elsewhere = a_clinic()
        person = somebody(nhs_number=nhs_number_of(810))
        there = a_member_of_staff(elsewhere, Role.REFERRER, name="Kim Fry")
        theirs = a_referral(elsewhere, by=there, person=person)
        accept_referral(referral=theirs, assessed_on=theirs.referred_on, by=doctor, at=now())
        referral = a_referral(clinic, by=referrer, person=person)

        page = visit(
            "accept_referral", doctor, referral.id, data={"assessed_on": f"{referral.referred_on:%d/%m/%Y}"}
        )

        assert "This person is already in treatment." in words(page)
        assert elsewhere.code not in words(page)

    def test_bars_the_page_of_accepting_while_every_place_is_taken(self, clinic, visit, doctor, referrer):
        for _ in range(2):
            taken = a_referral(clinic, by=referrer)
            accept_referral(referral=taken, assessed_on=taken.referred_on, by=doctor, at=now())
        referral = a_referral(clinic, by=referrer)

        opened = visit("accept_referral", doctor, referral.id)
        sent = visit(
            "accept_referral", doctor, referral.id, data={"assessed_on": f"{referral.referred_on:%d/%m/%Y}"}
        )

        assert "hat-button--barred" in opened.content.decode()
        assert "All 2 places are taken." in words(sent)

    def test_closes_without_accepting(self, clinic, visit, doctor, referrer):
        referral = a_referral(clinic, by=referrer)

        without = visit("decline_referral", doctor, referral.id, data={})
        done = visit("decline_referral", doctor, referral.id, data={"reason": "not_wanted"})

        assert "Choose why the person is not taken in." in words(without)
        assert done.status_code == 302
        assert "The agency is not told why." in words(visit("see_referral", doctor, referral.id))
        assert "This referral is decided." in words(visit("decline_referral", doctor, referral.id))

    def test_is_refused_in_words_for_what_was_taken_back(self, clinic, visit, doctor, referrer):
        referral = a_referral(clinic, by=referrer)
        visit("withdraw_referral", referrer, referral.id, data={"reason": "moved"})
        day = f"{london_date(now()):%d/%m/%Y}"

        for name, data in (
            ("decline_referral", {"reason": "other"}),
            ("plan_assessment", {"due_on": day}),
        ):
            assert "decided already" in words(visit(name, doctor, referral.id, data=data))
        assert "was closed" in words(visit("accept_referral", doctor, referral.id, data={"assessed_on": day}))

    def test_plans_the_assessment(self, clinic, visit, doctor, referrer):
        referral = a_referral(clinic, by=referrer)
        today = london_date(now())

        past = visit(
            "plan_assessment", doctor, referral.id, data={"due_on": f"{today - timedelta(days=1):%d/%m/%Y}"}
        )
        done = visit("plan_assessment", doctor, referral.id, data={"due_on": f"{today:%d/%m/%Y}"})

        assert "That day is over." in words(past)
        assert done.status_code == 302
        assert "Now: assessment." in words(visit("see_own_referral", referrer, referral.id))
