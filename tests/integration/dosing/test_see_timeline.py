"""One person on one line of time: who sees it, what is on it, and what it costs."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dosing.actions.observation import record_early_leaving
from dosing.actions.orders import SentPage, end_order
from dosing.models import Order, PlannedSession, SessionOutcome
from dosing.queries.orders import as_seen, get_last_order
from dosing.queries.timeline import TimelinePage, get_timeline, list_oral
from dosing.rules.checks import Sedation
from dosing.rules.orders import EndReason, Product
from dosing.rules.sessions import Outcome, Reason
from dosing.rules.timeline.facts import Mark
from dosing.rules.timeline.rows import Kind
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import LONDON, london_date, now
from patients.models import Episode
from tests.factories import EpisodeFactory, ImportRunFactory
from tests.factories.timeline import Life, SetClock, a_fortnight, a_life
from tests.factories.treatment import (
    TreatmentRoom,
    a_clinic,
    a_patient_in_treatment,
    a_treatment_room,
    another,
)
from tests.integration.patients.pages import words
from tests.owner import as_owner

END = datetime(2026, 11, 24, 10, 0, tzinfo=LONDON)
Enter = Callable[[Role], Client]


@pytest.fixture
def set_clock(own_database: str) -> Iterator[SetClock]:
    """Return a function that sets the clock of a database of this test's own."""

    def at(moment: datetime) -> None:
        with as_owner(own_database) as owner:
            owner.execute("DELETE FROM clock_override")
            owner.execute("INSERT INTO clock_override VALUES (%s)", [moment])

    yield at


def seen(room: TreatmentRoom, *, days: int | None = 14) -> TimelinePage:
    page = get_timeline(clinic=room.clinic, patient_id=room.patient.id, days=days, at=now())
    assert page is not None
    return page


def told(page: TimelinePage, kind: Kind = Kind.SESSION) -> list[str]:
    return [row.what for row in page.rows if row.kind is kind]


class TestAFortnight:
    @pytest.fixture
    def life(self, set_clock: SetClock) -> Life:
        return a_fortnight(set_clock, end=END)

    def test_is_drawn_and_told_whole(self, life: Life, make_member, sign_in) -> None:
        page = seen(life.room)

        assert page.known.counts == (
            (Mark.GIVEN, 21),
            (Mark.LESS, 1),
            (Mark.WITHHELD, 1),
            (Mark.MISSED, 1),
            (Mark.EXCUSED, 1),
            (Mark.HELD, 1),
            (Mark.NO_RECORD, 1),
        )
        assert len(page.drawing.bars) == 22
        assert [step.label for step in page.drawing.steps] == [
            "",  # the first one ended on the first morning
            "Order 2: 15 mg",
            "Order 3: 16 mg",
            "Order 4: 18 mg",
        ]
        assert [event.text for event in page.drawing.events] == [
            "Missed: reason unknown",
            "POSS 3, oxygen 92 %: roused, stayed longer",
            "Review: roused after a dose, by Dr Priya Nair",
            "Hold: oxygen 93 %, breath alcohol 40 µg, lifted by Dr Priya Nair",
            "Withheld: intoxicated",
            "Excused: hospital",
            "Hold: oxygen 93 %, breath alcohol 40 µg, stands",
        ]
        assert page.drawing.left_out == 0 and page.drawing.oral == ()
        drowsy = next(row for row in page.rows if row.asked)
        assert (drowsy.when, drowsy.dose, drowsy.order) == (
            "Tue 17 Nov 2026 at 17:50, afternoon",
            "16 mg",
            "16 mg",
        )
        assert drowsy.after == "POSS 3, breathing 14, oxygen 92 %"
        assert drowsy.more == "Into a vein, left arm. Not counted as tolerated."
        less = next(row for row in page.rows if row.mark is Mark.LESS)
        assert (less.dose, less.order, less.more) == ("12 mg", "16 mg", "Into a vein, left arm. Tolerated.")
        assert told(page, Kind.HOLD) == [
            "Hold opened: oxygen 93 %, breath alcohol 40 µg",
            "Hold lifted: oxygen 93 %, breath alcohol 40 µg",
            "Hold opened: oxygen 93 %, breath alcohol 40 µg",
            "Review lifted: roused after a dose",
            "Review opened: roused after a dose",
        ]

        browser = sign_in(Client(), make_member(life.room.clinic, Role.DOCTOR))
        path = reverse("dosing:see_timeline", args=[life.room.clinic.code, life.room.patient.id])
        text = words(browser.get(path))
        assert "Hold since 09:30 on 24 November: oxygen 93 %, breath alcohol 40 µg" in text
        assert "Decide on the hold" in text and "New order" in text
        assert "11 November 2026 to 24 November 2026: 21 given" in text
        # The table is there for readers of screens while the drawing is shown, and alone when asked for.
        assert "Not counted as tolerated." in text
        as_table = browser.get(path, {"as": "table", "days": "28"}).content.decode()
        assert 'class="hat-timeline__drawing"' not in as_table and "Draw it" in as_table
        assert 'href="?days=84&amp;as=table"' in as_table
        assert seen(life.room, days=None).window.first_on == london_date(END) - timedelta(days=14)


