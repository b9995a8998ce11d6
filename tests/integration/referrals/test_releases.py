"""People expected out of prison, the line, the letter, and somebody treated elsewhere."""

from __future__ import annotations

import uuid
from datetime import time, timedelta

import pytest

from hat_clinic.accounts.models import Agency
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.models import Episode
from referrals.actions import (
    ReleaseRefused,
    accept_referral,
    decline_referral,
    plan_release,
    tell_release,
)
from referrals.models import Referral, ReleasePlan
from referrals.queries.releases import get_release_plan, list_releases
from referrals.rules.deciding import DeclineReason
from tests.factories.patients import PersonFactory
from tests.factories.referrals import (
    ReferralFactory,
    a_referral,
    agency_of,
    nhs_number_of,
    somebody,
)
from tests.factories.treatment import a_clinic, a_member_of_staff, a_patient_in_treatment
from tests.integration.referrals.reading import queries_with, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker(clinic):
    return a_member_of_staff(clinic, Role.CASE_WORKER, name="Hanif Rahman")


@pytest.fixture
def refer(clinic, referrer):
    def make(days=None, **changes) -> Referral:
        release_on = None if days is None else today() + timedelta(days=days)
        return a_referral(clinic, by=referrer, person=somebody(release_on=release_on, **changes))

    return make


def today():
    return london_date(now())


def written(day):
    return f"{day:%d/%m/%Y}"


class TestTheListOfReleases:
    def test_holds_14_days_and_those_only(self, clinic, refer):
        soon = [refer(days) for days in (14, 0, 3)]
        refer(15)
        refer()

        rows = list_releases(clinic=clinic, today=today()).rows

        assert [row.id for row in rows] == [soon[1].id, soon[2].id, soon[0].id]
        assert [row.days for row in rows] == [0, 3, 14]

    def test_keeps_who_was_due_at_the_top_until_they_started(self, clinic, refer, doctor):
        coming, due, started = refer(5), refer(1), refer(1)
        episode = accept_referral(referral=started, assessed_on=today(), by=doctor, at=now())
        later = today() + timedelta(days=2)
        both = [row.id for row in list_releases(clinic=clinic, today=later).rows]
        assert set(both[:2]) == {due.id, started.id}

        Episode.objects.filter(id=episode.id).update(started_on=today())
        rows = list_releases(clinic=clinic, today=later).rows

        assert [(row.id, row.days_ago) for row in rows] == [(due.id, 1), (coming.id, 0)]

    def test_keeps_who_is_accepted_and_loses_who_is_not(self, clinic, refer, doctor):
        taken, declined = refer(3), refer(4)
        accept_referral(referral=taken, assessed_on=today(), by=doctor, at=now())
        decline_referral(referral_id=declined.id, reason=DeclineReason.NOT_SAFE, by=doctor, at=now())

        rows = list_releases(clinic=clinic, today=today()).rows

        assert [(row.id, row.state) for row in rows] == [(taken.id, "Accepted")]

    def test_is_shown_to_case_workers_and_nurses_with_a_look_at_each(self, visit, refer, worker, nurse):
        assert "Nobody is expected out of prison" in words(visit("list_releases", worker))
        referral = refer(3, family_name="Quill")

        page = visit("list_releases", worker)
        assert "Robin Quill" in words(page)
        assert "No time yet" in words(page)
        assert f"referrals/{referral.id}/" not in page.content.decode()
        assert f"referrals/{referral.id}/" in visit("list_releases", nurse).content.decode()
        seen = AuditEvent.objects.filter(event="referrals.releases_seen", person=referral.id)
        assert seen.count() == 2

    def test_costs_the_same_queries_for_one_and_for_many(self, clinic, referrer, refer):
        def look():
            list_releases(clinic=clinic, today=today())

        refer(1)
        one = queries_with(look, 0, clinic, referrer)
        for days in range(12):
            refer(days)
        assert queries_with(look, 0, clinic, referrer) == one


