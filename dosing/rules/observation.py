"""After the injection: how long somebody is watched, which readings are due, and when they may leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from dosing.rules.checks import (
    BREATHS_HOLD_BELOW,
    Readings,
    Sedation,
    is_emergency,
)
from dosing.rules.orders import LONDON
from hat_clinic.core.decisions import Decision, Finding, block

# Minutes after the end of the injection. Source: clinical rules 26 and 27.
READING_MINUTES: Final = (2, 5, 10, 20)
LONG_OBSERVATION_MINUTES: Final = 30
OBSERVATION_FLOOR_MINUTES: Final = 15
EXTENSION: Final = timedelta(minutes=15)
OVERDUE_AFTER: Final = timedelta(seconds=60)
OPENS_EARLY: Final = timedelta(minutes=1)
# The reading that somebody leaves with. Source: clinical rules 7.11.
CLOSING_READING_IS_GOOD_FOR: Final = timedelta(minutes=5)
# After an emergency nobody leaves as well before this, unless handed over. Source: clinical rule 29.
WATCH_AFTER_EMERGENCY: Final = timedelta(hours=2)
LOOK_NOW_OXYGEN: Final = 91
TAKEN_TO_HOSPITAL: Final = "taken to hospital"
LEFT_IN_AN_EMERGENCY: Final = "left in an emergency"
# A dose above every one of these hours is a raised one, and the first in them a resumed one.
REFERENCE_WINDOW: Final = timedelta(hours=72)


class Escalation(StrEnum):
    """What a reading after the injection asks for."""

    NONE = ""
    A = "A"
    B = "B"

    @property
    def label(self) -> str:
        """What to do, in the words of the screen."""
        return {
            "": "",
            "A": "Rouse them. Ask for deep breaths. Stay. 15 minutes more.",
            "B": "Emergency: oxygen, naloxone by the clinic's card, call 999. Do not leave them.",
        }[self.value]


class NaloxoneHeld(StrEnum):
    """Whether somebody leaves with naloxone."""

    HAS = "has"
    GIVEN = "given"
    DECLINES = "declines"

    @property
    def label(self) -> str:
        """The answer in words."""
        return {"has": "has naloxone", "given": "given a kit now", "declines": "declines naloxone"}[
            self.value
        ]


@dataclass(frozen=True, slots=True)
class ReadingTaken:
    """One set of readings after the injection, for the due minute `minute`, or one more (None)."""

    readings: Readings
    taken_at: datetime
    minute: int | None


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of somebody being observed. `minutes` is the time to watch without extensions.

    It begins again at each injection of a session; `before` holds what was read after the earlier ones.
    `emergency_at` is when an emergency of the session last began, `naloxone_at` when naloxone was last given in it.
    """

    ended_at: datetime
    minutes: int
    readings: tuple[ReadingTaken, ...]
    before: tuple[Watched, ...] = ()
    emergency_at: datetime | None = None
    naloxone_at: datetime | None = None

    @property
    def had_event(self) -> bool:
        """Whether a reading of this session asked for rousing or more, or somebody pressed for help."""
        return self.emergency_at is not None or any(
            escalation_of(taken.readings) is not Escalation.NONE
            for watched in (*self.before, self)
            for taken in watched.readings
        )


def observation_minutes(
    *,
    ordered_minutes: int,
    into_a_muscle: bool,
    took_other_drugs: bool,
    alcohol_found: bool,
    is_new_dose: bool,
) -> int:
    """Return how long to watch: the longest that applies.

    30 minutes after an injection into a muscle, after other drugs or alcohol, and for a first, raised or
    resumed dose (`is_new_dose`). Source: clinical rules 26 and 7.11.
    """
    reasons = (into_a_muscle, took_other_drugs, alcohol_found, is_new_dose)
    least = LONG_OBSERVATION_MINUTES if any(reasons) else OBSERVATION_FLOOR_MINUTES
    return max(ordered_minutes, least)


def escalation_of(readings: Readings) -> Escalation:
    """Return what a reading asks for; oxygen that could not be measured is treated as low.

    Source: clinical rule 28.
    """
    if is_emergency(readings):
        return Escalation.B
    if (
        readings.sedation is Sedation.DRIFTS_OFF
        or readings.breaths < BREATHS_HOLD_BELOW
        or readings.oxygen is None
        or readings.oxygen < readings.target.percent
    ):
        return Escalation.A
    return Escalation.NONE


