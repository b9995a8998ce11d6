"""Setting the stage of a treatment, and who reads which part of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.queries.support import get_caseload
from patients.actions.stages import StageRefused, set_stage
from patients.models import Episode, EpisodeStage
from patients.rules.stages import StageContent, TreatmentStage
from tests.factories import EpisodeFactory, EpisodeStageFactory, UserFactory
from tests.integration.patients.pages import address, press, seal_of, words

pytestmark = pytest.mark.django_db
WHY = "A canary that only clinicians read: 180 mg held for weeks."
A_DAY = timedelta(days=1)


@pytest.fixture
def episode(clinic) -> Episode:
    today = london_date(now())
    return EpisodeFactory(clinic=clinic, accepted_on=today - 40 * A_DAY, started_on=today - 38 * A_DAY)


@pytest.fixture
def enter(clinic, make_member, sign_in):
    """Return a function that gives the browser of a member of the clinic."""
    return lambda role: sign_in(Client(), make_member(clinic, role, f"a{role.value}"))


def said(stage: TreatmentStage = TreatmentStage.SETTLED) -> StageContent:
    return StageContent(stage=stage, since_on=london_date(now()), words=WHY)


def typed(**changes: str) -> dict[str, str]:
    return {"stage": "settled", "since_on": f"{london_date(now()):%d/%m/%Y}", "words": WHY, **changes}


class TestTheAction:
    def test_adds_a_row_and_leaves_an_event_without_its_words(self, episode) -> None:
        by, at = UserFactory(), now()

        stage = set_stage(episode=episode, content=said(), follows=0, by=by, at=at)

        assert (stage.number, stage.stage, stage.words, stage.set_by, stage.set_at) == (
            1,
            "settled",
            WHY,
            by,
            at,
        )
        event = AuditEvent.objects.get(event="patients.stage_set")
        assert (event.person, event.detail) == (episode.person_id, {"number": 1, "stage": "settled"})

    def test_follows_the_stage_before(self, episode) -> None:
        for number, stage in enumerate((TreatmentStage.TITRATING, TreatmentStage.SETTLED)):
            set_stage(episode=episode, content=said(stage), follows=number, by=UserFactory(), at=now())

        assert [row.stage for row in EpisodeStage.objects.order_by("number")] == ["titrating", "settled"]

    def test_refuses_what_the_rule_refuses_and_says_so_in_the_trail(self, episode) -> None:
        set_stage(episode=episode, content=said(), follows=0, by=UserFactory(), at=now())

        with pytest.raises(StageRefused, match="settled already"):
            set_stage(episode=episode, content=said(), follows=1, by=UserFactory(), at=now())

        event = AuditEvent.objects.get(event="patients.stage_set", outcome=AuditEvent.Outcome.REFUSED)
        assert event.detail == {"codes": ["stage"]}
        assert EpisodeStage.objects.count() == 1

    def test_refuses_somebody_who_did_not_see_the_last_one(self, episode) -> None:
        doctor = UserFactory(full_name="Dr Priya Nair")
        set_stage(episode=episode, content=said(), follows=0, by=doctor, at=now())

        with pytest.raises(StageRefused, match="Dr Priya Nair set the stage meanwhile: settled"):
            set_stage(
                episode=episode, content=said(TreatmentStage.LEAVING), follows=0, by=UserFactory(), at=now()
            )

    def test_refuses_a_treatment_that_has_ended(self, episode) -> None:
        Episode.objects.filter(id=episode.id).update(
            exited_on=london_date(now()), exit_reason=Episode.ExitReason.COMPLETED
        )

        with pytest.raises(StageRefused, match="has ended"):
            set_stage(episode=episode, content=said(), follows=0, by=UserFactory(), at=now())


class TestThePage:
    @pytest.mark.parametrize("role", [Role.DOCTOR, Role.PRESCRIBER])
    def test_sets_a_stage_and_lists_the_ones_before(self, episode, enter, role) -> None:
        browser = enter(role)

        answer = press(browser, address("set_stage", episode), typed())

        assert answer.status_code == 302
        page = words(browser.get(address("set_stage", episode)))
        assert "Now: Settled, since" in page and WHY in page

    def test_says_everything_that_is_missing_and_keeps_what_was_typed(self, episode, enter) -> None:
        answer = press(enter(Role.DOCTOR), address("set_stage", episode), {"words": "Half a sentence."})

        page = words(answer)
        assert "Choose the stage." in page and "Write since which day." in page and "Half a sentence." in page
        assert not EpisodeStage.objects.exists()

    def test_offers_what_may_follow_and_chooses_nothing(self, episode, enter) -> None:
        EpisodeStageFactory(episode=episode, stage="settled", since_on=episode.started_on)

        page = enter(Role.DOCTOR).get(address("set_stage", episode)).content.decode()

        assert 'value="titrating"' in page and 'value="leaving"' in page and 'value="settled"' not in page
        assert "checked" not in page

    def test_of_somebody_without_a_dose_waits_for_the_first(self, episode, enter) -> None:
        Episode.objects.filter(id=episode.id).update(started_on=None)
        browser = enter(Role.DOCTOR)
        press(browser, address("set_stage", episode), typed(stage="titrating"))

        answer = browser.get(address("set_stage", episode))

        assert "The stage is titrating until the first dose was given here." in words(answer)
        assert 'name="stage"' not in answer.content.decode()

    def test_that_is_out_of_date_is_refused_and_says_what_stands(self, episode, enter) -> None:
        browser = enter(Role.DOCTOR)
        seal = seal_of(browser.get(address("set_stage", episode)))
        EpisodeStageFactory(episode=episode, stage="leaving", since_on=episode.started_on)

        answer = browser.post(address("set_stage", episode), {**typed(), "seal": seal})

        assert "set the stage meanwhile: leaving" in words(answer)
        assert EpisodeStage.objects.count() == 1

    def test_opened_by_somebody_else_sets_nothing(self, episode, enter) -> None:
        seal = seal_of(enter(Role.DOCTOR).get(address("set_stage", episode)))

        answer = enter(Role.PRESCRIBER).post(address("set_stage", episode), {**typed(), "seal": seal})

        assert "Nothing was saved. Go on here." in words(answer)
        assert not EpisodeStage.objects.exists()

    @pytest.mark.parametrize("role", [Role.NURSE, Role.CASE_WORKER, Role.CLINICAL_LEAD])
    def test_is_closed_to_others(self, episode, enter, role) -> None:
        assert enter(role).get(address("set_stage", episode)).status_code == 403


class TestTheStage:
    @pytest.fixture(autouse=True)
    def settled(self, episode) -> None:
        EpisodeStageFactory(episode=episode, stage="titrating", since_on=episode.started_on, words=WHY)
        EpisodeStageFactory(
            episode=episode, number=2, stage="settled", since_on=episode.started_on, words=WHY
        )

    @pytest.mark.parametrize("role", [Role.NURSE, Role.DOCTOR, Role.PRESCRIBER, Role.CLINICAL_LEAD])
    def test_is_read_by_clinicians_with_why(self, episode, enter, role) -> None:
        page = words(enter(role).get(address("pages:see_person", episode)))

        assert "Settled since" in page and WHY in page

    def test_is_read_by_case_workers_without_why(self, episode, enter, clinic) -> None:
        browser = enter(Role.CASE_WORKER)

        pages = [
            words(browser.get(path))
            for path in (
                address("pages:see_person", episode),
                reverse("pages:list_people", args=[clinic.code]),
                reverse("outcomes:see_caseload", args=[clinic.code]),
                address("outcomes:see_support", episode),
            )
        ]

        assert ["settled" in page.lower() for page in pages] == [True] * 4
        assert [part for page in pages for part in ("canary", "180", " mg") if part in page] == []

    def test_costs_the_caseload_one_query_for_one_person_and_for_twelve(
        self, clinic, case_worker, django_assert_num_queries
    ) -> None:
        def load() -> None:
            get_caseload(clinic=clinic, case_worker=case_worker, mine=False, today=london_date(now()))

        with django_assert_num_queries(16):
            load()
        for _ in range(11):
            EpisodeStageFactory(episode=EpisodeFactory(clinic=clinic))

        with django_assert_num_queries(16):
            load()

    def test_of_an_earlier_treatment_says_nothing_of_this_one(self, episode, enter) -> None:
        Episode.objects.filter(id=episode.id).update(
            exited_on=london_date(now()), exit_reason=Episode.ExitReason.COMPLETED
        )
        again = EpisodeFactory(person=episode.person, clinic=episode.clinic)

        page = words(enter(Role.NURSE).get(address("pages:see_person", again)))

        assert "Settled" not in page and "No stage is set." in page