class TestPlanRelease:
    def test_sets_the_time_on_the_day_of_release(self, visit, refer, worker):
        referral = refer(3)
        day = today() + timedelta(days=3)
        assert "Referred by" in words(visit("plan_release", worker, referral.id))

        done = visit(
            "plan_release",
            worker,
            referral.id,
            data={"release_on": written(day), "appointment_at": "14:30"},
        )

        assert done.status_code == 302
        plan = get_release_plan(referral)
        assert (plan.number, plan.release_on, plan.appointment_at) == (2, day, time(14, 30))
        assert "14:30 on that day" in words(visit("list_releases", worker))

    def test_adds_nothing_when_it_is_saved_again(self, refer, worker):
        referral = refer(3)
        plan = {"release_on": today() + timedelta(days=3), "appointment_at": time(9), "by": worker}
        for _ in range(2):
            plan_release(referral_id=referral.id, at=now(), **plan)

        assert ReleasePlan.objects.filter(referral=referral).count() == 2
        assert AuditEvent.objects.filter(event="referrals.release_planned").count() == 1

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            ({"release_on": "31/02/2099"}, "there is no such day"),
            ({"release_on": ""}, "Write the day of the expected release."),
            ({"release_on": "01/01/2020"}, "The expected release is over."),
            ({"release_on": "01/01/2099"}, "more than two years away"),
            ({"release_on": "01/01/2027", "appointment_at": "25:00"}, "Write the time as hour and minute"),
        ],
        ids=["no day", "nothing", "over", "far", "no time"],
    )
    def test_says_what_is_wrong(self, visit, refer, worker, data, sentence):
        assert sentence in words(visit("plan_release", worker, refer(3).id, data=data))

    def test_is_missing_for_a_closed_one_and_another_clinics(self, visit, refer, worker, doctor):
        closed = refer(3)
        decline_referral(referral_id=closed.id, reason=DeclineReason.NOT_SAFE, by=doctor, at=now())
        elsewhere = ReferralFactory(person=PersonFactory())

        for referral_id in (closed.id, elsewhere.id, uuid.uuid4()):
            assert visit("plan_release", worker, referral_id).status_code == 404
        with pytest.raises(ReleaseRefused, match="closed"):
            plan_release(referral_id=closed.id, release_on=today(), appointment_at=None, by=doctor, at=now())

    def test_may_name_the_first_day(self, visit, refer, worker):
        referral = refer()

        visit("plan_release", worker, referral.id, data={"release_on": written(today())})

        assert get_release_plan(referral).release_on == today()


class TestTellRelease:
    def test_moves_the_day_and_leaves_the_time_to_the_clinic(self, clinic, visit, refer, referrer, worker):
        referral = refer(3)
        plan_release(
            referral_id=referral.id,
            release_on=today() + timedelta(days=3),
            appointment_at=time(9),
            by=worker,
            at=now(),
        )
        later = today() + timedelta(days=5)
        page = words(visit("tell_release", referrer, referral.id))
        assert "A new day replaces it." in page

        visit("tell_release", referrer, referral.id, data={"release_on": written(later)})

        plan = get_release_plan(referral)
        assert (plan.release_on, plan.appointment_at) == (later, None)
        assert "Expected release:" in words(visit("see_own_referral", referrer, referral.id))

    def test_of_the_same_day_keeps_the_time(self, clinic, refer, referrer, worker):
        referral, day = refer(3), today() + timedelta(days=3)
        plan_release(referral_id=referral.id, release_on=day, appointment_at=time(9), by=worker, at=now())

        tell_release(
            referral_id=referral.id,
            agency_id=agency_of(referrer, clinic).pk,
            release_on=day,
            by=referrer,
            at=now(),
        )

        assert get_release_plan(referral).appointment_at == time(9)

    def test_never_reads_the_day_that_the_clinic_heard_elsewhere(self, visit, refer, referrer, worker):
        referral = refer(3)
        own, heard = (today() + timedelta(days=days) for days in (3, 6))
        plan_release(referral_id=referral.id, release_on=heard, appointment_at=None, by=worker, at=now())

        for page in ("see_own_referral", "tell_release", "print_own_letter"):
            assert f"{heard:%-d %B %Y}" not in words(visit(page, referrer, referral.id))
        assert f"{own:%-d %B %Y}" in words(visit("see_own_referral", referrer, referral.id))
        assert f'value="{written(own)}"' in visit("tell_release", referrer, referral.id).content.decode()

    def test_says_what_is_wrong_or_closed(self, visit, refer, referrer, doctor):
        referral = refer(3)
        over = words(visit("tell_release", referrer, referral.id, data={"release_on": "01/01/2020"}))
        decline_referral(referral_id=referral.id, reason=DeclineReason.NOT_SAFE, by=doctor, at=now())
        closed = words(visit("tell_release", referrer, referral.id, data={"release_on": written(today())}))

        assert "The expected release is over." in over
        assert "This referral was closed." in closed

    def test_is_offered_to_a_prison_before_it_told_a_day(self, clinic, visit, refer, referrer):
        Agency.objects.filter(id=agency_of(referrer, clinic).pk).update(kind="prison")

        assert "Tell the release" in words(visit("see_own_referral", referrer, refer().id))


class TestTheLine:
    def test_says_of_each_why_they_stand_there(self, clinic, visit, nurse, refer):
        refer(family_name="Longest")
        Referral.objects.update(referred_on=today() - timedelta(days=40))
        release = refer(5, family_name="Release")
        Referral.objects.filter(id=release.id).update(source="prison")

        page = words(visit("list_referrals", nurse))

        assert page.index("Robin Release") < page.index("Robin Longest")
        assert "Release expected on" in page
        assert "Nothing else moves anybody." in page

    @pytest.mark.parametrize(
        ("source", "moves"), [("police", False), ("housing", False), ("probation", True)]
    )
    def test_is_moved_by_those_who_know_of_the_release_or_by_an_appointment(
        self, visit, nurse, worker, refer, source, moves
    ):
        refer(family_name="Longest")
        Referral.objects.update(referred_on=today() - timedelta(days=40))
        told = refer(5, family_name="Told")
        Referral.objects.filter(id=told.id).update(source=source)

        page = words(visit("list_referrals", nurse))
        assert (page.index("Robin Told") < page.index("Robin Longest")) is moves

        day = today() + timedelta(days=5)
        plan_release(referral_id=told.id, release_on=day, appointment_at=time(9), by=worker, at=now())
        page = words(visit("list_referrals", nurse))
        assert page.index("Robin Told") < page.index("Robin Longest")

    def test_takes_the_release_from_any_referral_about_the_person(
        self, clinic, visit, nurse, refer, other_referrer
    ):
        number = nhs_number_of(930)
        refer(family_name="Longest")
        Referral.objects.update(referred_on=today() - timedelta(days=40))
        refer(nhs_number=number, family_name="Other")
        second = a_referral(
            clinic,
            by=other_referrer,
            person=somebody(nhs_number=number, release_on=today() + timedelta(days=2)),
        )
        Referral.objects.filter(id=second.id).update(source="prison")

        page = words(visit("list_referrals", nurse))

        assert page.index("Robin Other") < page.index("Robin Longest")
        assert "by 2 referrals" in page


