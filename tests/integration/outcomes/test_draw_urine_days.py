"""The day of the week on which a sample is due: drawn by lot, once, and told on the day itself."""

from __future__ import annotations

import io
import itertools
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from django.core.management import call_command

from hat_clinic.accounts.actions import get_program
from hat_clinic.audit.models import AuditEvent
from hat_clinic.celery import app
from hat_clinic.core.clock import LONDON, london_date, now
from hat_clinic.pages.queries.subject_access import get_held
from outcomes.actions import urine
from outcomes.actions.urine import draw_urine_days
from outcomes.models import UrineDraw
from outcomes.rules.urine import days_to_draw_from
from outcomes.tasks import DRAWER, draw_days
from patients.models import Episode
from tests.factories.records import Records
from tests.factories.urine import UrineDrawFactory

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)
STARTED = date(2026, 1, 5)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=LONDON)


def draw(records: Records, day: date = MONDAY) -> int:
    return draw_urine_days(clinic=records.clinic, by=records.by, at=at(day))


@pytest.fixture
def records() -> Records:
    return Records(is_history=False)


class TestTheDraw:
    def test_gives_everybody_in_treatment_one_day_of_the_week(self, records: Records) -> None:
        people = [records.person(started_on=STARTED) for _ in range(3)]
        records.person()
        records.person(started_on=STARTED, exited_on=MONDAY)
        records.person(started_on=MONDAY + timedelta(days=1))

        assert draw(records) == 3

        drawn = UrineDraw.objects.filter(clinic=records.clinic)
        assert {one.patient_id for one in drawn} == {person.id for person in people}
        assert {one.week_on for one in drawn} == {MONDAY}
        assert {one.assay for one in drawn} == {"street_heroin_marker"}
        assert all(MONDAY <= one.due_on < MONDAY + timedelta(days=7) for one in drawn)

    def test_leaves_out_an_imported_history(self) -> None:
        history = Records()
        history.person(started_on=STARTED)

        assert draw(history) == 0

    def test_twice_changes_no_day(self, records: Records) -> None:
        for _ in range(5):
            records.person(started_on=STARTED)
        draw(records)
        first = dict(UrineDraw.objects.values_list("patient_id", "due_on"))

        assert draw(records, MONDAY + timedelta(days=3)) == 0
        assert dict(UrineDraw.objects.values_list("patient_id", "due_on")) == first

    def test_of_the_next_week_is_another(self, records: Records) -> None:
        records.person(started_on=STARTED)
        draw(records)

        assert draw(records, MONDAY + timedelta(days=7)) == 1

    def test_for_somebody_new_takes_none_of_the_days_gone_by(self, records: Records) -> None:
        for _ in range(30):
            records.person(started_on=STARTED)

        draw(records, MONDAY + timedelta(days=5))

        saturday, sunday = MONDAY + timedelta(days=5), MONDAY + timedelta(days=6)
        assert set(UrineDraw.objects.values_list("due_on", flat=True)) <= {saturday, sunday}

    def test_is_left_to_the_randomness_of_the_operating_system(self, records: Records, monkeypatch) -> None:
        asked: list[tuple[date, ...]] = []

        def lot(days: tuple[date, ...]) -> date:
            asked.append(days)
            return days[len(asked)]

        monkeypatch.setattr(urine.secrets, "choice", lot)
        records.person(started_on=STARTED)
        records.person(started_on=STARTED)

        draw(records)

        assert asked == [days_to_draw_from(MONDAY, started_on=STARTED)] * 2
        assert sorted(UrineDraw.objects.values_list("due_on", flat=True)) == [
            MONDAY + timedelta(days=1),
            MONDAY + timedelta(days=2),
        ]

    def test_of_a_person_who_has_a_day_of_another_clinic_stays_with_that(self, records: Records) -> None:
        person = records.person(started_on=STARTED)
        elsewhere = UrineDrawFactory(patient=person, due_on=MONDAY)

        assert draw(records) == 0
        assert UrineDraw.objects.get(patient=person) == elsewhere


