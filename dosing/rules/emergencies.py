"""An emergency: what is written of it by one tap each, when it may end, and what it leaves behind for a doctor.

What happened is never refused; only the end as well waits, for two hours after the last naloxone or the ambulance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from dosing.rules.holds import EventReason, HoldSeverity
from dosing.rules.observation import CLOSING_READING_IS_GOOD_FOR, Escalation, two_hours_not_over
from dosing.rules.orders import LONDON
from hat_clinic.core.decisions import Decision, Finding, block

WORDS_LENGTH: Final = 300
# An injection this long before an emergency is the one it is laid to. Source: clinical rules 7.11.
LAID_TO_A_DOSE_WITHIN: Final = timedelta(hours=24)
# A time written in an emergency is one of its own day: from an hour before it began. A clock on the wall that is a
# few minutes fast means now. Source: clinical rules 7.11.
WRITTEN_FROM_BEFORE: Final = timedelta(hours=1)
WALL_CLOCK_IS_FAST_BY: Final = timedelta(minutes=5)
# A dose of naloxone as it is written, in micrograms. Wide on purpose: what was given is never refused.
NALOXONE_LEAST_UG: Final = 1
NALOXONE_MOST_UG: Final = 20_000


class LineKind(StrEnum):
    """What one line of an emergency tells."""

    HELP = "help"
    AIRWAY = "airway"
    OXYGEN = "oxygen"
    NALOXONE = "naloxone"
    CALLED_999 = "called_999"
    BAG_AND_MASK = "bag_and_mask"
    COMPRESSIONS = "compressions"
    AMBULANCE = "ambulance"
    BREATHING_WELL = "breathing_well"
    NOTE = "note"
    HANDED_OVER = "handed_over"
    RECOVERED = "recovered"
    LEFT = "left"

    @property
    def label(self) -> str:
        """The line in the words of the screen."""
        return _LABELS[self][0]

    @property
    def hint(self) -> str:
        """What the button says before it was first pressed."""
        return _LABELS[self][1]


_LABELS: Final = {
    LineKind.HELP: ("Help called", "tap when called"),
    LineKind.AIRWAY: ("Airway open", "tap when open"),
    LineKind.OXYGEN: ("Oxygen on", "tap when on"),
    LineKind.NALOXONE: ("Naloxone", "tap when given"),
    LineKind.CALLED_999: ("999 called", "tap when called"),
    LineKind.BAG_AND_MASK: ("Bag and mask", "tap when started"),
    LineKind.COMPRESSIONS: ("Chest compressions", "tap when started"),
    LineKind.AMBULANCE: ("Ambulance here", "tap when they arrive"),
    LineKind.BREATHING_WELL: ("Breathing well", "rate 12 or more"),
    LineKind.NOTE: ("Note", ""),
    LineKind.HANDED_OVER: ("Handed over to the ambulance", ""),
    LineKind.RECOVERED: ("Recovered", ""),
    LineKind.LEFT: ("Left", ""),
}
# The nine buttons, in the order of the screen; each may be pressed again.
TAPS: Final = (
    LineKind.HELP,
    LineKind.AIRWAY,
    LineKind.OXYGEN,
    LineKind.NALOXONE,
    LineKind.CALLED_999,
    LineKind.BAG_AND_MASK,
    LineKind.COMPRESSIONS,
    LineKind.AMBULANCE,
    LineKind.BREATHING_WELL,
)
# Whoever needs this does not breathe well.
NOT_WELL: Final = (LineKind.NALOXONE, LineKind.BAG_AND_MASK, LineKind.COMPRESSIONS)
ENDS: Final = (LineKind.HANDED_OVER, LineKind.RECOVERED, LineKind.LEFT)


class NaloxoneRoute(StrEnum):
    """How naloxone was given."""

    IM = "im"
    NASAL = "nasal"
    IV = "iv"
    SC = "sc"

    @property
    def label(self) -> str:
        """The route in words."""
        return {
            "im": "into muscle",
            "nasal": "into the nose",
            "iv": "into a vein",
            "sc": "under the skin",
        }[self.value]


@dataclass(frozen=True, slots=True)
class NaloxoneGiven:
    """One dose of naloxone: micrograms and route."""

    micrograms: int
    route: NaloxoneRoute

    @property
    def words(self) -> str:
        """The dose as it is said: "400 µg into muscle"."""
        return f"{self.micrograms} µg {self.route.label}"


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """One line as it stands. `corrects` is the kind of the line that a note puts right, where it puts one right."""

    kind: LineKind
    happened_at: datetime
    corrects: LineKind | None = None


@dataclass(frozen=True, slots=True)
class EmergencyFacts:
    """What is known of one emergency: when it began, and its lines so far.

    `last_naloxone_at` is when the person had naloxone last in whatever emergency, `bad_reading_at` when a reading of
    emergency value was last taken in this one; None for never.
    """

    began_at: datetime
    lines: tuple[WrittenLine, ...] = ()
    last_naloxone_at: datetime | None = None
    bad_reading_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return any(line.kind in ENDS for line in self.lines)

    @property
    def naloxone_at(self) -> datetime | None:
        """When naloxone was last given, None for none; of a time that was put right the later one counts.

        The earlier of two times would let somebody go sooner. Source: clinical rules 29 and 7.11.
        """
        given = (
            line.happened_at.astimezone(UTC)
            for line in self.lines
            if LineKind.NALOXONE in (line.kind, line.corrects)
        )
        return max(given, default=None)


def moment_on_the_wall(written: time, *, began_at: datetime, at: datetime) -> datetime | None:
    """Return when a time by the clock on the wall was, in UTC, never later than now; None for none of this emergency.

    It is of the emergency's own day: never of the day before because it lies a little ahead, which would count two
    hours as over. Of the hour that comes twice in autumn the later one counts. Source: clinical rules 29 and 7.11.
    """
    first, now = began_at.astimezone(UTC) - WRITTEN_FROM_BEFORE, at.astimezone(UTC)
    days = (first.astimezone(LONDON).date() + timedelta(days=n) for n in range(2))
    read = [
        datetime.combine(day, written.replace(fold=fold), tzinfo=LONDON).astimezone(UTC)
        for day in days
        for fold in (0, 1)
    ]
    fitting = [one for one in read if first <= one < first + timedelta(days=1)]
    possible = [one for one in fitting if one <= now + WALL_CLOCK_IS_FAST_BY]
    return min(max(possible), now) if possible else None


def may_write_line(
    facts: EmergencyFacts,
    *,
    kind: LineKind,
    happened_at: datetime,
    naloxone: NaloxoneGiven | None,
    words: str,
    at: datetime,
) -> Decision:
    """Decide whether a line may be written: what happened is, whatever it was; an end as well may be too early.

    After the end only a note, and naloxone that was given before it. Source: clinical rules 28, 29 and 7.11.
    """
    is_late = kind is LineKind.NOTE or (kind is LineKind.NALOXONE and happened_at < at)
    return Decision.of(
        (
            block(
                "emergency_over",
                "This emergency has ended. Add a note, or begin a new one with the red button.",
                "clinical rule 28",
            )
            if facts.is_over and not is_late
            else None,
            block("in_the_future", "That time has not come yet.", "clinical rules 7.11")
            if happened_at > at
            else None,
            block("before_it_began", "That is long before this emergency began.", "clinical rules 7.11")
            if happened_at < facts.began_at - LAID_TO_A_DOSE_WITHIN
            else None,
            block("no_naloxone_dose", "Say how many micrograms, and by which route.", "clinical rule 28")
            if kind is LineKind.NALOXONE and naloxone is None
            else None,
            block("no_words", "Write what is put right, or what was not tapped.", "clinical rules 7.11")
            if kind is LineKind.NOTE and not words.strip()
            else None,
        )
    ) | (may_recover(facts, at=at) if kind is LineKind.RECOVERED else Decision())


def latest(*moments: datetime | None) -> datetime | None:
    """Return the last of some moments, compared in UTC; None where there is none."""
    return max((moment.astimezone(UTC) for moment in moments if moment is not None), default=None)


def may_recover(facts: EmergencyFacts, *, at: datetime) -> Decision:
    """Decide whether an emergency may end as recovered: breathing well now, and two hours since the last naloxone.

    Breathing well counts from the tap that came last, and no longer than a reading that somebody leaves with. Handing
    over to the ambulance is a fact and waits for nothing. Source: clinical rules 29, 30 and 7.11.
    """
    return Decision.of(
        (
            two_hours_not_over(latest(facts.naloxone_at, facts.last_naloxone_at), at=at),
            _not_breathing_well(facts, at),
        )
    )


def _not_breathing_well(facts: EmergencyFacts, at: datetime) -> Finding | None:
    taps = [line.happened_at for line in facts.lines if line.kind is LineKind.BREATHING_WELL]
    well_at = latest(*taps)
    worse = [line.happened_at for line in facts.lines if line.kind in NOT_WELL]
    worse_at = latest(facts.naloxone_at, facts.bad_reading_at, *worse)
    if well_at is None:
        message = "“Breathing well” is not tapped yet."
    elif worse_at is not None and worse_at > well_at:
        message = "“Breathing well” was tapped before it got worse again. Look, and tap it again."
    elif at.astimezone(UTC) - well_at > CLOSING_READING_IS_GOOD_FOR:
        message = "“Breathing well” was tapped over 5 minutes ago. Look, and tap it again."
    else:
        return None
    return block("not_breathing_well", message, "clinical rule 29")


def may_hand_over_watching(facts: EmergencyFacts, *, colleague_may_watch: bool, observed: int) -> Decision:
    """Decide whether those being observed may be handed to a colleague by one tap: only while an emergency runs.

    Source: clinical rules 26 and 28.
    """
    return Decision.of(
        (
            block("emergency_over", "This emergency has ended: nobody was handed over.", "clinical rule 28")
            if facts.is_over
            else None,
            None
            if colleague_may_watch
            else block("may_not_watch", "This colleague takes no readings here.", "clinical rule 26"),
            None
            if observed
            else block("nobody_observed", "Nobody else is being observed now.", "clinical rule 26"),
        )
    )


def may_sign(*, read: int, written: int) -> Decision:
    """Decide whether somebody may sign the lines that they read: all that are written, and no others.

    Source: clinical rule 22.
    """
    if read == written:
        return Decision()
    message = "Something was written since you opened this page. Read it, then type your PIN again."
    return Decision((block("written_since", message, "clinical rule 22"),))


@dataclass(frozen=True, slots=True)
class Consequence:
    """What an event leaves behind: a hold of this severity, for this reason, until a licensed doctor lifts it."""

    severity: HoldSeverity
    reason: EventReason


def consequence_of(escalation: Escalation, *, naloxone_given: bool) -> Consequence | None:
    """Return what has to be reviewed before the next dose.

    Who had to be roused, and who had an emergency, is seen by a licensed doctor before the next dose; after naloxone
    the order is suspended. Source: clinical rules 28 and 29.
    """
    if naloxone_given:
        return Consequence(HoldSeverity.SUSPENSION, EventReason.NALOXONE)
    if escalation is Escalation.B:
        return Consequence(HoldSeverity.REVIEW, EventReason.EMERGENCY)
    if escalation is Escalation.A:
        return Consequence(HoldSeverity.REVIEW, EventReason.ROUSED)
    return None


class IncidentCategory(StrEnum):
    """For what an incident is opened by itself. Source: clinical rule 29."""

    EMERGENCY = "emergency"
    NALOXONE = "naloxone"

    @property
    def label(self) -> str:
        """The category in words."""
        return {"emergency": "emergency", "naloxone": "naloxone given"}[self.value]


@dataclass(frozen=True, slots=True)
class CardDraft:
    """What the clinic's emergency card says."""

    naloxone: NaloxoneGiven | None
    look_again: str
    to_tell: str


def may_approve_card(draft: CardDraft, *, approver_is_clinical_lead: bool) -> Decision:
    """Decide whether a card may be approved: by a clinical lead, with a dose, a route and what to tell 999.

    The software fills none of it in. Source: clinical rule 28.
    """
    return Decision.of(
        (
            None
            if approver_is_clinical_lead
            else block(
                "not_clinical_lead", "A clinical lead approves the emergency card.", "clinical rule 28"
            ),
            block("no_naloxone_dose", "Say how many micrograms, and by which route.", "clinical rule 28")
            if draft.naloxone is None
            else None,
            None
            if draft.look_again.strip()
            else block(
                "no_look_again", "Write when to look again after naloxone, and what then.", "clinical rule 28"
            ),
            None
            if draft.to_tell.strip()
            else block(
                "nothing_to_tell", "Write the address and the way in, as 999 needs them.", "clinical rule 28"
            ),
        )
    )
