"""A frozen extract: the same for ever, shared where nothing changed."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

import pytest

from dosing.models import PlannedSession, SessionOutcome
from outcomes.actions.evaluation import extract
from outcomes.models import CompleteMonth, ExtractSegment
from outcomes.queries.evaluation.figures import get_figures
from tests.factories.outcomes import ExtractSegmentFactory
from tests.factories.records import AT, Records
from tests.integration.dosing.test_correction_triggers import correction

JANUARY, FEBRUARY, MARCH, APRIL = (date(2025, month, 1) for month in (1, 2, 3, 4))
WITHOUT_DOSE = ["missed", "excused", "withheld"]


@pytest.fixture
def records(db: None) -> Records:
    return Records()


class TestAFrozenExtract:
    def test_gives_the_same_figures_after_the_records_changed(self, records):
        person = records.person(started_on=date(2025, 1, 6))
        records.offence(person, date(2025, 2, 1))
        extract = records.freeze(MARCH)
        before = get_figures(segment_ids=extract.segment_ids, month=MARCH, as_of=APRIL)

        records.offence(person, date(2024, 6, 1))

        assert get_figures(segment_ids=extract.segment_ids, month=MARCH, as_of=APRIL) == before

    def test_is_the_same_when_frozen_again(self, records):
        records.person(started_on=date(2025, 1, 6))

        assert records.freeze(MARCH) == records.freeze(MARCH)

    def test_is_the_same_when_frozen_late(self, records):
        person = records.person(started_on=date(2025, 1, 6))
        records.custody(person, date(2025, 2, 1), date(2025, 5, 1))
        on_the_day = records.freeze(MARCH)

        person.episodes.update(exited_on=date(2025, 4, 2), exit_reason="other")
        records.session(person, date(2025, 4, 1), "given")
        records.offence(person, date(2025, 4, 1))
        records.person(referred_on=date(2025, 4, 1))

        assert records.freeze(MARCH) == on_the_day

    def test_shares_every_segment_that_did_not_change(self, records):
        person = records.person(started_on=date(2025, 1, 6))
        for month in (1, 2, 3):
            records.session(person, date(2025, month, 10), "given")
        march = set(records.freeze(MARCH).segment_ids)
        records.session(person, date(2025, 4, 10), "given")

        april = set(records.freeze(date(2025, 4, 1)).segment_ids)

        assert len(april - march) == 1
        assert march < april

    def test_takes_a_new_version_of_the_month_that_was_amended(self, records):
        person = records.person(started_on=date(2025, 1, 6))
        for month in (1, 2, 3):
            records.session(person, date(2025, month, 10), "given")
        first = records.freeze(MARCH)

        records.session(person, date(2025, 2, 11), "missed")
        second = records.freeze(MARCH)

        assert second.sha256 != first.sha256
        assert len(set(second.segment_ids) - set(first.segment_ids)) == 1
        assert len(second.segment_ids) == len(first.segment_ids)


def amend(records: Records, planned: PlannedSession, outcome: str) -> None:
    """Put the outcome of a session right, signed; one that is open gets its first."""
    last = planned.outcomes.filter(amended_by__isnull=True).first()
    ending = SessionOutcome.objects.create(
        session=planned,
        outcome=outcome,
        reason="unknown",
        amends=last,
        recorded_by=records.by,
        recorded_at=AT,
    )
    if last:
        correction(outcome=ending)


def read_anew(monkeypatch: pytest.MonkeyPatch, freeze: Callable[[], extract.Extract]) -> extract.Extract:
    """Freeze without trusting any count of an earlier freeze."""
    with monkeypatch.context() as patch:
        patch.setattr(extract, "FORM", "another statement")
        return freeze()


class TestAMonthOfSessions:
    @pytest.fixture
    def person(self, records: Records):
        person = records.person(started_on=date(2025, 1, 6))
        for month in (1, 2, 3):
            records.session(person, date(2025, month, 10), "given")
        return person

    def attendance(self, frozen: extract.Extract, month: date) -> list[dict[str, object]]:
        return ExtractSegment.objects.get(
            id__in=frozen.segment_ids, table_name="attendance", month=month
        ).rows

    def test_is_not_read_again_while_as_many_are_there(self, records, person):
        first = records.freeze(MARCH)
        planted = ExtractSegmentFactory(clinic=records.clinic, month=FEBRUARY, rows=[])
        CompleteMonth.objects.create(segment=planted, sessions=1, amendments=0, form=extract.FORM)

        second = records.freeze(MARCH)

        assert set(second.segment_ids) - set(first.segment_ids) == {planted.id}
        assert CompleteMonth.objects.count() == 4

    @pytest.mark.parametrize("change", ["one more session", "an amendment", "another statement"])
    def test_is_read_again_after(self, records, person, monkeypatch, change):
        records.freeze(MARCH)
        planted = ExtractSegmentFactory(clinic=records.clinic, month=FEBRUARY, rows=[])
        CompleteMonth.objects.create(segment=planted, sessions=1, amendments=0, form=extract.FORM)

        if change == "one more session":
            records.session(person, date(2025, 2, 11), "missed")
        elif change == "an amendment":
            amend(records, person.planned_sessions.get(service_date=date(2025, 2, 10)), "missed")
        else:
            monkeypatch.setattr(extract, "FORM", change)

        assert planted.id not in records.freeze(MARCH).segment_ids

    def test_with_an_open_session_is_read_again(self, records, person):
        late = records.session(person, date(2025, 2, 11), None)
        records.freeze(MARCH)
        assert {complete.segment.month for complete in CompleteMonth.objects.all()} == {JANUARY, MARCH}

        amend(records, late, "missed")

        rows = self.attendance(records.freeze(MARCH), FEBRUARY)
        assert {row["outcome"] for row in rows} == {"given", "missed"}

    def test_that_is_not_over_is_never_complete(self, records, person):
        records.freeze(FEBRUARY)

        assert {complete.segment.month for complete in CompleteMonth.objects.all()} == {JANUARY, FEBRUARY}

    def test_of_another_clinic_is_not_taken(self, records, person):
        other = Records()
        somebody = other.person(started_on=date(2025, 1, 6))
        other.session(somebody, date(2025, 1, 10), "missed")
        records.freeze(MARCH)

        rows = self.attendance(other.freeze(MARCH), JANUARY)

        assert [row["outcome"] for row in rows] == ["missed"]

    @pytest.mark.parametrize("seed", range(6))
    def test_is_what_reading_everything_anew_gives(self, records, monkeypatch, seed):
        """Random days of a clinic, frozen after each: what was kept is what reading everything gives."""
        chance = random.Random(seed)
        people = [records.person(started_on=date(2025, 1, 6)) for _ in range(2)]
        free = [(person, date(2025, m, d)) for person in people for m in (1, 2, 3) for d in range(7, 20)]
        chance.shuffle(free)
        planned: list[PlannedSession] = []
        for _ in range(12):
            for _ in range(chance.randint(0, 3)):
                what = chance.random()
                if what < 0.7 or not planned:
                    person, day = free.pop()
                    planned.append(
                        records.session(person, day, chance.choice(["given", *WITHOUT_DOSE, None]))
                    )
                else:
                    amend(records, chance.choice(planned), chance.choice(WITHOUT_DOSE))
            month = chance.choice([JANUARY, FEBRUARY, MARCH])

            kept = records.freeze(month)

            assert kept == read_anew(monkeypatch, lambda month=month: records.freeze(month))


class TestSessionsOfASegment:
    def test_are_counted_by_the_database(self, records):
        one, other = records.person(started_on=JANUARY), records.person(started_on=JANUARY)
        for day in (7, 8, 9):
            records.session(one, date(2025, 1, day), "given")
        records.session(one, date(2025, 1, 10), "missed")
        records.session(other, date(2025, 1, 7), None)
        found = records.freeze(MARCH).segment_ids

        segments = ExtractSegment.objects.filter(id__in=found)

        counted = {
            (row["person"], row["outcome"]): row["sessions"]
            for row in segments.get(table_name="attendance").sessions
        }
        assert counted == {(str(one.id), "given"): 3, (str(one.id), "missed"): 1, (str(other.id), None): 1}
        assert segments.get(table_name="people").sessions is None

    def test_of_the_month_in_the_middle_of_which_the_clinic_opened_count_from_that_day(self, db):
        records = Records(opened_on=date(2025, 1, 10))
        person = records.person(started_on=date(2025, 1, 6))
        for month, day in ((1, 9), (1, 10), (1, 11), (2, 1), (3, 1)):
            records.session(person, date(2025, month, day), "given")

        facts = records.figures(MARCH).attendance

        assert facts.cumulative.attended == 4
        assert [month.attended for month in facts.months] == [2, 1, 1]