def watch_until(watched: Watched) -> datetime:
    """Return until when to watch, in UTC: 15 minutes are added to the planned end for each reading that asked for it.

    After an emergency it is two hours at least, counted anew from each naloxone. Of several injections of a session
    the longest time wins. Source: clinical rules 28, 29 and 7.11.
    """
    until = watched.ended_at.astimezone(UTC) + timedelta(minutes=watched.minutes)
    for taken in watched.readings:
        escalation = escalation_of(taken.readings)
        if escalation is Escalation.A:
            until += EXTENSION
        elif escalation is Escalation.B:
            until = max(until, taken.taken_at.astimezone(UTC) + WATCH_AFTER_EMERGENCY)
    since = (moment for moment in (watched.emergency_at, watched.naloxone_at) if moment is not None)
    after_emergency = (moment.astimezone(UTC) + WATCH_AFTER_EMERGENCY for moment in since)
    return max([until, *after_emergency, *(watch_until(earlier) for earlier in watched.before)])


def due_minutes(minutes: int) -> tuple[int, ...]:
    """Return at which minutes readings are due in an observation of so many minutes. Source: clinical rule 27."""
    wanted = (*READING_MINUTES, LONG_OBSERVATION_MINUTES)
    due = tuple(minute for minute in wanted if minute <= minutes)
    return due if minutes in due else (*due, minutes)


def next_due(watched: Watched) -> int | None:
    """Return the minute of the reading that comes after the last one taken, or None when none is left.

    A reading that was passed over does not come back: it is missing, and says why on leaving.
    """
    last = max((reading.minute or 0 for reading in watched.readings), default=0)
    return next((minute for minute in due_minutes(watched.minutes) if minute > last), None)


def due_now(watched: Watched, *, at: datetime) -> int | None:
    """Return for which minute a reading taken now counts: the latest that is open, else the next, else None.

    Two that were both passed over are not made up for by one: somebody seen at 12 minutes was not seen at 5.
    Source: clinical rule 27.
    """
    first = next_due(watched)
    if first is None:
        return None
    elapsed = _elapsed(watched.ended_at, at)
    is_open = [
        minute
        for minute in due_minutes(watched.minutes)
        if minute >= first and elapsed >= timedelta(minutes=minute) - OPENS_EARLY
    ]
    return is_open[-1] if is_open else first


def late_minute(watched: Watched, *, at: datetime) -> int | None:
    """Return the minute of the next reading when it is over a minute late, else None.

    It stays late when one after it has opened: the board and the person's page call the same one overdue.
    Source: clinical rule 27.
    """
    due = next_due(watched)
    if due is None or _elapsed(watched.ended_at, at) <= timedelta(minutes=due) + OVERDUE_AFTER:
        return None
    return due


def may_record_reading(watched: Watched, *, minute: int | None, at: datetime) -> Decision:
    """Decide whether a set may be recorded for a due minute: from one minute before it is due, once.

    A set beside the due ones (None) may always be recorded. Source: clinical rule 27.
    """
    if minute is None:
        return Decision()
    if minute in {reading.minute for reading in watched.readings}:
        message = f"The {minute} minute reading is recorded already. Record this one beside it."
        return Decision((block("reading_exists", message, "clinical rule 27"),))
    if minute not in due_minutes(watched.minutes):
        message = f"No reading is due at {minute} minutes. Record this one beside the others."
        return Decision((block("reading_not_due", message, "clinical rule 27"),))
    if _elapsed(watched.ended_at, at) < timedelta(minutes=minute) - OPENS_EARLY:
        message = f"The {minute} minute reading opens one minute before it is due. Record this one beside it."
        return Decision((block("reading_too_early", message, "clinical rule 27"),))
    return Decision()


def missing_minutes(watched: Watched) -> tuple[int, ...]:
    """Return the due minutes for which no reading was taken."""
    taken = {reading.minute for reading in watched.readings}
    return tuple(minute for minute in due_minutes(watched.minutes) if minute not in taken)


def may_release(
    watched: Watched,
    *,
    walks_steadily: bool,
    advice_given: bool,
    naloxone: NaloxoneHeld | None,
    missing_reason: str,
    at: datetime,
) -> Decision:
    """Decide whether somebody may leave as well. All reasons at once; leaving early is another act.

    A due reading that was missed needs a reason in words (`missing_reason`).

    Source: clinical rules 26 to 30 and 7.11.
    """
    return Decision.of(
        (
            _time_is_not_over(watched, at),
            *_closing_reading(watched, at),
            _missing(watched, missing_reason),
            block("not_steady", "They are not steady on their feet. Keep watching.", "clinical rule 30")
            if not walks_steadily
            else None,
            block("no_advice", "Tell them not to drive, then answer again.", "clinical rule 30")
            if not advice_given
            else None,
            block("naloxone_unknown", "Say whether they leave with naloxone.", "clinical rule 30")
            if naloxone is None
            else None,
        )
    )


