"""A fortnight of one person, row by row: doses, misses, readings that asked for something, and holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dosing.models import Hold, Injection, PlannedSession
from dosing.rules.checks import Sedation
from dosing.rules.observation import Escalation
from hat_clinic.accounts.models import SessionSlot
from hat_clinic.core.clock import LONDON, london_date, now
from tests.factories.dosing import (
    HoldFactory,
    InjectionFactory,
    PlannedSessionFactory,
    PreInjectionCheckFactory,
    SessionOutcomeFactory,
)
from tests.factories.treatment import TreatmentRoom, a_treatment_room, an_order
from tests.factories.visits import ReadingFactory, ReleaseFactory

CLOCK = {"am": (time(8), time(11)), "pm": (time(16, 30), time(19, 30))}
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Life:
    """One person of a room and their days. `day` 0 is today, 1 yesterday."""

    room: TreatmentRoom
    today: date

    def moment(self, day: int, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(self.today - day * A_DAY, time(hour, minute), tzinfo=LONDON)

    def ordered(self, dose_mg: int, *, day: int) -> Life:
        """Sign an order at seven in the morning, and go on under it."""
        order = an_order(
            self.room.episode,
            self.room.premises,
            doctor=self.room.doctor,
            dose_mg=dose_mg,
            at=self.moment(day, 7),
        )
        return replace(self, room=replace(self.room, order=order))

    def planned(self, day: int, slot: str) -> PlannedSession:
        return PlannedSessionFactory(
            order=self.room.order, service_date=self.today - day * A_DAY, slot=slot
        )

    def given(
        self, day: int, slot: str, mg: int | None = None, *, poss: str = "1", oxygen: int | None = 97, breaths: int = 14
    ) -> Injection:
        """One dose with its ten minute reading and the release."""
        session = self.planned(day, slot)
        order = self.room.order
        at = self.moment(day, 9 if slot == "am" else 17, 40 if slot == "am" else 50)
        given_mg = mg or order.dose_mg
        injection = InjectionFactory(
            session=session,
            batch=self.room.batch,
            drawn_mg=300,
            ampoules=3,
            given_mg=given_mg,
            wasted_mg=300 - given_mg,
            allowed_mg=order.dose_mg,
            started_at=at,
            given_on=session.service_date,
            guard=DateTimeTZRange(at, at + timedelta(hours=3)),
            giver=self.room.nurse,
            witness=self.room.second_nurse,
        )
        is_low = oxygen is None or oxygen < 94
        asked = Escalation.A if poss in "34" or is_low or breaths < 12 else Escalation.NONE
        ReadingFactory(
            injection=injection,
            sedation=Sedation(poss),
            oxygen=oxygen,
            breaths=breaths,
            unable_reason="" if oxygen else "cold hands",
            escalation=asked,
            taken_by=self.room.nurse,
        )
        ReleaseFactory(injection=injection, is_tolerated=asked is Escalation.NONE, released_by=self.room.nurse)
        SessionOutcomeFactory(
            session=session,
            outcome="given" if given_mg >= order.dose_mg else "given_reduced",
            reason="",
            given_mg=given_mg,
            injection=injection,
            recorded_by=self.room.nurse,
            recorded_at=at,
        )
        with connection.cursor() as cursor:  # what the tables ask of a dose, they ask now and not at the end
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        return injection

    def not_given(self, day: int, slot: str, outcome: str, reason: str) -> PlannedSession:
        session = self.planned(day, slot)
        SessionOutcomeFactory(
            session=session,
            outcome=outcome,
            reason=reason,
            recorded_by=self.room.nurse,
            recorded_at=self.moment(day, 10 if slot == "am" else 18),
        )
        return session

    def held(self, day: int, slot: str, *, lifted: bool, session: PlannedSession | None = None) -> Hold:
        """A hold for oxygen and breath alcohol; lifted the morning after."""
        at = self.moment(day, 9 if slot == "am" else 18, 44)
        codes = ["oxygen", "alcohol_stop"]
        check = PreInjectionCheckFactory(
            session=session or self.planned(day, slot),
            oxygen=93,
            alcohol_ug=24,
            findings=codes,
            lets_a_dose_go_ahead=False,
            made_at=at,
            made_by=self.room.nurse,
        )
        done = {
            "lifted_at": at + timedelta(hours=14),
            "lifted_by": self.room.doctor,
            "lift_reason": "Sober and awake after a night.",
        }
        return HoldFactory(
            clinic=self.room.clinic,
            check_made=check,
            codes=codes,
            opened_at=at,
            opened_by=self.room.nurse,
            **(done if lifted else {}),
        )


def a_life(*, days: int, dose_mg: int = 150, at: datetime | None = None) -> Life:
    """Return somebody who has been in treatment for so many days, in a room with two sessions of the day."""
    at = at or now()
    today = london_date(at)
    began = datetime.combine(today - days * A_DAY, time(7), tzinfo=LONDON)
    room = a_treatment_room(at=began)
    for slot, (opens, closes) in CLOCK.items():
        SessionSlot.objects.filter(clinic=room.clinic, name=slot).update(opens_at=opens, closes_at=closes)
    room.clinic.episodes.update(started_on=today - days * A_DAY)
    return Life(room, today)


def a_fortnight(*, at: datetime | None = None) -> Life:
    """Return a person with three orders, and of each kind of session one or more, held this morning."""
    life = a_life(days=14, at=at).ordered(150, day=13)
    for day in (13, 12):
        life.given(day, "am"), life.given(day, "pm", poss="2")
    life.given(11, "am")
    life.not_given(11, "pm", "missed", "unknown")
    life.given(10, "am", poss="2", oxygen=95), life.given(10, "pm")
    life = life.ordered(160, day=9)
    life.given(9, "am"), life.given(9, "pm", poss="2", oxygen=96)
    life.given(8, "am", 120, poss="2", oxygen=94), life.given(8, "pm")
    life.given(7, "am"), life.given(7, "pm", poss="3", oxygen=92)
    life = life.ordered(180, day=6)
    life.given(6, "am")
    refused = life.not_given(6, "pm", "withheld", "intoxicated")
    life.held(6, "pm", lifted=True, session=refused)
    for day in (5, 4):
        life.given(day, "am"), life.given(day, "pm", oxygen=96)
    life.given(3, "am")
    life.not_given(3, "pm", "excused", "hospital")
    life.given(2, "am"), life.given(2, "pm", poss="2")
    life.given(1, "am")
    life.held(0, "am", lifted=False)
    return life
