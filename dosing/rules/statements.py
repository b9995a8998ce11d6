"""What a last-dose statement says of somebody's doses, and what it must not leave out.

It tells what was given and proposes nothing: no dose, no conversion, no advice on tolerance.
Source: product P 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from dosing.rules.moments import day_in_words, moment_in_words
from dosing.rules.orders import LONDON

# How many days of doses a statement tells, the day it is made included. Unverified, our own proposal.
DAYS_TOLD: Final = 7
# From when on a line says that it was written later than it happened.
WRITTEN_LATER: Final = timedelta(minutes=15)
# Every statement ends with these. Source: product P 8 (of paper and contested entries nothing false); clinical rule 46.
ALWAYS_SAID: Final = (
    "It tells what is written in the record of the clinic at the moment above. Doses on paper, from when the computer "
    "was off, are written in by the next day and may be missing here: ask the clinic.",
    "It is no prescription. It proposes no dose and converts none. What somebody says they took elsewhere is not in it.",
)


@dataclass(frozen=True, slots=True)
class GivenDose:
    """One injection as it is recorded. `has_note` tells that a later line of the register puts something right."""

    started_at: datetime
    ended_at: datetime
    recorded_at: datetime
    mg: int
    route: str
    is_contested: bool
    is_elsewhere: bool
    has_note: bool


@dataclass(frozen=True, slots=True)
class OralGiven:
    """One oral dose as it is recorded; `is_seen` tells that a nurse saw it taken."""

    given_at: datetime
    recorded_at: datetime
    words: str
    is_seen: bool


@dataclass(frozen=True, slots=True)
class EarlierDose:
    """One session of imported records: its day and milligrams, and no time."""

    on: date
    slot: str
    mg: int


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """Everything a statement tells. `open_draw` is a drawn dose without an ending, in words, or nothing.

    `last_earlier` is the newest injection of imported records, of any day: its time is not known.
    """

    at: datetime
    injections: tuple[GivenDose, ...]
    last: GivenDose | None
    last_earlier: EarlierDose | None
    oral: tuple[OralGiven, ...]
    earlier: tuple[EarlierDose, ...]
    order: str
    oral_orders: tuple[str, ...]
    open_draw: str
    naloxone: str


@dataclass(frozen=True, slots=True)
class DayTold:
    """One Europe/London day with its doses, each in a sentence of its own."""

    day: str
    lines: tuple[str, ...]


def first_day_told(at: datetime) -> date:
    """Return the first Europe/London day that a statement tells of."""
    return at.astimezone(LONDON).date() - timedelta(days=DAYS_TOLD - 1)


def last_injection_in_words(facts: StatementFacts) -> str:
    """Return the last injection in a sentence, or that none is written.

    One of imported records counts by its day: where it is of the same day as the last with a time, both are told, for
    nobody knows which came later. Source: product P 8.
    """
    last, earlier = facts.last, facts.last_earlier
    if last is None and earlier is None:
        return "No injection is written in this clinic's record."
    told = []
    last_on = last.ended_at.astimezone(LONDON).date() if last is not None else None
    if last is not None and last_on is not None and (earlier is None or earlier.on <= last_on):
        words = f"{last.mg} mg diamorphine, {last.route}, ended {moment_in_words(last.ended_at)}"
        told.append(f"{words}.{_about(last)}")
    if earlier is not None and (last_on is None or earlier.on >= last_on):
        words = f"{earlier.mg} mg diamorphine on {day_in_words(earlier.on)}, {earlier.slot}"
        told.append(f"{words}: from earlier records, time not known.")
    return " And of the same day: ".join(told)


def days_of(facts: StatementFacts) -> tuple[DayTold, ...]:
    """Return each day of the statement, the newest first, with every dose by its time; days without one too.

    A dose that is written against a rule, written later, or put right by a later line says so in its own line.
    Source: product P 8.
    """
    first, last = first_day_told(facts.at), facts.at.astimezone(LONDON).date()
    days: dict[date, list[tuple[datetime, str]]] = {
        last - timedelta(days=back): [] for back in range((last - first).days + 1)
    }
    untimed: dict[date, list[str]] = {}
    for dose in facts.injections:
        wall = dose.started_at.astimezone(LONDON)
        line = f"{wall:%H:%M} injection, {dose.mg} mg diamorphine, {dose.route}.{_about(dose)}"
        if wall.date() in days:
            days[wall.date()].append((dose.started_at, line))
    for oral in facts.oral:
        wall = oral.given_at.astimezone(LONDON)
        how = "seen taken" if oral.is_seen else "handed over to take away: not seen taken"
        line = f"{wall:%H:%M} by mouth, {oral.words}, {how}.{_later(oral.given_at, oral.recorded_at)}"
        if wall.date() in days:
            days[wall.date()].append((oral.given_at, line))
    for earlier in facts.earlier:
        words = (
            f"{earlier.slot}, injection, {earlier.mg} mg diamorphine: from earlier records, time not known."
        )
        untimed.setdefault(earlier.on, []).append(words)
    return tuple(
        DayTold(
            day_in_words(day),
            tuple(line for _, line in sorted(lines))
            + tuple(untimed.get(day, ()))
            + (() if lines or day in untimed else ("No dose is written.",)),
        )
        for day, lines in days.items()
    )


def warnings_of(facts: StatementFacts) -> tuple[str, ...]:
    """Return what stands above everything else: a dose that may or may not have been given, and naloxone.

    Source: product P 8; clinical rule 29.
    """
    found = [facts.open_draw and f"{facts.open_draw} It may or may not have been given: ask the clinic."]
    if facts.last is not None and facts.last.is_contested:
        found.append(
            "The last injection is contested: it was written as it happened, against a rule. Ask the clinic about it."
        )
    found.append(facts.naloxone)
    return tuple(words for words in found if words)


def _about(dose: GivenDose) -> str:
    said = " At another clinic of this network." if dose.is_elsewhere else ""
    if dose.is_contested:
        said += " Contested: written as it happened, against a rule."
    if dose.has_note:
        said += " A later line of the register puts something about it right: ask the clinic."
    return said + _later(dose.ended_at, dose.recorded_at)


def _later(happened_at: datetime, recorded_at: datetime) -> str:
    if recorded_at - happened_at <= WRITTEN_LATER:
        return ""
    return f" Written later, {moment_in_words(recorded_at)}."