def may_leave(watched: Watched, *, at: datetime) -> Decision:
    """Decide what the readings and the clock say about leaving, before anybody is asked anything.

    Source: clinical rules 26 to 30.
    """
    return may_release(
        watched,
        walks_steadily=True,
        advice_given=True,
        naloxone=NaloxoneHeld.HAS,
        missing_reason="asked on leaving",
        at=at,
    )


def is_tolerated(watched: Watched, *, left_early: bool) -> bool:
    """Tell whether a session's dose was tolerated: released by the rule, no escalation, the 10 minute sets present.

    Each injection of the session has its own set. Source: clinical rules 9 and 7.11.
    """
    return (
        not left_early
        and not watched.had_event
        and all(
            10 in {reading.minute for reading in injection.readings}
            for injection in (*watched.before, watched)
        )
    )


def two_hours_not_over(naloxone_at: datetime | None, *, at: datetime) -> Finding | None:
    """Return what stands against an end as well within two hours of the last naloxone, or None.

    Source: clinical rules 29 and 7.11.
    """
    if naloxone_at is None or at.astimezone(UTC) >= naloxone_at.astimezone(UTC) + WATCH_AFTER_EMERGENCY:
        return None
    over_at = (naloxone_at.astimezone(UTC) + WATCH_AFTER_EMERGENCY).astimezone(LONDON)
    message = f"Two hours after naloxone are not over before {over_at:%H:%M}. Until then only the ambulance takes them."
    return block("naloxone_two_hours", message, "clinical rule 29")


def _elapsed(since: datetime, at: datetime) -> timedelta:
    # Counted in UTC: across a clock change the wall clock is an hour wrong.
    return at.astimezone(UTC) - since.astimezone(UTC)


def _time_is_not_over(watched: Watched, at: datetime) -> Finding | None:
    after_naloxone = two_hours_not_over(watched.naloxone_at, at=at)
    if after_naloxone is not None:
        return after_naloxone
    left = watch_until(watched).astimezone(UTC) - at.astimezone(UTC)
    if left <= timedelta():
        return None
    minutes, seconds = divmod(-(-left // timedelta(seconds=1)), 60)
    message = f"The observation is not over: {minutes} min {seconds:02d} s are left."
    return block("observation_not_over", message, "clinical rule 26")


def _closing_reading(watched: Watched, at: datetime) -> tuple[Finding | None, ...]:
    last = max(watched.readings, key=lambda reading: reading.taken_at.astimezone(UTC), default=None)
    if last is None or _elapsed(last.taken_at, at) > CLOSING_READING_IS_GOOD_FOR:
        message = "Take a last reading: nobody leaves on one that is over 5 minutes old."
        return (block("no_closing_reading", message, "clinical rule 30"),)
    readings = last.readings
    oxygen = "not measured" if readings.oxygen is None else f"{readings.oxygen} %"
    return (
        block(
            "closing_sedation",
            f"Sedation POSS {readings.sedation.value}: 1 or 2 is needed.",
            "clinical rule 30",
        )
        if readings.sedation not in (Sedation.ALERT, Sedation.SLIGHTLY_DROWSY)
        else None,
        block(
            "closing_breathing",
            f"Breathing {readings.breaths} a minute: {BREATHS_HOLD_BELOW} or more is needed.",
            "clinical rule 30",
        )
        if readings.breaths < BREATHS_HOLD_BELOW
        else None,
        block(
            "closing_oxygen",
            f"Oxygen {oxygen}: {readings.target.percent} or more is needed.",
            "clinical rule 30",
        )
        if readings.oxygen is None or readings.oxygen < readings.target.percent
        else None,
    )


def _missing(watched: Watched, missing_reason: str) -> Finding | None:
    missing = missing_minutes(watched)
    if not missing or missing_reason:
        return None
    which = " and ".join(str(minute) for minute in missing)
    message = f"The {which} minute reading is missing. Say why."
    return block("reading_missing", message, "clinical rules 7.11")
