"""What somebody was given under supervision, what they tolerated, and how long they have been without."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from typing import Final

from dosing.rules.protocol import Protocol

# How far back a tolerated dose is a reference; exactly this old still counts. Source: clinical rules 9 and 7.11.
REFERENCE_WINDOW: Final = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class GivenDose:
    """One injection recorded here: milligrams, route, the session it belongs to, the moments in UTC or with a zone.

    `allowed_mg` is the most that might have been given then. `is_tolerated` is None while the person is still
    watched. `had_event` tells of a reading that asked for rousing or more, `escalation` which of the two it was.
    `passed_at` is the first reading at least 20 minutes after it that lets the first dose be repeated, or None.
    `least_mg` is the least that any line says of one that was put right, or None.
    `is_doubtful`: it is contested, so that it counts as given and ends no gap.
    """

    started_at: datetime
    ended_at: datetime
    given_on: date
    mg: int
    allowed_mg: int
    route: str
    session: str
    is_tolerated: bool | None
    had_event: bool = False
    passed_at: datetime | None = None
    escalation: str = ""
    is_doubtful: bool = False
    least_mg: int | None = None

    @property
    def proved_mg(self) -> int:
        """The most that this dose proves: a correction never raises what somebody has tolerated.

        Source: clinical rules 9 and 7.11.
        """
        return self.mg if self.least_mg is None else min(self.mg, self.least_mg)


@dataclass(frozen=True, slots=True)
class MissedSession:
    """One booked session without an injection: when it was over or ended without one, its day and its slot.

    `ends_day` says that no later session of its day was booked. `is_recorded` says that somebody wrote it down.
    """

    over_at: datetime
    on: date
    slot: str
    ends_day: bool = False
    is_recorded: bool = False


@dataclass(frozen=True, slots=True)
class DoseHistory:
    """The injections of one person in one treatment, the first of them first, and the sessions they missed.

    Imported history is no part of it. `missed` holds every booked session without an injection, whatever the
    reason. Source: clinical rules 32 and 7.11.
    """

    doses: tuple[GivenDose, ...] = ()
    missed: tuple[MissedSession, ...] = ()


class Row(IntEnum):
    """What a gap allows, from the whole ordered dose to a new start. Source: clinical rule 32."""

    FULL = 1
    CAP = 2
    DECIDE = 3
    RESTART = 4


@dataclass(frozen=True, slots=True)
class Gap:
    """How long somebody has had nothing, and how many booked sessions in a row they missed."""

    since: datetime
    elapsed: timedelta
    missed: int

    @property
    def hours(self) -> int:
        """Whole hours that have passed."""
        return int(self.elapsed.total_seconds() // 3600)


def row_of(gap: Gap, protocol: Protocol) -> Row:
    """Return the row of the ladder: the stricter of hours and sessions missed; 26 h 00 is up to 26 h.

    Source: clinical rules 32 and 7.11.
    """
    return max(row_by_hours(gap, protocol), row_by_sessions(gap, protocol))


def row_by_hours(gap: Gap, protocol: Protocol) -> Row:
    """Return the row that the hours alone stand in. Source: clinical rule 32."""
    limits = (protocol.gap_full_hours, protocol.gap_cap_hours, protocol.gap_decide_hours)
    return _row(gap.elapsed / timedelta(hours=1), limits)


def row_by_sessions(gap: Gap, protocol: Protocol) -> Row:
    """Return the row that the sessions missed in a row alone stand in. Source: clinical rule 32."""
    return _row(gap.missed, (protocol.gap_full_missed, protocol.gap_cap_missed, protocol.gap_decide_missed))


def _row(found: float, limits: tuple[int, int, int]) -> Row:
    return Row(1 + sum(found > limit for limit in limits))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands at a moment: their gap, its row, and the doses that count since the last return.

    `gap` is None before the first injection of the treatment. `returned_at` is the start of the first injection
    after the last gap of the second row or worse; `restarted_at` the same of the last row.
    """

    gap: Gap | None
    row: Row
    returned_at: datetime | None
    restarted_at: datetime | None


def standing_at(history: DoseHistory, protocol: Protocol, *, at: datetime) -> Standing:
    """Return where somebody stands: gaps run from the end of an injection to the start of the next.

    A gap of the second row or worse ends only with an injection of at least half of what was allowed; after
    less, hours and sessions run on from before. Elapsed time is counted in UTC.
    Source: clinical rules 32 and 7.11.
    """
    anchor, ended = _walk(history, protocol, at)
    returned_at = ended[-1].ended_at if ended else None
    restarted_at = next((one.ended_at for one in reversed(ended) if one.row is Row.RESTART), None)
    if anchor is None:
        return Standing(gap=None, row=Row.FULL, returned_at=None, restarted_at=None)
    gap = _gap(history, anchor, at)
    return Standing(gap=gap, row=row_of(gap, protocol), returned_at=returned_at, restarted_at=restarted_at)


@dataclass(frozen=True, slots=True)
class PastGap:
    """One gap of the second row or worse: its row when it ended, or now, and its end, None while it goes on."""

    gap: Gap
    row: Row
    ended_at: datetime | None


def gaps_until(history: DoseHistory, protocol: Protocol, *, at: datetime) -> tuple[PastGap, ...]:
    """Return each gap of the second row or worse up to a moment, the first one first, as `standing_at` counts them.

    Source: clinical rules 32 and 7.11.
    """
    _, ended = _walk(history, protocol, at)
    now = standing_at(history, protocol, at=at)
    if now.gap is None or now.row <= Row.FULL:
        return ended
    return (*ended, PastGap(now.gap, now.row, None))


