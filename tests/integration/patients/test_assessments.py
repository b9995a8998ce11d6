"""Signing a medical assessment, and what an order may rest on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.actions.assessments import AssessmentRefused
from patients.models import Assessment, Episode
from patients.queries import get_standing_assessment
from tests.factories import EpisodeFactory, UserFactory
from tests.factories.people import assess


@pytest.fixture
def episode(db):
    return EpisodeFactory()


@pytest.fixture
def doctor(db):
    return UserFactory(full_name="Dr Priya Nair")


class TestAnAssessment:
    def test_stands_from_when_it_was_signed(self, episode, doctor) -> None:
        at = now()

        assess(episode, by=doctor, at=at)

        standing = get_standing_assessment(person_id=episode.person_id, at=at)
        assert standing is not None
        assert (standing.number, standing.signed_by, standing.signed_at) == (1, "Dr Priya Nair", at)
        assert standing.due_on == london_date(at) + timedelta(days=84)
        assert (standing.has_capacity, standing.is_pregnant) == (True, False)
        just_before = at - timedelta(microseconds=1)
        assert get_standing_assessment(person_id=episode.person_id, at=just_before) is None

    def test_keeps_every_part_as_it_was_answered(self, episode, doctor) -> None:
        assess(
            episode,
            by=doctor,
            at=now(),
            pregnancy="yes",
            capacity="no",
            ecg="abnormal",
            ecg_words="QTc 470 ms.",
            options_offered=("oral", "injected", "detox"),
        )

        signed = Assessment.objects.get()
        assert (signed.ecg_words, signed.options_offered) == ("QTc 470 ms.", ["oral", "injected", "detox"])
        standing = get_standing_assessment(person_id=episode.person_id, at=now())
        assert standing is not None
        assert (standing.has_capacity, standing.is_pregnant) == (False, True)

    def test_leaves_an_event_without_a_word_of_it(self, episode, doctor) -> None:
        assess(episode, by=doctor, at=now())

        event = AuditEvent.objects.get(event="patients.assessment_recorded")
        assert (event.person, event.detail) == (episode.person_id, {"number": 1})

    def test_is_followed_by_the_next_number(self, episode, doctor) -> None:
        assess(episode, by=doctor, at=now())
        assess(episode, by=doctor, at=now(), follows=1)

        standing = get_standing_assessment(person_id=episode.person_id, at=now())
        assert standing is not None and standing.number == 2
        assert Assessment.objects.count() == 2

    def test_without_a_part_is_not_stored(self, episode, doctor) -> None:
        with pytest.raises(AssessmentRefused) as refused:
            assess(episode, by=doctor, at=now(), veins="", capacity="")

        codes = [finding.code for finding in refused.value.decision]
        assert codes == ["veins", "capacity"]
        assert not Assessment.objects.exists()
        event = AuditEvent.objects.get(event="patients.assessment_recorded")
        assert (event.outcome, event.detail) == (AuditEvent.Outcome.REFUSED, {"codes": sorted(codes)})

    def test_by_somebody_who_did_not_see_the_last_one_is_refused(self, episode, doctor) -> None:
        assess(episode, by=doctor, at=now())

        with pytest.raises(AssessmentRefused, match="meanwhile"):
            assess(episode, by=UserFactory(), at=now())

        assert Assessment.objects.count() == 1

    def test_of_a_treatment_that_ended_is_refused(self, doctor, db) -> None:
        ended = EpisodeFactory(exited_on=london_date(now()), exit_reason=Episode.ExitReason.COMPLETED)

        with pytest.raises(AssessmentRefused, match="has ended"):
            assess(ended, by=doctor, at=now())

    def test_of_an_earlier_treatment_does_not_count_for_a_later_one(self, episode, doctor) -> None:
        assess(episode, by=doctor, at=now())
        Episode.objects.filter(id=episode.id).update(
            exited_on=london_date(now()), exit_reason=Episode.ExitReason.COMPLETED
        )
        EpisodeFactory(person=episode.person)

        assert get_standing_assessment(person_id=episode.person_id, at=now()) is None
