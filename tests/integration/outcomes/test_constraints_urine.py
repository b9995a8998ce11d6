"""What the tables of urine samples refuse, whatever the program says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction

from tests.factories.moments import TODAY
from tests.factories.patients import EpisodeFactory
from tests.factories.urine import UrineDrawFactory, UrineStepFactory, steps_of
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)
A_DAY = timedelta(days=1)


class TestADay:
    def test_is_one_for_each_person_and_week(self) -> None:
        first = UrineDrawFactory(due_on=MONDAY)
        assert UrineDrawFactory(patient=first.patient, due_on=MONDAY + 7 * A_DAY).pk

        with refused_by("one_urine_day_per_person_and_week"):
            UrineDrawFactory(patient=first.patient, due_on=MONDAY + A_DAY)

    def treated(self, started_on: date) -> dict[str, object]:
        episode = EpisodeFactory(accepted_on=started_on)
        return {"clinic": episode.clinic, "patient": episode.person}

    @pytest.mark.parametrize(("days", "allowed"), [(-7, False), (0, True), (1, False), (7, True), (9, False)])
    def test_is_of_a_week_counted_from_the_first_start(self, days: int, allowed: bool) -> None:
        thursday = MONDAY + 3 * A_DAY
        person, week_on = self.treated(thursday), thursday + days * A_DAY
        if allowed:
            assert UrineDrawFactory(**person, week_on=week_on, due_on=week_on).pk
            return

        with refused_by("urine_week_is_of_treatment"):
            UrineDrawFactory(**person, week_on=week_on, due_on=week_on)

    def test_is_of_somebody_who_was_treated_in_this_clinic(self) -> None:
        elsewhere = self.treated(MONDAY) | {"clinic": EpisodeFactory().clinic}

        with refused_by("urine_week_is_of_treatment"):
            UrineDrawFactory(**elsewhere, week_on=MONDAY, due_on=MONDAY)

    @pytest.mark.parametrize("days", [-1, 7])
    def test_lies_in_its_week(self, days: int) -> None:
        assert UrineDrawFactory(**self.treated(MONDAY), week_on=MONDAY, due_on=MONDAY + 6 * A_DAY).pk

        with refused_by("urine_day_lies_in_its_week"):
            UrineDrawFactory(**self.treated(MONDAY), week_on=MONDAY, due_on=MONDAY + days * A_DAY)


class TestAStep:
    def test_is_numbered_once(self) -> None:
        step = UrineStepFactory()

        # The trigger stands before it: two at once pass that, and meet here.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indexdef FROM pg_indexes WHERE indexname = 'urine_steps_are_numbered_once'"
            )
            assert "UNIQUE" in cursor.fetchone()[0]
        with refused_by("urine_step_follows_the_last"):
            UrineStepFactory(draw=step.draw)

    @pytest.mark.parametrize("changes", [{"number": 3}, {"before": "taken"}, {"kind": "taken"}])
    def test_follows_the_last_of_its_sample(self, changes: dict[str, object]) -> None:
        draw = UrineDrawFactory()
        steps_of(draw, "not_taken")
        said: dict[str, object] = {"number": 2, "before": "not_taken", "kind": "taken"}
        if changes == {"kind": "taken"}:
            assert UrineStepFactory(draw=draw, **said).pk
            return

        with refused_by("urine_step_follows_the_last"):
            UrineStepFactory(draw=draw, **(said | changes))

    @pytest.mark.parametrize("kind", ["sent", "result", "void"])
    def test_is_one_that_may_follow(self, kind: str) -> None:
        with refused_by("urine_step_may_follow"):
            steps_of(UrineDrawFactory(), kind)

    def test_is_of_the_clinic_of_its_sample(self) -> None:
        with refused_by("urine_step_is_of_its_clinic"):
            UrineStepFactory(clinic=UrineDrawFactory().clinic)

    def test_is_stored_once_per_key(self) -> None:
        key = UrineStepFactory().key

        with refused_by("one_urine_step_per_key"):
            UrineStepFactory(key=key)

    def test_is_never_changed_nor_removed(self) -> None:
        UrineStepFactory()
        for change in (
            "UPDATE outcomes_urinestep SET was_seen = false",
            "DELETE FROM outcomes_urinestep",
            "UPDATE outcomes_urinedraw SET due_on = due_on",
        ):
            refused = pytest.raises(ProgrammingError, match="permission denied")
            with refused, transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(change)


class TestASampleThatWasTaken:
    @pytest.mark.parametrize("missing", ["taken_on", "was_seen", "is_sealed"])
    def test_says_how(self, missing: str) -> None:
        with refused_by("urine_taken_says_how"):
            UrineStepFactory(**{missing: None})

    def test_bears_a_number(self) -> None:
        with refused_by("urine_taken_says_how"):
            UrineStepFactory(reference="")

    def test_bears_a_number_of_its_own(self) -> None:
        step = UrineStepFactory(reference="A1")
        assert UrineStepFactory(reference="A1").clinic != step.clinic

        with refused_by("one_urine_sample_per_reference"):
            UrineStepFactory(draw=UrineDrawFactory(clinic=step.clinic), reference="A1")

    @pytest.mark.parametrize(("days", "allowed"), [(-1, False), (0, True), (4, True), (5, False)])
    def test_was_taken_on_its_day_or_later_in_its_week(self, days: int, allowed: bool) -> None:
        wednesday = MONDAY + 2 * A_DAY
        draw = UrineDrawFactory(due_on=wednesday)
        if allowed:
            assert UrineStepFactory(draw=draw, taken_on=wednesday + days * A_DAY).pk
            return

        with refused_by("urine_taken_in_its_week"):
            UrineStepFactory(draw=draw, taken_on=wednesday + days * A_DAY)


class TestAResult:
    def result(self, **changes: object) -> object:
        draw = UrineDrawFactory()
        steps_of(draw, "taken", "sent")
        said: dict[str, object] = {
            "number": 3,
            "before": "sent",
            "kind": "result",
            "reference": "",
            "assay": "cocaine",
            "found": "negative",
            "reported_on": TODAY,
        }
        return UrineStepFactory(draw=draw, **(said | changes))

    @pytest.mark.parametrize("missing", [{"assay": ""}, {"found": ""}, {"reported_on": None}])
    def test_says_what_was_found(self, missing: dict[str, object]) -> None:
        assert self.result()

        with refused_by("urine_result_says_what"):
            self.result(**missing)

    def test_is_one_for_each_test_of_a_sample(self) -> None:
        draw = UrineDrawFactory()
        *_, first = steps_of(draw, "taken", "sent", "result")
        again = {"draw": draw, "number": 4, "before": "result", "kind": "result", "reference": ""}
        again |= {"assay": first.assay, "found": "positive", "reported_on": TODAY}

        with refused_by("one_urine_result_per_sample_and_test"):
            UrineStepFactory(**again)
        with refused_by("urine_correction_has_its_reason"):
            UrineStepFactory(**again, amends=first)
        with refused_by("urine_correction_is_of_its_result"):
            UrineStepFactory(**{**again, "assay": "cocaine"}, amends=first, words="Misread.")
        assert UrineStepFactory(**again, amends=first, words="Misread.").pk


class TestASampleThatIsVoidAfterItsResult:
    def test_says_why_in_words(self) -> None:
        draw = UrineDrawFactory()
        steps_of(draw, "taken", "sent", "result")
        said = {"draw": draw, "number": 4, "before": "result", "kind": "void", "reference": ""}
        said |= {"because": "lab_spoiled"}

        with refused_by("urine_void_after_a_result_says_why"):
            UrineStepFactory(**said)
        assert UrineStepFactory(**said, words="Mixed up there.").pk

    def test_takes_no_other_result(self) -> None:
        draw = UrineDrawFactory()
        *_, first, _ = steps_of(draw, "taken", "sent", "result", "void")
        again = {"draw": draw, "number": 5, "before": "void", "kind": "result", "reference": ""}
        again |= {"assay": first.assay, "found": "positive", "reported_on": TODAY}

        with refused_by("urine_step_may_follow"):
            UrineStepFactory(**again, amends=first, words="Misread.")


class TestAReason:
    def test_is_given_where_a_sample_was_not_taken(self) -> None:
        assert steps_of(UrineDrawFactory(), "not_taken")

        with refused_by("urine_step_has_its_reason"):
            UrineStepFactory(kind="not_taken", reference="")

    def test_is_given_nowhere_else(self) -> None:
        with refused_by("urine_step_has_its_reason"):
            UrineStepFactory(because="lost")
