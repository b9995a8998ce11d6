"""Months that a report does not read again: while nothing was written in them, whoever writes and whatever table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from psycopg2.errors import UniqueViolation

from dosing.models import PlannedSession, SessionOutcome
from outcomes.actions.evaluation import extract
from outcomes.models import (
    ChangedMonth,
    ExtractSegment,
    KeptMonth,
    SegmentTally,
    SupportSession,
    UrineDraw,
)
from tests.factories.accounts import AgencyFactory
from tests.factories.outcomes import (
    ExtractSegmentFactory,
    OutcomeFormFactory,
    OwnAnswersFactory,
    SupportSessionFactory,
)
from tests.factories.records import AT, Records
from tests.factories.urine import UrineDrawFactory, UrineStepFactory, steps_of
from tests.integration.dosing.test_correction_triggers import correction
from tests.owner import as_owner

JANUARY, FEBRUARY, MARCH, APRIL = (date(2025, month, 1) for month in (1, 2, 3, 4))
DAY = date(2025, 2, 10)
STARTED = date(2025, 1, 6)
WITHOUT_DOSE = ["missed", "excused", "withheld"]
TABLES = ["attendance", "own", "support", "top", "urine"]


@pytest.fixture
def records(db: None) -> Records:
    return Records()


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


def anew(records: Records, month: date, monkeypatch: pytest.MonkeyPatch) -> extract.Extract:
    """Freeze without trusting anything that an earlier freeze kept."""
    with monkeypatch.context() as patch:
        patch.setattr(extract, "FORM", "another statement")
        return records.freeze(month)


def kept(table: str) -> set[date]:
    return {one.month for one in KeptMonth.objects.filter(table_name=table)}


class AClinic:
    """One person who came in January, February and March, with a row in each table that is kept by months."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.person = records.person(started_on=STARTED)
        self.agency = AgencyFactory()
        self.whose = {"clinic": records.clinic, "patient": self.person}
        for month in (1, 2, 3):
            day = date(2025, month, 10)
            self.session = records.session(self.person, day, "given")
            SupportSessionFactory(**self.whose, booked_on=day, agency=self.agency)
            OutcomeFormFactory(**self.whose, completed_on=day)
            OwnAnswersFactory(**self.whose, answered_on=day)
            steps_of(UrineDrawFactory(**self.whose, due_on=day), "taken", "sent", "result")
        UrineDrawFactory(**self.whose, due_on=date(2025, 2, 26))

    def of_february(self, model: type) -> object:
        day = {"PlannedSession": "service_date", "SupportSession": "booked_on", "UrineDraw": "due_on"}
        return model.objects.get(**{day[model.__name__]: DAY})


@pytest.fixture
def clinic(records: Records) -> AClinic:
    return AClinic(records)


# What is written, and which table of February it changes.
CHANGES: dict[str, tuple[str, Callable[[AClinic], object]]] = {
    "one more session": ("attendance", lambda c: c.records.session(c.person, date(2025, 2, 11), "missed")),
    "an outcome put right": (
        "attendance",
        lambda c: amend(c.records, c.of_february(PlannedSession), "missed"),
    ),
    "one more help": ("support", lambda c: SupportSessionFactory(**c.whose, booked_on=date(2025, 2, 28))),
    "help of another month instead": (
        "support",
        lambda c: SupportSessionFactory(
            **c.whose,
            booked_on=date(2025, 3, 2),
            amends=c.of_february(SupportSession),
            correction="wrong_key",
        ),
    ),
    "another name of the agency": ("support", lambda c: rename(c.agency)),
    "one more form": ("top", lambda c: OutcomeFormFactory(**c.whose, completed_on=FEBRUARY)),
    "one more answer": ("own", lambda c: OwnAnswersFactory(**c.whose, answered_on=date(2025, 2, 28))),
    "one more day drawn": ("urine", lambda c: UrineDrawFactory(**c.whose, due_on=date(2025, 2, 20))),
    "a sample void": (
        "urine",
        lambda c: UrineStepFactory(
            draw=c.of_february(UrineDraw),
            number=4,
            before="result",
            kind="void",
            reference="",
            because="lost",
            words="It was another one's.",
        ),
    ),
    "a sample that a file told": (
        "urine",
        lambda c: c.records.urine(c.person, date(2025, 2, 20), "positive"),
    ),
    "a file that told of the same week": (
        "urine",
        lambda c: c.records.urine(c.person, date(2025, 2, 11), "positive"),
    ),
    "a file that told of a week that ends in another month": (
        "urine",
        lambda c: c.records.urine(c.person, date(2025, 3, 2), "positive"),
    ),
    "an exit before a day that was drawn": (
        "urine",
        lambda c: c.person.episodes.update(exited_on=date(2025, 2, 25), exit_reason="other"),
    ),
}