class TestOneOfMany:
    """Things that are seldom on a line of time."""

    def test_an_order_that_was_ended_says_why(self, db: None) -> None:
        room = a_treatment_room()
        last = get_last_order(patient_id=room.patient.id, product=Product.DIAMORPHINE)
        end_order(
            clinic=room.clinic,
            episode=room.episode,
            reason=EndReason.SAFETY,
            words="Found asleep.",
            page=SentPage(key=uuid.uuid4(), seen=as_seen(last)),
            by=room.doctor,
            at=now(),
        )

        page = seen(room)

        assert told(page, Kind.ORDER)[0] == "Order 1 ended: dosing is not safe now"

    def test_a_dose_under_way_is_not_ended_yet(self, db: None) -> None:
        room = a_treatment_room()
        room.checked()

        (session,) = seen(room).known.sessions

        assert (session.mark, session.given_mg, session.ordered_mg) == (Mark.OPEN, None, 15)

    def test_an_amendment_counts_and_what_it_amends_does_not(self, db: None, nurse) -> None:
        room = a_treatment_room()
        visit = room.checked()
        first = SessionOutcome.objects.create(
            session=visit.session, outcome="missed", reason="unknown", recorded_by=nurse, recorded_at=now()
        )
        SessionOutcome.objects.create(
            session=visit.session,
            outcome="withheld",
            reason="intoxicated",
            recorded_by=nurse,
            recorded_at=now() + timedelta(days=3),
            amends=first,
        )

        (session,) = seen(room).known.sessions

        # Written down on another day, it stands in the middle of its session.
        assert (session.mark, session.reason, session.is_timed) == (Mark.WITHHELD, "intoxicated", False)

    @pytest.mark.parametrize("slot", ["am", "eve"])
    def test_imported_history_has_its_milligrams_and_says_where_it_is_from(self, db: None, slot: str) -> None:
        room = a_treatment_room()
        run = ImportRunFactory(clinic=room.clinic)
        on = london_date(now()) - timedelta(days=2)
        session = PlannedSession.objects.create(
            clinic=room.clinic,
            patient=room.patient,
            episode=room.episode,
            service_date=on,
            slot=slot,
            import_run=run,
        )
        SessionOutcome.objects.create(session=session, outcome="given", given_mg=140, import_run=run)

        page = seen(room, days=None)

        (shown,) = page.known.sessions
        assert (shown.given_mg, shown.ordered_mg, shown.is_timed) == (140, None, False)
        assert shown.notes == ("From earlier records.",)
        assert page.window.first_on == on

    def test_somebody_who_left_early_says_why(self, db: None) -> None:
        room = a_treatment_room()
        session = room.give().session_id
        record_early_leaving(
            clinic=room.clinic, session_id=session, reason="Had a bus to catch.", by=room.nurse, at=now()
        )

        (shown,) = seen(room).known.sessions

        assert shown.notes == ("Left early: Had a bus to catch.",)

    @pytest.mark.parametrize(
        ("found", "why"),
        [
            ({"breaths": 10}, "breathing 10"),
            ({"alcohol_ug": 40}, "breath alcohol 40 µg"),
            ({"pulse": None}, "a pulse that could not be measured"),
        ],
    )
    def test_a_hold_says_in_figures_what_it_is_for(self, db: None, found: dict, why: str) -> None:
        room = a_treatment_room()
        room.check(room.identify(), **found)

        page = seen(room)

        assert page.hold is not None and page.hold.why == why
        assert page.known.sessions[0].mark is Mark.HELD

    def test_a_sedation_that_holds_is_told_by_its_step(self, db: None) -> None:
        room = a_treatment_room()
        room.check(room.identify(), sedation=Sedation.DRIFTS_OFF)

        hold = seen(room).hold

        assert hold is not None and hold.why == "POSS 3"

    def test_oral_medicine_has_a_lane_of_its_own_with_nothing_in_it_yet(self, db: None) -> None:
        room = a_treatment_room()

        assert list_oral(patient_id=room.patient.id, window=seen(room).window) == ()

    def test_doses_elsewhere_are_counted_and_not_shown(self, db: None, make_member, sign_in) -> None:
        room = a_treatment_room()
        room.give()
        connection.check_constraints()  # as at its commit, before the person moves on
        Episode.objects.filter(id=room.episode.id).update(
            exited_on=london_date(now()), exit_reason=Episode.ExitReason.TRANSFERRED
        )
        here = a_treatment_room()
        EpisodeFactory(person=room.patient, clinic=here.clinic, accepted_on=london_date(now()))

        page = get_timeline(clinic=here.clinic, patient_id=room.patient.id, days=14, at=now())

        assert page is not None and page.elsewhere == 1
        assert page.known.is_empty
        path = reverse("dosing:see_timeline", args=[here.clinic.code, room.patient.id])
        browser = sign_in(Client(), make_member(here.clinic, Role.DOCTOR))
        text = words(browser.get(path))
        assert "1 dose in these days was given elsewhere and is not shown here." in text
        assert "180" not in text


