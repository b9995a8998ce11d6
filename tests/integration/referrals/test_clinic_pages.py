"""What the clinic sees of the referrals made to it, and deciding them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.models import Episode
from referrals.actions import accept_referral
from referrals.models import Referral
from referrals.queries.deciding import list_referrals
from tests.factories.referrals import WRITTEN, a_referral, nhs_number_of, somebody
from tests.factories.treatment import a_clinic, a_member_of_staff, a_patient_in_treatment
from tests.integration.referrals.reading import queries_with, words

pytestmark = pytest.mark.django_db


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
        assert page.count("Referred more than once") == 1
        assert page.count("Later") == 1

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
            "Tried : not known to 2024, used on top",
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
            ("01/01/2199", "in the future"),
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

        assert "is in treatment at another clinic of the network" in words(page)
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
