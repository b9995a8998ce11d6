"""Health around treatment: what the actions store and refuse, what the table refuses, and which lines count."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.health import (
    HealthRefused,
    amend_health_step,
)
from outcomes.actions.lines import LineAmended, LineKeyReused, NeverTreatedHere
from outcomes.models import HealthLine
from outcomes.queries.health import HealthPage, get_health_page
from outcomes.queries.health_lines import said_in
from outcomes.rules.health import HealthSaid
from outcomes.rules.health_states import KitState
from outcomes.rules.support import Correction
from tests.factories import HealthLineFactory, PersonFactory
from tests.factories.health import a_health_step, a_kit, a_wound
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def today() -> date:
    return london_date(now())


@pytest.fixture
def page_of(room, today):
    def get() -> HealthPage:
        page = get_health_page(clinic=room.clinic, person_id=room.patient.id, today=today)
        assert page is not None
        return page

    return get


def step(room: TreatmentRoom, topic: str, name: str, **more: Any) -> HealthLine:
    return a_health_step(room.clinic, room.patient.id, topic, name, by=more.pop("by", room.nurse), **more)


def correct(room: TreatmentRoom, row: HealthLine, said: HealthSaid | None = None, **more: Any) -> HealthLine:
    given: dict[str, Any] = {
        "correction": Correction.WRONG_KEY,
        "key": uuid.uuid4(),
        "by": room.nurse,
        **more,
    }
    return amend_health_step(clinic=room.clinic, line=row.id, said=said or said_in(row), at=now(), **given)


def other(row: HealthLine, **changes: Any) -> HealthSaid:
    """Return what a row says, said otherwise."""
    before = said_in(row)
    return HealthSaid(**{name: getattr(before, name) for name in before.__slots__} | changes)


class TestRecording:
    def test_stores_the_step_and_tells_the_trail_the_topic_only(self, room, today):
        row = step(room, "hiv", "positive")

        assert (row.topic, row.step, row.happened_on, row.source) == ("hiv", "positive", today, "told")
        event = AuditEvent.objects.get(event="outcomes.health_step_recorded")
        assert (event.person, event.object_id, event.actor) == (room.patient.id, str(row.id), room.nurse)
        assert event.detail == {"topic": "hiv"}

    def test_stores_the_same_key_once(self, room):
        key = uuid.uuid4()

        rows = [a_wound(room.clinic, room.patient.id, by=room.nurse, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert HealthLine.objects.count() == 1

    def test_refuses_a_key_with_other_content_or_of_somebody_else(self, room, make_member):
        key = uuid.uuid4()
        step(room, "hcv", "offered", key=key)

        with pytest.raises(LineKeyReused, match="sent before with other answers"):
            step(room, "hcv", "declined", key=key)
        with pytest.raises(LineKeyReused):
            step(room, "hcv", "offered", key=key, by=make_member(room.clinic, Role.NURSE, "other"))

    def test_refuses_the_same_step_twice_on_a_day_and_tells_the_trail(self, room):
        step(room, "hcv", "offered")

        with pytest.raises(HealthRefused, match="Correct that line instead"):
            step(room, "hcv", "offered")

        refused = AuditEvent.objects.get(event="outcomes.health_step_recorded", outcome="refused")
        assert refused.detail == {"topic": "hcv"}

    def test_asks_for_what_came_before_only_of_what_was_done_here(self, room):
        with pytest.raises(HealthRefused, match="Before it stands “RNA test: virus found”"):
            step(room, "hcv", "treatment_started", source="here")

        step(room, "hcv", "rna_found")
        assert step(room, "hcv", "treatment_started", source="here").step == "treatment_started"

    def test_takes_two_wounds_and_two_kits_on_one_day(self, room, page_of):
        for _ in range(2):
            a_wound(room.clinic, room.patient.id, by=room.nurse)
            a_kit(room.clinic, room.patient.id, by=room.nurse)

        assert (len(page_of().wounds), len(page_of().kits)) == (2, 2)

    def test_refuses_somebody_never_accepted_here(self, room):
        with pytest.raises(NeverTreatedHere):
            a_health_step(room.clinic, PersonFactory().id, "hcv", "offered", by=room.nurse)

    def test_refuses_a_wound_of_somebody_else(self, room, today):
        strange = HealthLineFactory(topic="kit", step="given", expires_on=today + A_DAY)

        with pytest.raises(HealthRefused, match="Tap one that stands in the list"):
            step(room, "kit", "used", about=strange.id)


class TestCorrecting:
    def test_adds_a_row_that_counts_and_leaves_the_first(self, room, page_of):
        first = step(room, "hcv", "antibody_negative")

        second = correct(room, first, other(first, step="antibody_positive"))

        first.refresh_from_db()
        assert (first.step, second.step, second.amends) == ("antibody_negative", "antibody_positive", first)
        course = page_of().courses[1]
        assert course.state.step == "antibody_positive"
        assert [version.words for version in course.entries[0].before] == ["Antibody test negative"]
        event = AuditEvent.objects.get(event="outcomes.health_step_amended")
        assert event.detail == {"topic": "hcv", "amends": str(first.id), "correction": "wrong_key"}

    def test_that_strikes_out_keeps_the_words_and_frees_the_day(self, room, page_of):
        first = step(room, "hiv", "positive")

        struck = correct(room, first, other(first, step="negative"), correction=Correction.WRONG_PERSON)

        assert struck.step == "positive"
        assert page_of().courses[2].state.step == ""
        assert step(room, "hiv", "positive").step == "positive"

    def test_is_stored_once_by_its_key(self, room):
        first, key = step(room, "dental", "need"), uuid.uuid4()

        rows = [correct(room, first, other(first, step="seen"), key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert HealthLine.objects.count() == 2

    def test_is_refused_where_somebody_was_first(self, room):
        first = step(room, "dental", "need")
        correct(room, first)

        with pytest.raises(LineAmended, match="corrected meanwhile"):
            correct(room, first)

    def test_is_refused_onto_another_line_and_told_to_the_trail(self, room, today):
        step(room, "dental", "seen")
        first = step(room, "dental", "seen", on=today - A_DAY)

        with pytest.raises(HealthRefused, match="Correct that line instead"):
            correct(room, first, other(first, on=today))

        refused = AuditEvent.objects.get(event="outcomes.health_step_amended", outcome="refused")
        assert refused.detail == {"topic": "dental", "amends": str(first.id)}

    def test_does_not_make_a_kit_of_something_else(self, room):
        kit = a_kit(room.clinic, room.patient.id, by=room.nurse)

        with pytest.raises(HealthRefused, match="Strike this line out"):
            correct(room, kit, other(kit, step="trained", expires_on=None))


class TestAKit:
    def test_is_held_until_it_is_used_lost_or_replaced(self, room, page_of, today):
        assert (page_of().kit, page_of().is_trained) == (KitState.NONE, False)
        kit = a_kit(room.clinic, room.patient.id, by=room.nurse, days=10)
        step(room, "kit", "trained")
        assert (page_of().kit, page_of().is_trained) == (KitState.SOON, True)

        new = step(room, "kit", "replaced", about=kit.id, expires_on=today + timedelta(days=500))
        assert page_of().kit is KitState.HELD
        assert [one.id for one in page_of().kits if one.is_open] == [new.id]

        step(room, "kit", "used", about=new.id)
        assert page_of().kit is KitState.NONE
        with pytest.raises(HealthRefused, match="closed already"):
            step(room, "kit", "lost", about=new.id)

    def test_that_was_never_handed_out_takes_nothing_from_the_one_in_its_place(self, room, page_of, today):
        kit = a_kit(room.clinic, room.patient.id, by=room.nurse)
        new = step(room, "kit", "replaced", about=kit.id, expires_on=today + timedelta(days=500))

        correct(room, kit, correction=Correction.ENTERED_TWICE)

        assert page_of().kit is KitState.HELD
        assert {(one.id, one.is_struck, one.is_open) for one in page_of().kits} == {
            (kit.id, True, False),
            (new.id, False, True),
        }

    def test_that_was_never_handed_out_counts_for_nothing_with_what_became_of_it(self, room, page_of):
        kit = a_kit(room.clinic, room.patient.id, by=room.nurse)
        step(room, "kit", "lost", about=kit.id)

        correct(room, kit, correction=Correction.ENTERED_TWICE)

        assert page_of().kit is KitState.NONE

    def test_is_found_by_its_first_row_after_a_correction(self, room, page_of, today):
        kit = a_kit(room.clinic, room.patient.id, by=room.nurse, days=10)
        correct(room, kit, other(kit, expires_on=today + timedelta(days=500)))
        assert page_of().kit is KitState.HELD

        step(room, "kit", "lost", about=kit.id)

        assert page_of().kit is KitState.NONE


class TestAWound:
    def test_is_looked_at_on_the_day_of_its_newest_line(self, room, page_of, today):
        wound = a_wound(room.clinic, room.patient.id, by=room.nurse, days_ago=5)
        shown = page_of().wounds[0]
        assert (shown.name, shown.day, shown.is_due) == (
            "Abscess, left forearm",
            today - timedelta(days=4),
            True,
        )

        step(
            room,
            "wound",
            "looked_at",
            about=wound.id,
            size="half a coin",
            care="dressing",
            review_on=today + A_DAY,
        )
        assert (page_of().wounds[0].day, page_of().wounds[0].is_due) == (today + A_DAY, False)

        step(room, "wound", "healed", about=wound.id)
        assert (page_of().wounds[0].is_open, page_of().wounds[0].day) == (False, None)


class TestTheTable:
    def test_holds_one_row_per_key(self):
        first = HealthLineFactory()

        with refused_by("one_health_line_per_key"):
            HealthLineFactory(key=first.key)

    def test_asks_why_a_line_is_written_again(self):
        first = HealthLineFactory()

        with refused_by("health_correction_has_its_reason"):
            HealthLineFactory(clinic=first.clinic, patient=first.patient, amends=first)

    def test_keeps_a_step_in_its_topic(self):
        with refused_by("health_step_is_of_its_topic"):
            HealthLineFactory(topic="hiv", step="cured")

    def test_knows_which_kit_was_used(self):
        with refused_by("health_line_is_about_its_wound_or_kit"):
            HealthLineFactory(topic="kit", step="used")

    def test_knows_until_when_a_kit_is_good(self):
        with refused_by("kit_handed_out_has_its_date"):
            HealthLineFactory(topic="kit", step="given")

    def test_knows_when_a_wound_is_looked_at_again(self):
        with refused_by("open_wound_is_looked_at_again"):
            HealthLineFactory(topic="wound", step="found", kind="ulcer", site="shin", size="a coin")

    def test_knows_what_and_where_a_wound_is(self, today):
        with refused_by("new_wound_says_what_and_where"):
            HealthLineFactory(topic="wound", step="found", kind="ulcer", size="a coin", review_on=today)

    def test_knows_the_batch_of_what_was_given_here(self):
        with refused_by("vaccine_given_here_has_its_batch"):
            HealthLineFactory(topic="hbv", step="dose_1")
        HealthLineFactory(topic="hbv", step="dose_1", source="told")

    def test_takes_no_correction_of_another_persons_line(self):
        first = HealthLineFactory()

        with refused_by("health_correction_is_of_the_same_person"):
            HealthLineFactory(clinic=first.clinic, amends=first, correction="wrong_key")

    def test_takes_no_line_about_another_persons_kit(self, today):
        kit = HealthLineFactory(topic="kit", step="given", expires_on=today)

        with refused_by("health_line_is_about_the_same_person"):
            HealthLineFactory(clinic=kit.clinic, topic="kit", step="used", about=kit)

    def test_holds_a_step_once_on_a_day(self):
        first = HealthLineFactory()

        with refused_by("one_health_line_per_step_and_day"):
            HealthLineFactory(clinic=first.clinic, patient=first.patient)

    @pytest.mark.parametrize("sql", ["UPDATE {} SET step = 'immune'", "DELETE FROM {}"])
    def test_only_grows(self, sql):
        HealthLineFactory()

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format("outcomes_healthline"))