def rename(agency) -> None:
    agency.name = "Invented Agency of another name"
    agency.save()


class TestAMonth:
    def test_is_kept_for_every_long_table_once_it_is_settled(self, clinic) -> None:
        clinic.records.freeze(MARCH)

        for table in TABLES:
            march = set() if table == "urine" else {MARCH}  # a file may tell of a week that ends in April
            assert kept(table) == {JANUARY, FEBRUARY} | march, table
        assert {mark.table_name for mark in ChangedMonth.objects.all()} == {"urine"}
        assert {mark.month for mark in ChangedMonth.objects.all()} == {MARCH}

    @pytest.mark.parametrize("table", TABLES)
    def test_is_not_read_again_while_nothing_is_written(self, clinic, table) -> None:
        first = clinic.records.freeze(MARCH)
        planted = ExtractSegmentFactory(
            clinic=clinic.records.clinic, month=FEBRUARY, table_name=table, rows=[]
        )
        KeptMonth.objects.filter(table_name=table, month=FEBRUARY).update(segment=planted)

        second = clinic.records.freeze(MARCH)

        assert set(second.segment_ids) - set(first.segment_ids) == {planted.id}

    @pytest.mark.parametrize("change", CHANGES)
    def test_is_read_again_after(self, clinic, monkeypatch, change) -> None:
        table, write = CHANGES[change]
        before = clinic.records.freeze(MARCH)

        write(clinic)
        after = clinic.records.freeze(MARCH)

        assert after.sha256 != before.sha256
        new = ExtractSegment.objects.filter(id__in=set(after.segment_ids) - set(before.segment_ids))
        gone = ExtractSegment.objects.filter(id__in=set(before.segment_ids) - set(after.segment_ids))
        assert (table, FEBRUARY) in {(one.table_name, one.month) for one in [*new, *gone]}
        assert after == anew(clinic.records, MARCH, monkeypatch)

    def test_is_read_again_after_a_change_of_the_statement(self, clinic, monkeypatch) -> None:
        clinic.records.freeze(MARCH)
        planted = ExtractSegmentFactory(clinic=clinic.records.clinic, month=FEBRUARY, rows=[])
        KeptMonth.objects.filter(table_name="attendance", month=FEBRUARY).update(segment=planted)

        assert planted.id not in anew(clinic.records, MARCH, monkeypatch).segment_ids

    def test_that_is_empty_is_kept_as_empty(self, clinic) -> None:
        SupportSessionFactory(
            **clinic.whose,
            booked_on=DAY,
            amends=clinic.of_february(SupportSession),
            correction="entered_twice",
        )

        clinic.records.freeze(MARCH)

        assert KeptMonth.objects.get(table_name="support", month=FEBRUARY).segment is None
        assert not ChangedMonth.objects.filter(table_name="support").exists()

    def test_that_is_not_over_is_not_kept(self, clinic) -> None:
        clinic.records.freeze(FEBRUARY)

        assert kept("attendance") == {JANUARY, FEBRUARY}
        assert ChangedMonth.objects.filter(table_name="attendance", month=MARCH).exists()

    def test_of_another_clinic_is_not_taken(self, clinic) -> None:
        other = Records()
        other.session(other.person(started_on=STARTED), date(2025, 1, 10), "missed")
        clinic.records.freeze(MARCH)

        found = other.freeze(MARCH).segment_ids

        (segment,) = ExtractSegment.objects.filter(id__in=found, table_name="attendance")
        assert [row["outcome"] for row in segment.rows] == ["missed"]