class TestTheWeekOfTreatment:
    def nights(self, records: Records, first: date, *, days: int) -> None:
        for day in range(days):
            draw(records, first + timedelta(days=day))

    @pytest.mark.parametrize("end", [0, -1], ids=["the first day", "the last day"])
    def test_has_a_day_each_whatever_the_weekday_of_the_start(
        self, records: Records, monkeypatch, end: int
    ) -> None:
        # The lot falls on the first and on the last of the days by turns, or by turns the other way round.
        turn = itertools.cycle([end, -1 - end])
        monkeypatch.setattr(urine.secrets, "choice", lambda days: days[next(turn)])
        starts = [STARTED + timedelta(days=day) for day in range(7)]
        people = {records.person(started_on=start).id: start for start in starts}

        self.nights(records, STARTED, days=7 * 5)

        weeks = Counter(
            (one.patient_id, (one.due_on - people[one.patient_id]).days // 7)
            for one in UrineDraw.objects.filter(clinic=records.clinic)
        )
        whole = {(person, week) for person, start in people.items() for week in range(4)}
        assert {weeks[one] for one in whole} == {1}
        assert set(weeks.values()) == {1}

    def test_of_somebody_who_came_back_goes_on_from_the_first_start(self, records: Records) -> None:
        first = STARTED + timedelta(days=1)
        person = records.person(started_on=first, exited_on=STARTED + timedelta(days=60))
        records.treatment(person, started_on=MONDAY - timedelta(days=3))

        draw(records)

        assert UrineDraw.objects.get().week_on == MONDAY - timedelta(days=6)

    def test_that_holds_a_day_drawn_by_the_calendar_gets_no_other(self, records: Records) -> None:
        # A row from before the change: its week is another, its day lies in the week of treatment that runs now.
        person = records.person(started_on=STARTED)
        UrineDrawFactory(clinic=records.clinic, patient=person, due_on=MONDAY + timedelta(days=4))
        Episode.objects.filter(person=person).update(started_on=STARTED + timedelta(days=3))
        thursday = MONDAY + timedelta(days=3)

        assert draw(records, thursday) == 0
        assert draw(records, thursday + timedelta(days=7)) == 1

    def test_runs_on_while_somebody_cannot_come(self, records: Records) -> None:
        person = records.person(started_on=STARTED)
        records.custody(person, MONDAY - timedelta(days=30), None)

        assert draw(records) == 1


class TestTheTrail:
    def test_tells_for_how_many_and_never_which_day(self, records: Records) -> None:
        records.person(started_on=STARTED)
        draw(records)

        event = AuditEvent.objects.get(event="outcomes.urine_days_drawn")
        assert event.detail == {"people": 1}
        assert (event.person, event.object_id) == (None, "")

    def test_says_nothing_where_nobodys_day_was_drawn(self, records: Records) -> None:
        draw(records)

        assert not AuditEvent.objects.filter(event="outcomes.urine_days_drawn").exists()


class TestTheNight:
    def test_draws_for_every_clinic(self) -> None:
        for _ in range(2):
            Records(is_history=False).person(started_on=STARTED)

        assert draw_days() == 2
        assert draw_days() == 0

    def test_draws_for_the_others_where_one_clinic_fails(self, monkeypatch) -> None:
        for _ in range(3):
            Records(is_history=False).person(started_on=STARTED)
        get_program(name=DRAWER, at=now())  # it asks for randomness too
        lots = itertools.count()

        def lot(days: tuple[date, ...]) -> date:
            if next(lots) == 0:
                raise OSError("no randomness")
            return days[0]

        monkeypatch.setattr(urine.secrets, "choice", lot)

        with pytest.raises(OSError, match="no randomness"):
            draw_days()

        assert UrineDraw.objects.count() == 2

    def test_is_on_the_schedule_every_night(self) -> None:
        entry = app.conf.beat_schedule["draw-urine-days"]

        assert entry["task"] == draw_days.name
        assert entry["schedule"].day_of_week == set(range(7))

    def test_can_be_made_up_for_by_hand(self, records: Records) -> None:
        records.person(started_on=STARTED)
        out = io.StringIO()

        call_command("draw_urine_days", stdout=out)
        call_command("draw_urine_days", stdout=out)

        assert out.getvalue().splitlines() == ["1 day was drawn.", "0 days were drawn."]


class TestWhatIsHeldAboutAPerson:
    @pytest.mark.parametrize(("ahead", "told"), [(0, 1), (1, 0)])
    def test_tells_the_day_once_it_has_come(self, records: Records, ahead: int, told: int) -> None:
        person = records.person(started_on=STARTED)
        due_on = london_date(now()) + timedelta(days=ahead)
        UrineDrawFactory(clinic=records.clinic, patient=person, due_on=due_on)

        held = get_held(person_id=person.id, at=now())

        assert [len(table.rows) for table in held.tables if table.label == "outcomes.UrineDraw"] == [told]