def _walk(
    history: DoseHistory, protocol: Protocol, at: datetime
) -> tuple[datetime | None, tuple[PastGap, ...]]:
    """Return what the gap now is counted from, and the gaps of the second row or worse that ended before."""
    anchor: datetime | None = None
    ended: list[PastGap] = []
    for dose in history.doses:
        if dose.started_at > at:
            break
        # What is contested counts as given, and shortens nothing: the stricter way of both (clinical rules 7.11).
        if dose.is_doubtful:
            continue
        gap = _gap(history, anchor, dose.started_at) if anchor is not None else None
        row = row_of(gap, protocol) if gap is not None else Row.FULL
        if row >= Row.CAP and dose.proved_mg * 2 < dose.allowed_mg:
            continue
        if gap is not None and row >= Row.CAP:
            ended.append(PastGap(gap, row, dose.started_at))
        anchor = dose.ended_at
    return anchor, tuple(ended)


def _gap(history: DoseHistory, since: datetime, at: datetime) -> Gap:
    return Gap(
        since=since,
        elapsed=at.astimezone(UTC) - since.astimezone(UTC),
        missed=len(missed_between(history, since, at)),
    )


def missed_between(history: DoseHistory, since: datetime | None, at: datetime) -> tuple[MissedSession, ...]:
    """Return the sessions missed after a moment (None: from the first one known) and up to another."""
    return tuple(
        one for one in history.missed if one.over_at <= at and (since is None or since < one.over_at)
    )


def gap_in_words(standing: Standing) -> str:
    """Return such as "Nothing for 51 hours, and 3 sessions missed in a row."."""
    gap = standing.gap
    if gap is None:
        return ""
    missed = f", and {counted(gap.missed, 'session')} missed in a row" if gap.missed else ""
    return f"Nothing for {counted(gap.hours, 'hour')}{missed}."


def after_what(standing: Standing) -> str:
    """Return such as "after 51 hours without a dose and 3 sessions missed in a row."."""
    gap = standing.gap
    if gap is None:
        return ""
    missed = f" and {counted(gap.missed, 'session')} missed in a row" if gap.missed else ""
    return f"after {counted(gap.hours, 'hour')} without a dose{missed}."


def counted(number: int, what: str) -> str:
    """Return such as "1 hour" or "3 hours"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Reference:
    """What a next dose is measured by, in milligrams: for one injection and for a whole session.

    `is_tolerated` is False where nothing in the window was tolerated: then nothing above it is allowed.
    """

    single_mg: int
    session_mg: int
    is_tolerated: bool = True


def reference_at(history: DoseHistory, standing: Standing, *, route: str, at: datetime) -> Reference | None:
    """Return the highest dose by a route that was given and tolerated in the last 72 hours, or None.

    The window begins at the return after the last gap, and while somebody is in a gap it stands still at the
    moment the gap began. Where nothing in it was tolerated but doses were given, the lowest of those with an
    event, else the highest of the others, is what may not be passed.
    Source: clinical rules 9 and 7.11.
    """
    in_gap = standing.gap is not None and standing.row >= Row.CAP
    until = standing.gap.since if in_gap and standing.gap is not None else at
    last = max((dose.started_at for dose in history.doses if dose.started_at <= until), default=None)
    if last is None:
        return None
    begins = (last if in_gap else at).astimezone(UTC) - REFERENCE_WINDOW
    begins = max(begins, standing.returned_at.astimezone(UTC)) if standing.returned_at else begins
    recent = [
        dose
        for dose in history.doses
        if dose.route == route and begins <= dose.started_at.astimezone(UTC) and dose.started_at <= until
    ]
    tolerated = [dose for dose in recent if dose.is_tolerated]
    if tolerated:
        return Reference(
            single_mg=max(dose.proved_mg for dose in tolerated), session_mg=max(_totals(tolerated).values())
        )
    if not recent:
        return None
    events = [dose for dose in recent if dose.had_event]
    if events:
        least = min(dose.proved_mg for dose in events)
        return Reference(single_mg=least, session_mg=least, is_tolerated=False)
    return Reference(
        single_mg=max(dose.proved_mg for dose in recent),
        session_mg=max(_totals(recent).values()),
        is_tolerated=False,
    )


def _totals(doses: Iterable[GivenDose]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for dose in doses:
        totals[dose.session] = totals.get(dose.session, 0) + dose.proved_mg
    return totals


def since_restart(history: DoseHistory, standing: Standing, *, route: str) -> tuple[GivenDose, ...]:
    """Return the doses by a route since the treatment, or the re-start after the last row of the ladder, began.

    Somebody who stands in that row now has none. Source: clinical rules 8, 32 and 7.11.
    """
    if standing.row is Row.RESTART:
        return ()
    begins = standing.restarted_at
    return tuple(
        dose
        for dose in history.doses
        if dose.route == route and (begins is None or dose.started_at >= begins)
    )


def is_first_day(history: DoseHistory, standing: Standing, *, route: str, today: date) -> bool:
    """Tell whether the limits of the first day bind: no dose by this route was tolerated before today.

    Source: clinical rules 8 and 7.11.
    """
    return not any(
        dose.is_tolerated and dose.given_on < today for dose in since_restart(history, standing, route=route)
    )


def last_event(history: DoseHistory, *, at: datetime) -> GivenDose | None:
    """Return the last dose after which somebody had to be roused, or worse; None without one."""
    return next((dose for dose in reversed(history.doses) if dose.had_event and dose.started_at <= at), None)


def total_on(history: DoseHistory, day: date) -> int:
    """Return the milligrams given on one Europe/London day, by any route; of a dose that was put right the less."""
    return sum(dose.proved_mg for dose in history.doses if dose.given_on == day)