class TestAResultThatCameLate:
    """February's sample was reported in March: a report as of the first of March knows of no result."""

    @pytest.fixture
    def drawn(self, records) -> UrineDraw:
        draw = UrineDrawFactory(clinic=records.clinic, patient=records.person(started_on=STARTED), due_on=DAY)
        steps_of(draw, "taken", "sent")
        UrineStepFactory(
            draw=draw,
            number=3,
            before="sent",
            kind="result",
            reference="",
            assay=draw.assay,
            found="positive",
            reported_on=date(2025, 3, 9),
        )
        return draw

    def results(self, records: Records, month: date) -> list[str | None]:
        found = records.freeze(month).segment_ids
        (segment,) = ExtractSegment.objects.filter(id__in=found, table_name="urine")
        return [row["result"] for row in segment.rows]

    def test_is_in_the_report_of_its_day_and_in_none_before(self, records, drawn) -> None:
        assert self.results(records, FEBRUARY) == [None]
        assert kept("urine") == set()
        assert self.results(records, MARCH) == ["positive"]
        assert KeptMonth.objects.get(table_name="urine", month=FEBRUARY).settled_on == date(2025, 3, 10)
        assert self.results(records, FEBRUARY) == [None]
        assert self.results(records, MARCH) == ["positive"]


class TestAWeekOfTreatment:
    """A sample of our own gives way to what a file told of the same week, wherever both are frozen."""

    def test_that_ends_in_a_kept_month_is_looked_at_when_the_month_before_is_read(
        self, clinic, monkeypatch
    ) -> None:
        clinic.records.urine(clinic.person, date(2025, 3, 2), "positive")
        clinic.records.freeze(APRIL)
        assert kept("urine") == {JANUARY, FEBRUARY, MARCH}

        UrineDrawFactory(**clinic.whose, due_on=date(2025, 2, 20))

        assert clinic.records.freeze(APRIL) == anew(clinic.records, APRIL, monkeypatch)

    def test_is_not_kept_before_the_start_it_is_counted_from(self, records, monkeypatch) -> None:
        """Without a start before the data cut weeks are those of the calendar."""
        person = records.person(started_on=date(2025, 1, 8))
        draw = UrineDrawFactory(clinic=records.clinic, patient=person, due_on=date(2025, 1, 15))
        steps_of(draw, "taken", "sent", "result")
        records.urine(person, date(2025, 1, 14), "positive")
        person.episodes.update(accepted_on=date(2025, 3, 5), started_on=date(2025, 3, 5))

        as_of_march, as_of_april = records.freeze(FEBRUARY), records.freeze(MARCH)

        samples = [
            ExtractSegment.objects.get(id__in=found.segment_ids, table_name="urine").row_count
            for found in (as_of_march, as_of_april)
        ]
        assert samples == [1, 2]
        assert as_of_april == anew(records, MARCH, monkeypatch)


class TestARowWrittenMeanwhile:
    def test_is_in_the_next_report(self, own_database: str) -> None:
        """Another connection has written a session and not yet said so while a report is frozen."""
        records = Records()
        clinic = AClinic(records)
        planned = clinic.of_february(PlannedSession)
        with as_owner(own_database) as other:
            other.execute("BEGIN")
            other.execute(
                "INSERT INTO dosing_plannedsession (id, clinic_id, patient_id, episode_id, service_date, slot,"
                " import_run_id) SELECT gen_random_uuid(), clinic_id, patient_id, episode_id, service_date + 1,"
                " slot, import_run_id FROM dosing_plannedsession WHERE id = %s",
                [str(planned.id)],
            )
            before = records.freeze(MARCH)
            assert FEBRUARY in kept("attendance")

            other.execute("COMMIT")

        after = records.freeze(MARCH)

        new = ExtractSegment.objects.get(id__in=set(after.segment_ids) - set(before.segment_ids))
        assert (new.table_name, new.month, new.row_count) == ("attendance", FEBRUARY, 2)

    def test_keeps_its_mark_when_others_are_taken_away(self, clinic) -> None:
        seen = list(ChangedMonth.objects.values_list("id", flat=True))
        clinic.records.session(clinic.person, date(2025, 2, 12), "given")

        with connection.cursor() as cursor:
            cursor.execute("SELECT take_marks_away(%s)", [seen])

        (left,) = {(mark.table_name, mark.month) for mark in ChangedMonth.objects.all()}
        assert left == ("attendance", FEBRUARY)


class TestSegmentTally:
    def test_is_counted_once(self, own_database: str) -> None:
        segment = ExtractSegmentFactory(rows=[{"person": "P", "outcome": "given"}])
        tally = SegmentTally.objects.get(segment=segment)

        with (
            as_owner(own_database) as owner,
            pytest.raises(UniqueViolation, match="one_tally_per_person_and_state"),
        ):
            owner.execute(
                "INSERT INTO outcomes_segmenttally (segment_id, person, assay, state, number)"
                " SELECT segment_id, person, assay, state, 2 FROM outcomes_segmenttally WHERE id = %s",
                [tally.id],
            )
