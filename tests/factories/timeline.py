"""Weeks of one person, lived through the real actions while the test moves the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from dosing.actions.holds import lift_hold
from dosing.actions.observation import release_person
from dosing.actions.visits import record_not_given
from dosing.models import Hold
from dosing.queries.sessions import SessionKey
from dosing.rules.checks import Sedation
from dosing.rules.observation import NaloxoneHeld
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.accounts.models import SessionSlot
from hat_clinic.core.clock import LONDON, london_date, now
from tests.factories.treatment import NURSE_PIN, TreatmentRoom, a_treatment_room, an_order

# When a session opens and closes, and when somebody comes to it, by the clock on the wall.
CLOCK = {"am": (time(8), time(11)), "pm": (time(16, 30), time(19, 30))}
COMES = {"am": (9, 40), "pm": (17, 50)}
A_DAY = timedelta(days=1)
SetClock = Callable[[datetime], None]


@dataclass(frozen=True)
class Life:
    """One person of a room and their days. `day` 0 is today, 1 yesterday; `end` is when the clock stops."""

    room: TreatmentRoom
    end: datetime
    set_clock: SetClock

    def on(self, day: int) -> date:
        return london_date(self.end) - day * A_DAY

    def moment(self, day: int, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(self.on(day), time(hour, minute), tzinfo=LONDON)

    def ordered(self, dose_mg: int, *, day: int) -> Life:
        """Sign an order at seven in the morning, and go on under it."""
        self.set_clock(self.moment(day, 7))
        order = an_order(
            self.room.episode, self.room.premises, doctor=self.room.doctor, dose_mg=dose_mg, at=now()
        )
        return replace(self, room=replace(self.room, order=order))

    def comes(self, day: int, slot: str, *, minutes: int = 0) -> None:
        self.set_clock(self.moment(day, *COMES[slot]) + timedelta(minutes=minutes))

    def given(
        self,
        day: int,
        slot: str,
        mg: int | None = None,
        *,
        poss: str = "1",
        oxygen: int = 97,
        breaths: int = 14,
    ) -> None:
        """One dose, a reading at ten minutes, a last one, and the door."""
        self.comes(day, slot)
        drawn = self.room.prepare()
        session = self.room.inject(
            drawn, given_mg=mg or self.room.order.dose_mg, preparer_pin=NURSE_PIN if mg else ""
        ).session_id
        self.comes(day, slot, minutes=10)
        self.room.read(session, 10, sedation=Sedation(poss), oxygen=oxygen, breaths=breaths)
        self.comes(day, slot, minutes=50)
        self.room.read(session, None, oxygen=97)
        release_person(
            clinic=self.room.clinic,
            session_id=session,
            walks_steadily=True,
            advice_given=True,
            naloxone=NaloxoneHeld.HAS,
            missing_reason="The room was full.",
            by=self.room.nurse,
            at=now(),
        )

    def not_given(self, day: int, slot: str, outcome: Outcome, reason: Reason) -> None:
        self.comes(day, slot)
        record_not_given(
            clinic=self.room.clinic,
            patient_id=self.room.patient.id,
            session=SessionKey(self.on(day), slot),
            outcome=outcome,
            reason=reason,
            by=self.room.nurse,
            at=now(),
        )

    def held(self, day: int, slot: str) -> Hold:
        """A check with low oxygen and some breath alcohol: a hold."""
        self.comes(day, slot, minutes=-10)
        self.room.check(self.room.identify(), oxygen=93, alcohol_ug=40)
        return Hold.objects.get(patient=self.room.patient, lifted_at__isnull=True)

    def lifted(self, hold: Hold, *, day: int) -> None:
        """A new check in the morning, and the doctor's decision."""
        self.set_clock(self.moment(day, 9))
        self.room.check(self.room.identify())
        lift_hold(
            clinic=self.room.clinic,
            hold_id=hold.id,
            reason="Sober and awake after a night.",
            by=self.room.doctor,
            at=now(),
        )

    def reviewed(self, *, day: int) -> None:
        """The doctor looks at what happened after the last dose, in the morning."""
        self.set_clock(self.moment(day, 8))
        hold = Hold.objects.get(patient=self.room.patient, lifted_at__isnull=True)
        lift_hold(
            clinic=self.room.clinic, hold_id=hold.id, reason="Spoke with him.", by=self.room.doctor, at=now()
        )

    def stop(self) -> Life:
        """Let the clock stand at the end."""
        self.set_clock(self.end)
        return self


def a_life(set_clock: SetClock, *, days: int, end: datetime) -> Life:
    """Return somebody who came into treatment so many days ago, with an order, in a room of two sessions."""
    life = Life(None, end, set_clock)  # type: ignore[arg-type]  # the room is made when the clock has gone back
    set_clock(life.moment(days, 7))
    room = a_treatment_room(ampoules=500)
    for slot, (opens, closes) in CLOCK.items():
        SessionSlot.objects.filter(clinic=room.clinic, name=slot).update(opens_at=opens, closes_at=closes)
    return replace(life, room=room)


def a_fortnight(set_clock: SetClock, *, end: datetime) -> Life:
    """Return a person with three orders, each kind of session once or more, a hold lifted and one that stands."""
    life = a_life(set_clock, days=14, end=end).ordered(15, day=13)
    for day in (13, 12):
        life.given(day, "am")
        life.given(day, "pm", poss="2")
    life.given(11, "am")
    life.not_given(11, "pm", Outcome.MISSED, Reason.UNKNOWN)
    life.given(10, "am", poss="2", oxygen=95)
    life.given(10, "pm")
    life = life.ordered(16, day=9)
    life.given(9, "am")
    life.given(9, "pm", poss="2", oxygen=96)
    life.given(8, "am", 12, poss="2", oxygen=94)
    life.given(8, "pm")
    life.given(7, "am")
    life.given(7, "pm", poss="3", oxygen=92)
    life.reviewed(day=6)
    life.given(6, "am")
    hold = life.held(6, "pm")
    life.not_given(6, "pm", Outcome.WITHHELD, Reason.INTOXICATED)
    life = life.ordered(18, day=5)
    life.lifted(hold, day=5)
    for day in (5, 4):
        life.given(day, "am")
        life.given(day, "pm", oxygen=96)
    life.given(3, "am")
    life.not_given(3, "pm", Outcome.EXCUSED, Reason.HOSPITAL)
    life.given(2, "am")
    life.given(2, "pm", poss="2")
    life.given(1, "am")
    life.held(0, "am")
    return life.stop()
