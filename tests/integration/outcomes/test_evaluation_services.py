"""Other health services, safety and money, counted by hand."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta

import pytest

from dosing.models import Emergency, EmergencyIncident
from outcomes.models import IncidentReport, OffenceType
from outcomes.rules.evaluation.indicators import Source
from outcomes.rules.incidents import Harm
from tests.factories.records import AT, Records

MARCH = date(2025, 3, 1)
START = date(2025, 1, 20)


@pytest.fixture
def records(db: None) -> Records:
    return Records()


def day(after: int) -> date:
    return START + timedelta(days=after)


class TestServices:
    def test_count_stretches_that_end_by_the_start_and_that_begin_from_it(self, records):
        person = records.person(started_on=START)
        for first, until in ((-28, 0), (-5, 1), (0, 10), (10, 40)):
            records.use(person, day(first), day(until), ambulance=1)

        use = records.figures(MARCH).health.by_source[Source.SELF_REPORTED]

        assert (use.pre["ambulance"].events, use.pre["ambulance"].days) == (1, 28)
        assert (use.during["ambulance"].events, use.during["ambulance"].days) == (2, 40)

    @pytest.mark.parametrize(("until", "events"), [(date(2025, 4, 1), 1), (date(2025, 4, 2), 0)])
    def test_end_at_the_data_cut(self, records, until, events):
        person = records.person(started_on=START)
        records.use(person, day(0), day(1), ae=0)
        records.use(person, day(5), until, ae=1)

        assert records.indicators(MARCH)["health.ae.during_rate"].extras["events"] == events

    def test_do_not_count_days_of_which_nobody_asked(self, records):
        person = records.person(started_on=START)
        records.use(person, day(0), day(10), ae=1, inpatient=None)
        records.use(person, day(10), day(30), ae=None, inpatient=0)

        use = records.figures(MARCH).health.by_source[Source.SELF_REPORTED]

        assert (use.during["ae"].days, use.during["inpatient"].days) == (10, 20)

    def test_keep_what_was_told_and_looked_up_apart(self, records):
        person = records.person(started_on=START)
        records.use(person, day(0), day(10), ae=1)
        records.use(person, day(0), day(20), ae=2, source="record")

        by_source = records.figures(MARCH).health.by_source

        assert [by_source[source].during["ae"].events for source in by_source] == [2, 1]
        assert list(by_source) == [Source.RECORD, Source.SELF_REPORTED]

    def test_have_rows_though_none_lies_in_a_window(self, records):
        records.use(records.person(started_on=START), day(-1), day(1), ae=1)

        rate = records.indicators(MARCH)["health.ae.pre_rate"]

        assert (rate.value, rate.missing) == (None, 1)
        assert rate.note == "Nothing was asked or looked up before the start: no rate."

    def test_are_of_people_who_started(self, records):
        records.use(records.person(), day(0), day(10), ae=1)
        records.person(started_on=START)

        assert records.figures(MARCH).health.by_source == {}

    def test_say_how_many_people_lack_either_window(self, records):
        both, one = records.person(started_on=START), records.person(started_on=START)
        records.use(both, day(-20), day(0), ae=1)
        for person in (both, one):
            records.use(person, day(0), day(20), ae=1)

        assert records.indicators(MARCH)["health.ae.rate_ratio"].missing == 1


class TestSafety:
    def test_counts_from_opening_to_the_data_cut(self, records):
        person = records.person(started_on=START)
        for on in (date(2024, 12, 31), date(2025, 1, 1), date(2025, 3, 31), date(2025, 4, 1)):
            records.event(person, on, "over_sedation")

        assert records.figures(MARCH).safety.over_sedation == 2

    def test_tells_overdoses_by_place_and_naloxone_of_any_kind(self, records):
        person = records.person(started_on=START)
        records.event(person, START, "overdose", naloxone=True)
        records.event(person, START, "overdose", on_site=False, naloxone=False)
        records.event(person, START, "overdose", on_site=False)
        records.event(person, START, "other", naloxone=True)

        safety = records.figures(MARCH).safety

        assert (safety.overdose_on_site, safety.overdose_off_site, safety.naloxone) == (1, 2, 2)

    @pytest.mark.parametrize(
        ("exited", "reason", "died", "inside", "after"),
        [
            (None, "", 10, 1, 0),
            (10, "died", 10, 1, 0),
            (10, "dropped_out", 9, 1, 0),
            (10, "dropped_out", 10, 0, 1),
            (10, "dropped_out", 37, 0, 1),
            (10, "dropped_out", 38, 0, 0),
        ],
    )
    def test_lays_a_death_to_treatment_or_to_the_28_days_after(
        self, records, exited, reason, died, inside, after
    ):
        exit_day = None if exited is None else day(exited)
        person = records.person(started_on=START, exited_on=exit_day, exit_reason=reason)
        records.event(person, day(died), "death", on_site=False)

        safety = records.figures(MARCH).safety

        assert (safety.deaths_in_treatment, safety.deaths_after_exit_28d) == (inside, after)

    def test_counts_a_death_once_however_often_it_is_told(self, records):
        person = records.person(started_on=START)
        records.event(person, day(10), "death")
        records.event(person, day(11), "death")

        assert records.figures(MARCH).safety.deaths_in_treatment == 1

    def test_is_of_people_who_started(self, records):
        records.person(started_on=START)
        records.event(records.person(), START, "overdose")

        assert records.indicators(MARCH)["safety.overdose.on_site"].value == 0

    def written(self, records, person, **changes):
        said = {
            "kind": "overdose",
            "place": "clinic",
            "harm": Harm.MODERATE.value,
            "naloxone_given": True,
            "happened_on": START,
        }
        return IncidentReport.objects.create(
            clinic=records.clinic,
            patient=person,
            words="Invented.",
            key=uuid.uuid4(),
            recorded_by=records.by,
            recorded_at=AT,
            **said | changes,
        )

    def test_counts_an_incident_as_its_last_line_says(self, records):
        person = records.person(started_on=START)
        first = self.written(records, person)
        self.written(
            records,
            person,
            incident=first.incident,
            number=2,
            why="Learned more",
            kind="over_sedation",
            naloxone_given=False,
        )

        safety = records.figures(MARCH).safety

        assert (safety.overdose_on_site, safety.over_sedation, safety.naloxone) == (0, 1, 0)

    def test_counts_what_a_file_and_the_clinic_tell_of_once(self, records):
        person = records.person(started_on=START)
        records.event(person, START, "overdose", naloxone=True)
        self.written(records, person)
        self.written(records, person, happened_on=day(1))

        safety = records.figures(MARCH).safety

        assert (safety.overdose_on_site, safety.naloxone) == (2, 2)

    def emergency(self, records, person, at):
        emergency = Emergency.objects.create(
            clinic=records.clinic, patient=person, key=uuid.uuid4(), began_at=at, begun_by=records.by
        )
        for category in ("emergency", "naloxone"):
            EmergencyIncident.objects.create(
                emergency=emergency, category=category, opened_at=at, opened_by=records.by
            )

    def test_counts_naloxone_of_an_emergency_that_no_incident_tells_of(self, records):
        person = records.person(started_on=START)
        noon = datetime(2025, 1, 20, 12, tzinfo=UTC)
        self.emergency(records, person, noon)
        self.emergency(records, person, noon + timedelta(days=1))
        self.written(records, person, kind="over_sedation")

        safety = records.figures(MARCH).safety

        assert (safety.naloxone, safety.over_sedation, safety.overdose_on_site) == (2, 1, 0)

    @pytest.mark.parametrize("told", [True, None], ids=["the file knew of it", "the file did not say"])
    def test_counts_naloxone_once_that_a_file_an_incident_and_an_emergency_tell_of(self, records, told):
        person = records.person(started_on=START)
        records.event(person, START, "overdose", naloxone=told)
        self.written(records, person)
        self.emergency(records, person, datetime.combine(START, time(12), tzinfo=UTC))

        safety = records.figures(MARCH).safety

        assert (safety.naloxone, safety.overdose_on_site + safety.overdose_off_site) == (1, 1)


class TestMoney:
    def test_counts_every_month_before_the_data_cut_also_before_opening(self, records):
        for month, pounds in ((date(2024, 6, 1), 1), (MARCH, 2), (date(2025, 4, 1), 4)):
            records.cost(month, "drug", pounds)
        records.cost(MARCH, "setup", 8, payer="the prison group")

        figures = records.indicators(MARCH)

        assert figures["cost.programme.drug"].value == 3
        assert figures["cost.programme.setup"].value == 8
        assert figures["cost.payer.public health"].value == 3
        assert figures["cost.payer.the prison group"].value == 8

    def test_divides_the_running_cost_by_years_of_treatment(self, records):
        records.person(started_on=START)
        records.person(started_on=START, exited_on=day(10))
        records.cost(MARCH, "drug", 100)

        each = records.indicators(MARCH)["cost.per_patient_year"]

        assert each.denominator == pytest.approx(((date(2025, 4, 1) - START).days + 10) / 365.25)
        assert each.value == pytest.approx(100 / each.denominator)

    def test_adds_the_unit_costs_of_recorded_offences(self, records):
        OffenceType.objects.filter(code="fraud").update(response_cost_gbp=100, social_cost_gbp=1290)
        person = records.person(started_on=START)
        for on, kind in ((day(-1), "fraud"), (day(-365), "fraud"), (day(-366), "fraud"), (day(-2), "breach")):
            records.offence(person, on, kind)
        records.offence(person, day(0), "fraud")
        records.offence(person, day(1), "fraud", source="self_reported")

        figures = records.indicators(MARCH)

        before, after = figures["crime_cost.response.pre"], figures["crime_cost.response.post"]
        assert (before.value, before.extras["not_costed"]) == (200, 1)
        assert (after.value, after.extras["not_costed"]) == (100, 0)
        assert figures["crime_cost.social.pre"].value == 2 * 1290


class TestLegacy:
    SEPTEMBER = date(2025, 9, 1)

    def test_is_of_people_treated_for_210_days(self, records):
        for days in (210, 209):
            start = date(2025, 10, 1) - timedelta(days=days)
            records.offence(records.person(started_on=start), start - timedelta(days=900))

        assert records.figures(self.SEPTEMBER).legacy.known_before == 1

    def test_counts_all_before_the_start_and_what_the_follow_up_holds(self, records):
        person = records.person(started_on=START)
        for on in (day(-3000), day(-1), day(0), day(20)):
            records.offence(person, on)
        records.offence(person, day(21), source="self_reported")
        records.person(started_on=START)

        legacy = records.figures(self.SEPTEMBER).legacy

        assert (legacy.people, legacy.known_before, legacy.recorded_after) == (2, 2, 2)
        assert legacy.people_none_after == 1

    @pytest.mark.parametrize(("days", "people"), [(13, 0), (14, 1), (42, 1), (43, 0)])
    def test_reads_scores_of_the_form_nearest_to_day_28_of_any_stage(self, records, days, people):
        person = records.person(started_on=START)
        records.form(person, START, "start", physical=4)
        records.form(person, day(days), "post_exit", physical=10)

        change = records.indicators(self.SEPTEMBER)["legacy.physical_change_percent"]

        assert change.extras["people"] == people
        assert change.value == (150 if people else None)

    def test_does_not_compare_the_start_form_with_itself(self, records):
        person = records.person(started_on=START)
        records.form(person, day(14), "start", physical=4)

        assert records.indicators(self.SEPTEMBER)["legacy.physical_change_percent"].missing == 1

    def test_reads_homes_a_month_later(self, records):
        for state in ("rough", "own", "supported"):
            records.housing(records.person(started_on=START), day(28), state)
        records.housing(records.person(started_on=date(2025, 8, 1)), date(2025, 8, 29), "rough")

        homeless = records.indicators(self.SEPTEMBER)["legacy.homeless_month1"]

        assert (homeless.numerator, homeless.denominator) == (1, 3)
