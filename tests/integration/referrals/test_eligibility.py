"""Criteria, findings, and accepting against them."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from hat_clinic.accounts.models import Agency
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.models import Episode
from referrals.actions import (
    AcceptanceRefused,
    CriteriaRefused,
    FactRefused,
    TriedBefore,
    accept_referral,
    approve_criteria,
    decline_referral,
    note_fact,
    withdraw_referral,
    write_criteria,
)
from referrals.models import CriteriaApproval, CriteriaSet, EligibilityFact, EligibilityJudgement
from referrals.queries.eligibility import gather_facts, get_criteria_in_force, get_eligibility
from referrals.rules.asking import Answer, Ending, Flag, Treatment
from referrals.rules.criteria import NAMES, Criteria, Criterion
from referrals.rules.deciding import DeclineReason, WithdrawReason
from referrals.rules.eligibility import FactSource
from referrals.rules.whens import When
from tests.factories.referrals import WRITTEN, a_referral, approved_criteria, some_criteria, somebody
from tests.factories.treatment import a_clinic, a_member_of_staff
from tests.integration.referrals.reading import words

pytestmark = pytest.mark.django_db

FORM = {"basis": "own", "age_from": "18", "exclusions": "Alcohol dependence\n\n", "reason": "The board."}


@pytest.fixture
def lead(clinic):
    return a_member_of_staff(clinic, Role.CLINICAL_LEAD, name="Dr Sam Reid")


@pytest.fixture
def referral(clinic, referrer):
    return a_referral(clinic, by=referrer)


def states_of(referral):
    page = get_eligibility(referral, today=london_date(now()))
    return {standing.criterion.value: standing.state.value for standing in page.standings}


def find(referral, criterion, by, **found):
    return note_fact(
        referral_id=referral.id,
        criterion=criterion,
        evidence="Explained it back.",
        source=FactSource.EXAMINED,
        by=by,
        at=now(),
        **({"number": None, "answer": None} | found),
    )


def accept(referral, by, **more):
    return accept_referral(referral=referral, assessed_on=london_date(now()), by=by, at=now(), **more)


class TestTheCriteria:
    def test_are_written_by_a_doctor_and_approved_by_the_lead(self, clinic, visit, doctor, lead):
        assert "No criteria are approved." in words(visit("see_criteria", doctor))
        assert visit("write_criteria", doctor, data=FORM).status_code == 302
        written = CriteriaSet.objects.get()
        assert (written.data["age_from"], written.data["exclusions"]) == (18, ["Alcohol dependence"])
        assert get_criteria_in_force(clinic_id=clinic.pk) is None

        unconfirmed = visit("approve_criteria", lead, written.id, data={})
        assert "no source gives this number" in words(unconfirmed)
        done = visit("approve_criteria", lead, written.id, data={"confirmed": ["age_from"]})

        assert done.status_code == 302
        assert get_criteria_in_force(clinic_id=clinic.pk) == written
        page = words(visit("see_criteria", doctor))
        assert "In force: criteria 1" in page
        assert "Unverified: no source gives this number" in page
        assert written.sha256 in page
        assert "Unverified" in page

    def test_begin_from_a_published_example(self, visit, doctor):
        page = visit("write_criteria", doctor)
        assert 'value="65"' not in page.content.decode()

        for name in ("riott", "own", "nobody"):
            client_page = visit_from(visit, doctor, name)
            assert ('value="65"' in client_page) is (name == "riott")

    def test_are_refused_with_the_reason_at_the_number(self, visit, doctor):
        page = words(visit("write_criteria", doctor, data=FORM | {"age_from": "17"}))

        assert "This clinic treats adults only" in page.replace("this clinic", "This clinic")
        assert not CriteriaSet.objects.exists()

    def test_are_written_once_when_the_button_is_pressed_twice(self, visit, doctor):
        for _ in range(2):
            visit("write_criteria", doctor, data=FORM)
        visit("write_criteria", doctor, data=FORM | {"age_from": "21"})

        assert sorted(CriteriaSet.objects.values_list("number", flat=True)) == [1, 2]

    def test_are_approved_once_and_only_the_newest(self, clinic, visit, doctor, lead):
        first, second = some_criteria(clinic, by=doctor), some_criteria(clinic, by=doctor, example="germany")

        with pytest.raises(CriteriaRefused, match="written or approved meanwhile"):
            approve_criteria(
                clinic=clinic, criteria_id=first.id, confirmed=frozenset(NAMES), by=lead, at=now()
            )
        approve_criteria(clinic=clinic, criteria_id=second.id, confirmed=frozenset(NAMES), by=lead, at=now())
        page = words(visit("approve_criteria", lead, second.id))
        assert "These criteria do not wait for approval." in page
        again = words(visit("approve_criteria", lead, second.id, data={"confirmed": ["injecting_days"]}))
        assert "written or approved meanwhile" in again
        assert CriteriaApproval.objects.get().confirmed == ["injecting_days"]
        assert "never approved" in words(visit("see_criteria", lead))

    def test_are_approved_by_nobody_but_a_clinical_lead(self, clinic, doctor):
        waiting = some_criteria(clinic, by=doctor)

        with pytest.raises(CriteriaRefused, match="A clinical lead approves"):
            approve_criteria(
                clinic=clinic, criteria_id=waiting.id, confirmed=frozenset(NAMES), by=doctor, at=now()
            )

    def test_are_never_approved_by_who_wrote_them(self, clinic, visit, lead):
        own = some_criteria(clinic, by=lead)

        with pytest.raises(CriteriaRefused, match="You wrote these"):
            approve_criteria(clinic=clinic, criteria_id=own.id, confirmed=frozenset(NAMES), by=lead, at=now())
        assert "You wrote these" in words(visit("see_criteria", lead))
        assert "You wrote these criteria" in words(visit("approve_criteria", lead, own.id))
        sent = words(visit("approve_criteria", lead, own.id, data={"confirmed": ["age_from"]}))
        assert "You wrote these. A clinical lead who did not write them" in sent
        assert not CriteriaApproval.objects.exists()

    def test_of_another_clinic_are_missing(self, visit, lead):
        theirs = some_criteria(a_clinic(), by=lead)

        assert visit("approve_criteria", lead, theirs.id).status_code == 404
        assert visit("approve_criteria", lead, uuid.uuid4()).status_code == 404

    def test_without_a_reading_need_no_tick(self, clinic, visit, doctor, lead):
        plain = write_criteria(
            clinic=clinic,
            criteria=Criteria(age_from=18, age_to=65),
            basis="riott",
            reason="The trial’s ages alone.",
            by=doctor,
            at=now(),
        )

        assert visit("approve_criteria", lead, plain.id, data={}).status_code == 302


def visit_from(visit, by, name):
    """Return the page of new criteria that begins from an example."""
    page = visit("write_criteria", by)
    return page.client.get(page.wsgi_request.path, {"from": name}).content.decode()


class TestWhereSomebodyStands:
    def test_is_not_worked_out_without_criteria(self, visit, doctor, referral):
        assert "This clinic has no approved criteria" in words(visit("see_referral", doctor, referral.id))

    def test_follows_from_what_all_agencies_said(self, clinic, visit, doctor, lead, referrer, other_referrer):
        approved_criteria(clinic, by=lead)
        Agency.objects.filter(memberships__user=other_referrer).update(kind="housing")
        one = a_referral(clinic, by=referrer, person=replace(WRITTEN, treatments=unknown()))
        assert states_of(one)["agency_concern"] == "unknown"
        assert states_of(one)["other_treatments"] == "unknown"

        a_referral(clinic, by=other_referrer, person=WRITTEN)

        assert states_of(one) == {
            "age": "met",
            "other_treatments": "met",
            "agency_concern": "met",
            "capacity": "unknown",
            "attendance": "unknown",
        }
        page = words(visit("see_referral", doctor, one.id))
        assert "The criteria: 3 of 5 met" in page
        assert "Tried : not known to 2024, used on top" in page
        assert page.count("Arrested eleven times since spring.") == 1
        agencies = [Agency.objects.get(memberships__user=by).name for by in (referrer, other_referrer)]
        day = f"{london_date(now()):%-d %B %Y}"
        assert f"Offends often Yes {agencies[0]}, {day}; {agencies[1]}, {day}" in page

    def test_leaves_out_what_an_agency_took_back(self, clinic, lead, referrer, other_referrer):
        approved_criteria(clinic, by=lead)
        Agency.objects.filter(memberships__user=other_referrer).update(kind="housing")
        one = a_referral(clinic, by=referrer, person=replace(WRITTEN, treatments=unknown()))
        other = a_referral(clinic, by=other_referrer, person=WRITTEN)
        assert (states_of(one)["agency_concern"], states_of(one)["other_treatments"]) == ("met", "met")

        withdraw_referral(
            referral_id=other.id,
            agency_id=other.agency_id,
            reason=WithdrawReason.MISTAKE,
            by=other_referrer,
            at=now(),
        )

        assert (states_of(one)["agency_concern"], states_of(one)["other_treatments"]) == (
            "unknown",
            "unknown",
        )

    def test_knows_an_oral_treatment_that_was_long_enough(self, clinic, lead, referrer):
        approved_criteria(clinic, by=lead, example="riott")
        long = TriedBefore(
            Answer.YES,
            started=When(2023, 1),
            ended=When(2023, 9),
            ending=Ending.DROPPED_OUT,
            highest_dose_mg=90,
            supervised=Answer.YES,
        )

        referral = a_referral(
            clinic, by=referrer, person=somebody(treatments=unknown() | {Treatment.METHADONE: long})
        )

        assert states_of(referral)["optimised_oral"] == "met"

    def test_follows_what_a_nurse_found_out_and_the_newest_counts(self, clinic, visit, nurse, lead, referral):
        approved_criteria(clinic, by=lead, example="riott")
        found = {"evidence": "Used since 2019.", "source": "person"}

        for number in ("2", "3"):
            data = found | {"number": number}
            assert visit("note_fact", nurse, referral.id, "dependence", data=data).status_code == 302
        assert (
            visit("note_fact", nurse, referral.id, "exclusions", data=found | {"answer": "yes"}).status_code
            == 302
        )

        assert EligibilityFact.objects.count() == 3
        assert states_of(referral)["dependence"] == "met"
        assert states_of(referral)["exclusions"] == "not_met"
        page = words(visit("see_referral", nurse, referral.id))
        assert "The person said so; noted by Grace Okafor" in page

    def test_says_the_day_of_the_clinic_on_which_it_was_noted(self, nurse, referral):
        note_fact(
            referral_id=referral.id,
            criterion=Criterion.CAPACITY,
            number=None,
            answer=Answer.YES,
            evidence="Explained it back.",
            source=FactSource.EXAMINED,
            by=nurse,
            at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC),
        )

        facts = gather_facts(referral, today=london_date(now()))
        assert facts.noted[Criterion.CAPACITY].on == date(2026, 7, 2)

    def test_is_not_noted_without_evidence_or_by_no_criterion(self, visit, nurse, referral):
        page = words(visit("note_fact", nurse, referral.id, "capacity", data={"answer": "yes"}))

        assert "Write what this rests on." in page
        assert "The criteria in force do not ask this." in page
        assert visit("note_fact", nurse, referral.id, "age").status_code == 404
        assert visit("note_fact", nurse, referral.id, "shoe-size").status_code == 404

    def test_is_not_noted_any_more_once_it_is_decided(self, visit, doctor, referral):
        decline_referral(referral_id=referral.id, reason=DeclineReason.NOT_FOUND, by=doctor, at=now())

        with pytest.raises(FactRefused, match="decided already"):
            find(referral, Criterion.CAPACITY, doctor, answer=Answer.YES)
        data = {"answer": "yes", "evidence": "Yes", "source": "person"}
        assert "decided already" in words(visit("note_fact", doctor, referral.id, "capacity", data=data))
        assert "This referral is decided." in words(visit("note_fact", doctor, referral.id, "capacity"))


class TestAcceptingAgainstTheCriteria:
    def test_needs_a_reason_that_stays_and_stands_on_the_list(
        self, clinic, visit, doctor, lead, referrer, referral
    ):
        criteria = approved_criteria(clinic, by=lead)
        day = {"assessed_on": f"{london_date(now()):%d/%m/%Y}"}
        opened = words(visit("accept_referral", doctor, referral.id))
        assert "Why do you accept against the criteria?" in opened

        without = words(visit("accept_referral", doctor, referral.id, data=day))
        assert "Write why you accept all the same." in without
        assert not Episode.objects.exists()

        done = visit(
            "accept_referral", doctor, referral.id, data=day | {"override_reason": "The court asks for it."}
        )
        assert done.status_code == 302
        judgement = EligibilityJudgement.objects.get()
        assert (judgement.criteria, judgement.is_override) == (criteria, True)
        assert judgement.unmet == ["agency_concern", "capacity", "attendance"]
        assert judgement.standings["age"]["state"] == "met"
        page = words(visit("list_overrides", doctor))
        assert "1 of 1 accepted since criteria are in force" in page
        assert "The court asks for it." in page
        assert "court" not in words(visit("see_own_referral", referrer, referral.id))

    def test_needs_none_where_all_is_met(self, clinic, visit, doctor, lead, referrer):
        approved_criteria(clinic, by=lead)
        flags = WRITTEN.flags | {Flag.CONCERNS_HOSPITAL: Answer.YES}
        referral = a_referral(clinic, by=referrer, person=somebody(flags=flags))
        for criterion in (Criterion.CAPACITY, Criterion.ATTENDANCE):
            find(referral, criterion, doctor, answer=Answer.YES)
        assert "against the criteria?" not in words(visit("accept_referral", doctor, referral.id))

        accept(referral, doctor, override_reason="not needed")

        judgement = EligibilityJudgement.objects.get()
        assert (judgement.is_override, judgement.override_reason, judgement.unmet) == (False, "", [])
        page = words(visit("list_overrides", doctor))
        assert "0 of 1 accepted since criteria are in force" in page
        assert "Nobody was accepted against the criteria." in page

    def test_is_refused_by_the_action_itself(self, clinic, doctor, lead, referral):
        approved_criteria(clinic, by=lead)

        with pytest.raises(AcceptanceRefused, match="Not met or not known"):
            accept(referral, doctor)

    def test_is_told_where_the_clinic_has_no_criteria(self, clinic, visit, doctor, lead, referral):
        assert "This clinic has approved no criteria" in words(visit("see_referral", doctor, referral.id))
        assert "This clinic has approved no criteria" in words(visit("accept_referral", doctor, referral.id))

    def test_keeps_nothing_where_the_clinic_has_no_criteria(self, doctor, referral):
        accept(referral, doctor)

        assert not EligibilityJudgement.objects.exists()

    def test_keeps_where_somebody_stood_who_was_declined(self, clinic, doctor, lead, referral):
        approved_criteria(clinic, by=lead)

        decline_referral(referral_id=referral.id, reason=DeclineReason.NOT_FOUND, by=doctor, at=now())

        judgement = EligibilityJudgement.objects.get()
        assert (judgement.is_override, bool(judgement.unmet)) == (False, True)

    def test_leaves_a_look_at_everybody_on_the_list(self, clinic, visit, doctor, lead, referral):
        approved_criteria(clinic, by=lead)
        episode = accept(referral, doctor, override_reason="The court asks for it.")

        visit("list_overrides", doctor)

        seen = AuditEvent.objects.filter(event="referrals.overrides_seen")
        assert set(seen.values_list("person", flat=True)) == {episode.person_id}


def unknown():
    return dict.fromkeys(Treatment, TriedBefore(Answer.UNKNOWN))
