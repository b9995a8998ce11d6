"""What the tables of people and episodes refuse, from both sides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from patients.models import Episode
from patients.rules.consents import How, Purpose
from tests.factories import (
    NINE,
    TODAY,
    AgencyFactory,
    AssessmentFactory,
    ConsentFactory,
    EpisodeFactory,
    EpisodeStageFactory,
    ImportedPersonFactory,
    ImportRunFactory,
    PersonChangeFactory,
    PersonFactory,
    PersonPhotoFactory,
    UserFactory,
)
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db


class TestImportRun:
    def test_takes_a_folder_once_per_clinic(self) -> None:
        run = ImportRunFactory()
        ImportRunFactory(folder_sha256=run.folder_sha256)
        ImportRunFactory(clinic=run.clinic)

        with refused_by("one_import_of_a_folder_per_clinic"):
            ImportRunFactory(clinic=run.clinic, folder_sha256=run.folder_sha256)


class TestPerson:
    @pytest.mark.parametrize("missing", [{"given_names": ""}, {"family_name": ""}, {"born_on": None}])
    def test_has_names_and_a_birth_date(self, missing: dict[str, Any]) -> None:
        PersonFactory()

        with refused_by("person_has_name_and_birth_date_unless_imported"):
            PersonFactory(**missing)

    def test_needs_neither_when_imported(self) -> None:
        imported = ImportedPersonFactory()

        assert (imported.given_names, imported.family_name, imported.born_on) == ("", "", None)

    def test_keeps_a_reference_when_imported(self) -> None:
        ImportedPersonFactory(imported_ref="P1")

        with refused_by("person_has_reference_when_imported"):
            ImportedPersonFactory(imported_ref="")

    def test_has_no_reference_unless_imported(self) -> None:
        with refused_by("person_has_reference_when_imported"):
            PersonFactory(imported_ref="P1")

    @pytest.mark.parametrize("number", [None, "9990000018"])
    def test_has_ten_digits_as_number_or_none(self, number: str | None) -> None:
        assert PersonFactory(nhs_number=number).pk

    @pytest.mark.parametrize("number", ["999000001", "999 000 00", "999000001X", ""])
    def test_has_no_other_number(self, number: str) -> None:
        with refused_by("nhs_number_is_ten_digits"):
            PersonFactory(nhs_number=number)


class TestEpisode:
    @pytest.mark.parametrize(
        "dates",
        [
            {"started_on": None},
            {"started_on": TODAY},
            {"started_on": TODAY, "exited_on": TODAY, "exit_reason": Episode.ExitReason.DIED},
            {"started_on": None, "exited_on": TODAY, "exit_reason": Episode.ExitReason.DECLINED},
        ],
    )
    def test_has_its_dates_in_order(self, dates: dict[str, Any]) -> None:
        assert EpisodeFactory(accepted_on=TODAY, **dates).pk

    @pytest.mark.parametrize(
        "dates",
        [
            {"started_on": TODAY - timedelta(days=1)},
            {
                "started_on": TODAY,
                "exited_on": TODAY - timedelta(days=1),
                "exit_reason": Episode.ExitReason.DIED,
            },
        ],
    )
    def test_has_them_in_no_other(self, dates: dict[str, Any]) -> None:
        with refused_by("episode_dates_in_order"):
            EpisodeFactory(accepted_on=TODAY, **dates)

    @pytest.mark.parametrize("leaving", [{"exited_on": TODAY}, {"exit_reason": Episode.ExitReason.COMPLETED}])
    def test_ends_with_both_date_and_reason(self, leaving: dict[str, Any]) -> None:
        EpisodeFactory(exited_on=TODAY, exit_reason=Episode.ExitReason.COMPLETED)

        with refused_by("episode_exit_has_date_and_reason"):
            EpisodeFactory(**leaving)

    def test_is_open_once_per_person(self) -> None:
        open_one = EpisodeFactory()

        with refused_by("one_open_episode_per_person"):
            EpisodeFactory(person=open_one.person)

    def test_may_follow_one_that_has_ended(self) -> None:
        ended = EpisodeFactory(exited_on=TODAY, exit_reason=Episode.ExitReason.COMPLETED)

        assert EpisodeFactory(person=ended.person, accepted_on=TODAY).pk


class TestConsent:
    def test_to_share_names_its_agency(self) -> None:
        assert ConsentFactory(purpose=Purpose.SHARING, agency=AgencyFactory()).pk

        with refused_by("sharing_consent_names_its_agency"):
            ConsentFactory(purpose=Purpose.SHARING)

    def test_to_anything_else_names_none(self) -> None:
        with refused_by("sharing_consent_names_its_agency"):
            ConsentFactory(purpose=Purpose.TREATMENT, agency=AgencyFactory())

    def test_that_was_spoken_has_a_witness_who_is_somebody_else(self) -> None:
        nurse = UserFactory()
        assert ConsentFactory(how=How.SPOKEN, witness=UserFactory(), recorded_by=nurse).pk

        with refused_by("spoken_consent_has_another_witness"):
            ConsentFactory(how=How.SPOKEN)
        with refused_by("spoken_consent_has_another_witness"):
            ConsentFactory(how=How.SPOKEN, witness=nurse, recorded_by=nurse)
        with refused_by("spoken_consent_has_another_witness"):
            ConsentFactory(how=How.IN_WRITING, witness=UserFactory())

    def test_is_recorded_when_it_was_given_or_later(self) -> None:
        assert ConsentFactory(given_at=NINE, recorded_at=NINE).pk

        with refused_by("consent_given_before_it_is_recorded"):
            ConsentFactory(given_at=NINE + timedelta(microseconds=1), recorded_at=NINE)
        with refused_by("consent_given_before_it_is_recorded"):
            ConsentFactory(wording_version="")


class TestAssessment:
    def test_has_each_number_once_in_a_treatment(self) -> None:
        first = AssessmentFactory()
        AssessmentFactory(episode=first.episode, number=2)

        with refused_by("assessments_are_numbered_once"):
            AssessmentFactory(episode=first.episode, number=2)

    @pytest.mark.parametrize("counted", [{"opioid_days_of_28": 0}, {"opioid_since_year": 1940}])
    def test_counts_days_and_years(self, counted: dict[str, int]) -> None:
        assert AssessmentFactory(**counted).pk

    @pytest.mark.parametrize(
        "counted",
        [{"opioid_days_of_28": 29}, {"opioid_since_year": 1939}, {"opioid_since_year": 3000}, {"number": 0}],
    )
    def test_counts_no_others(self, counted: dict[str, int]) -> None:
        with refused_by("assessment_counts_days_and_years"):
            AssessmentFactory(**counted)

    @pytest.mark.parametrize(
        "part",
        [
            "tolerance_evidence",
            "physical_health",
            "mental_health",
            "liver",
            "alcohol",
            "benzodiazepines",
            "veins",
            "why_in_their_words",
        ],
    )
    def test_has_every_part(self, part: str) -> None:
        with refused_by("assessment_has_every_part"):
            AssessmentFactory(**{part: ""})

    def test_names_an_option_that_was_offered(self) -> None:
        with refused_by("assessment_has_every_part"):
            AssessmentFactory(options_offered=[])


class TestPersonsDetails:
    def test_have_no_address_for_somebody_of_no_fixed_abode(self) -> None:
        assert PersonFactory(has_no_fixed_abode=True, address="").pk

        with refused_by("no_fixed_abode_has_no_address"):
            PersonFactory(has_no_fixed_abode=True, address="8 Cable Yard")

    @pytest.mark.parametrize(
        "asked",
        [
            {"allergies_asked": "not_asked"},
            {"allergies_asked": "none_known"},
            {"allergies_asked": "known", "allergies": "Penicillin: rash"},
        ],
    )
    def test_have_allergies_or_none(self, asked: dict[str, str]) -> None:
        assert PersonFactory(**asked).pk

    @pytest.mark.parametrize(
        "asked",
        [
            {"allergies_asked": "known"},
            {"allergies_asked": "none_known", "allergies": "Penicillin"},
            {"allergies_asked": "not_asked", "allergies": "Penicillin"},
        ],
    )
    def test_do_not_have_both(self, asked: dict[str, str]) -> None:
        with refused_by("allergies_are_written_when_there_are_any"):
            PersonFactory(**asked)

    def test_have_each_version_once(self) -> None:
        change = PersonChangeFactory()
        PersonChangeFactory(person=change.person, version=3)

        with refused_by("each_version_of_a_person_is_made_once"):
            PersonChangeFactory(person=change.person, version=3)

    def test_are_not_changed_into_their_first_version(self) -> None:
        with refused_by("first_version_of_a_person_is_no_change"):
            PersonChangeFactory(version=1)


class TestPersonPhoto:
    def test_has_200_kilobytes_at_most(self) -> None:
        assert PersonPhotoFactory(jpeg=b"x" * 204800).pk

        with refused_by("photo_is_small"):
            PersonPhotoFactory(jpeg=b"x" * 204801)


class TestEpisodeStage:
    def test_is_numbered_once_in_a_treatment(self) -> None:
        stage = EpisodeStageFactory()
        EpisodeStageFactory(episode=stage.episode, number=2)
        EpisodeStageFactory(number=1)

        with refused_by("stages_are_numbered_once"):
            EpisodeStageFactory(episode=stage.episode, number=2)

    @pytest.mark.parametrize("wrong", [{"stage": "gone"}, {"words": ""}, {"number": 0}])
    def test_is_one_of_three_and_says_why(self, wrong: dict[str, Any]) -> None:
        for stage in ("titrating", "settled", "leaving"):
            assert EpisodeStageFactory(stage=stage).pk

        with refused_by("stage_is_one_of_three_and_says_why"):
            EpisodeStageFactory(**wrong)