class TestThePage:
    @pytest.fixture
    def room(self, db: None) -> TreatmentRoom:
        return a_treatment_room()

    @pytest.fixture
    def enter(self, room, make_member, sign_in) -> Enter:
        return lambda role: sign_in(Client(), make_member(room.clinic, role, f"a{role.value}"))

    def path(self, room: TreatmentRoom, patient_id: uuid.UUID | None = None) -> str:
        return reverse("dosing:see_timeline", args=[room.clinic.code, patient_id or room.patient.id])

    @pytest.mark.parametrize(
        ("role", "buttons"),
        [
            (Role.NURSE, []),
            (Role.PRESCRIBER, []),
            (Role.CLINICAL_LEAD, []),
            (Role.DOCTOR, ["New order"]),
        ],
    )
    def test_is_open_to_who_treats(self, room, enter: Enter, role: Role, buttons: list[str]) -> None:
        text = words(enter(role).get(self.path(room)))

        assert "15 mg" in text and "None is recorded in these days." in text
        assert [word for word in ("New order", "Decide on the hold") if word in text] == buttons

    @pytest.mark.parametrize(
        "role", sorted(set(Role) - {Role.NURSE, Role.PRESCRIBER, Role.DOCTOR, Role.CLINICAL_LEAD})
    )
    def test_is_closed_to_everybody_else(self, room, enter: Enter, role: Role) -> None:
        assert enter(role).get(self.path(room)).status_code == 403

    def test_of_another_clinic_is_not_there(self, room, enter: Enter) -> None:
        elsewhere = a_patient_in_treatment(a_clinic(), by=room.doctor)

        theirs = enter(Role.DOCTOR).get(self.path(room, elsewhere.person_id))

        assert theirs.status_code == 404
        assert not AuditEvent.objects.filter(event="dosing.timeline_seen").exists()

    def test_of_somebody_who_left_says_so_and_orders_nothing(self, room, enter: Enter) -> None:
        Episode.objects.filter(id=room.episode.id).update(
            exited_on=london_date(now()), exit_reason=Episode.ExitReason.COMPLETED
        )

        text = words(enter(Role.DOCTOR).get(self.path(room)))

        assert "treatment here has ended" in text and "New order" not in text and "15 mg" in text

    def test_of_somebody_without_anything_says_what_comes_next(self, room, enter: Enter) -> None:
        new = a_patient_in_treatment(room.clinic, by=room.doctor)

        text = words(enter(Role.NURSE).get(self.path(room, new.person_id)))

        assert "Nothing is known of these days." in text and "first order and the first session" in text

    def test_is_a_look_at_the_person(self, room, enter: Enter) -> None:
        enter(Role.NURSE).get(self.path(room))

        assert AuditEvent.objects.get(event="dosing.timeline_seen").person == room.patient.id

    def test_has_no_style_no_script_and_no_name_in_its_drawing(self, room, enter: Enter) -> None:
        room.give()
        page = enter(Role.NURSE).get(self.path(room)).content.decode()
        drawing = re.search(r"<svg class=\"hat-timeline__drawing\".*</figure>", page, re.DOTALL)

        assert drawing is not None
        assert "style=" not in drawing[0] and "<script" not in drawing[0]
        assert room.patient.family_name not in drawing[0]
        assert 'aria-hidden="true"' in drawing[0]

    @pytest.mark.parametrize(
        ("name", "role", "there"),
        [
            ("pages:see_person", Role.DOCTOR, True),
            ("pages:see_person", Role.NURSE, True),
            ("pages:see_person", Role.CASE_WORKER, False),
            ("pages:see_person", Role.CLINICAL_LEAD, True),
            ("dosing:see_orders", Role.NURSE, True),
            ("dosing:see_orders", Role.CLINICAL_LEAD, True),
        ],
    )
    def test_is_reached_from_the_persons_pages_by_who_may(
        self, room, enter: Enter, name: str, role: Role, there: bool
    ) -> None:
        page = enter(role).get(reverse(name, args=[room.clinic.code, room.patient.id])).content.decode()

        assert (self.path(room) in page) is there

    @pytest.mark.parametrize(("role", "there"), [(Role.PRESCRIBER, True), (Role.CLINICAL_LEAD, True)])
    def test_is_reached_from_a_row_of_the_worklist(self, room, enter: Enter, role: Role, there: bool) -> None:
        new = a_patient_in_treatment(room.clinic, by=room.doctor)

        page = enter(role).get(reverse("dosing:see_worklist", args=[room.clinic.code])).content.decode()

        assert (self.path(room, new.person_id) in page) is there

    def test_shows_nobody_elses_doses(self, room) -> None:
        another(room).give()

        assert seen(room).drawing.bars == ()


class TestTheStatements:
    def test_are_the_same_for_one_day_and_for_84(self, set_clock: SetClock) -> None:
        life = a_life(set_clock, days=84, end=END)
        counts = []

        def count(days: int | None) -> None:
            with CaptureQueriesContext(connection) as found:
                seen(life.room, days=days)
            counts.append(len(found))

        life.given(84, "pm")
        count(14)
        for day in range(83, 70, -1):
            life = life.ordered(15, day=day)
            life.not_given(day, "am", Outcome.MISSED, Reason.UNKNOWN)
            life.given(day, "pm", poss="3" if day == 75 else "1", oxygen=92 if day == 75 else 97)
            if day == 75:
                life.reviewed(day=74)
        for day in (70, 69):
            life.given(day, "am")
            life.not_given(day, "pm", Outcome.EXCUSED, Reason.HOSPITAL)
        for day in (68,):
            hold = life.held(day, "am")
            life.lifted(hold, day=day - 1)
        life.stop()
        for days in (14, 28, 84, None):
            count(days)

        assert len(set(counts)) == 1
        assert counts[0] <= 21
        assert Order.objects.count() == 14