class TestSomebodyWhomTwoAgenciesReferred:
    def test_waits_no_more_once_one_referral_is_accepted_and_both_agencies_read_so(
        self, clinic, visit, nurse, doctor, refer, referrer, other_referrer
    ):
        number = nhs_number_of(931)
        first = refer(nhs_number=number, family_name="Twice")
        second = a_referral(
            clinic, by=other_referrer, person=somebody(nhs_number=number, family_name="Twice")
        )
        before = words(visit("see_own_referral", other_referrer, second.id))
        assert "Now: received." in before

        episode = accept_referral(referral=first, assessed_on=today(), by=doctor, at=now())

        assert "Nobody waits" in words(visit("list_referrals", nurse)) or "Waiting (0)" in words(
            visit("list_referrals", nurse)
        )
        for by, own in ((referrer, first), (other_referrer, second)):
            assert "Now: accepted." in words(visit("see_own_referral", by, own.id))
        Episode.objects.filter(id=episode.id).update(exited_on=today(), exit_reason="moved")
        assert "Waiting (0)" in words(visit("list_referrals", nurse))

    def test_and_comes_back_waits_again(self, clinic, visit, nurse, doctor, refer, other_referrer):
        number = nhs_number_of(932)
        first = refer(nhs_number=number, family_name="Back")
        episode = accept_referral(referral=first, assessed_on=today(), by=doctor, at=now())
        before = today() - timedelta(days=1)
        Referral.objects.filter(id=first.id).update(referred_on=before, assessed_on=before)
        Episode.objects.filter(id=episode.id).update(
            accepted_on=before, exited_on=before, exit_reason="moved"
        )

        again = a_referral(clinic, by=other_referrer, person=somebody(nhs_number=number, family_name="Back"))

        assert "Waiting (1)" in words(visit("list_referrals", nurse))
        assert "Now: received." in words(visit("see_own_referral", other_referrer, again.id))


class TestTheLetter:
    def test_says_the_same_to_clinic_and_agency_and_never_why(self, visit, refer, referrer, doctor):
        referral = refer(family_name="Quill")
        decline_referral(referral_id=referral.id, reason=DeclineReason.NOT_SAFE, by=doctor, at=now())

        for page in (
            visit("print_letter", doctor, referral.id),
            visit("print_own_letter", referrer, referral.id),
        ):
            letter = words(page).split("To ")[1]
            assert "Not this time." in letter
            assert "R. Q., born 1986" in letter
            for hidden in ("Robin", "Quill", DeclineReason.NOT_SAFE.label, doctor.full_name):
                assert hidden not in letter.split("Printed by")[0]

    def test_is_missing_where_no_agency_referred(self, clinic, visit, doctor):
        own = ReferralFactory(clinic=clinic, person=PersonFactory())

        assert visit("print_letter", doctor, own.id).status_code == 404


class TestSomebodyTreatedElsewhere:
    def test_is_told_to_whoever_decides_and_to_nobody_else(
        self, clinic, visit, refer, doctor, nurse, referrer
    ):
        there = a_clinic()
        person = a_patient_in_treatment(there, by=doctor).person
        same = {
            "given_names": person.given_names,
            "family_name": person.family_name,
        }
        referral = a_referral(clinic, by=referrer, person=somebody(born_on=person.born_on, **same))

        decider = words(visit("accept_referral", doctor, referral.id))
        page = words(visit("see_referral", doctor, referral.id))
        reader = words(visit("see_referral", nurse, referral.id))
        agency = words(visit("see_own_referral", referrer, referral.id))

        sentence = "is in treatment at another clinic of the network"
        assert sentence in page
        assert sentence in decider
        assert sentence not in reader
        assert sentence not in agency
        assert there.code not in page

    def test_is_not_said_of_somebody_who_left_or_is_treated_here(self, clinic, visit, doctor, referrer):
        person = a_patient_in_treatment(clinic, by=doctor).person
        referral = a_referral(
            clinic,
            by=referrer,
            person=somebody(
                given_names=person.given_names, family_name=person.family_name, born_on=person.born_on
            ),
        )

        assert "another clinic of the network" not in words(visit("see_referral", doctor, referral.id))
