"""Entering what a paper pack says: nothing that happened is refused, and every rule is asked all the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from dosing.rules.checks import CheckAnswers, Readings
from dosing.rules.orders import LONDON
from dosing.rules.sessions import DOSED, Outcome, Reason
from hat_clinic.core.decisions import Decision, Finding, block, note

SOURCE: Final = "clinical rules 7.11"
REASON_LENGTH: Final = 300
# More ampoules than this for one dose is a slip in typing.
MOST_AMPOULES: Final = 60
NO_ORAL_ORDER: Final = (
    "No order of oral medicine was ever signed for this person here, so an oral dose cannot be entered. Take the tick "
    "away, write the dose in the words, and place a hold, so that a doctor sees it before the next dose."
)
# What alone makes a line contested and says nothing against the dose: nobody has to see the person for it.
OF_THE_BOOKS: Final = frozenset({"not_in_stock", "in_quarantine", "waste_is_not_the_rest"})


class OnLine(StrEnum):
    """What stands on one line of a pack."""

    GIVEN = "given"
    NOT_GIVEN = "not_given"
    NOTHING = "nothing"

    @property
    def label(self) -> str:
        """The choice in words."""
        return {
            "given": "A dose was injected",
            "not_given": "No dose in this session",
            "nothing": "Nothing is written on this line",
        }[self.value]


class HowLeft(StrEnum):
    """How somebody left after a dose, by the paper."""

    STILL_HERE = "still_here"
    RELEASED = "released"
    LEFT_EARLY = "left_early"
    NOT_SAID = "not_said"

    @property
    def label(self) -> str:
        """The choice in words."""
        return {
            "still_here": "They are still being observed: go on with the computer",
            "released": "Released, with all three answers on paper",
            "left_early": "Left before the observation was over",
            "not_said": "They have left, and the paper does not say how",
        }[self.value]


class Stands(StrEnum):
    """Which of two records of one thing stands. Both are kept."""

    PAPER = "paper"
    COMPUTER = "computer"

    @property
    def label(self) -> str:
        """The choice in words."""
        return {
            "paper": "The paper is right: what it says happened",
            "computer": "The computer is right: the paper does not count any more",
        }[self.value]


class LineState(StrEnum):
    """How far one line of a pack has come."""

    NOT_ENTERED = "not_entered"
    ENTERED = "entered"
    CONTESTED = "contested"
    SETTLED = "settled"

    @property
    def label(self) -> str:
        """The state in words."""
        return {
            "not_entered": "Not entered",
            "entered": "Entered",
            "contested": "Contested: the clinical lead settles it",
            "settled": "Contested, settled",
        }[self.value]


@dataclass(frozen=True, slots=True)
class SetOnPaper:
    """One set of readings after the injection as the paper has it, for a due minute or beside them (None)."""

    readings: Readings
    taken_at: datetime
    minute: int | None


@dataclass(frozen=True, slots=True)
class LeftOnPaper:
    """How and when somebody left by the paper; the three answers of a release where it has them."""

    how: HowLeft
    at: datetime | None = None
    reason: str = ""
    walks_steadily: bool = False
    advice_given: bool = False
    naloxone: str = ""


@dataclass(frozen=True, slots=True)
class DoseOnPaper:
    """One dose as the paper has it, in milligrams and ampoules; `wasted_mg` is what was written as waste.

    `check` is None where the paper has no whole check. `giver_id` and `witness_id` are whose names stand there.
    """

    given_mg: int
    wasted_mg: int
    ampoules: int
    batch_id: UUID
    route: str
    site: str
    started_at: datetime
    ended_at: datetime
    giver_id: UUID
    witness_id: UUID
    is_identified: bool
    check: CheckAnswers | None = None
    reduction: str = ""
    syringe_returned: bool = True
    after: tuple[SetOnPaper, ...] = ()
    left: LeftOnPaper = LeftOnPaper(HowLeft.STILL_HERE)


@dataclass(frozen=True, slots=True)
class PaperEntry:
    """All that one line of a pack says of one person. `words` are what else stands there, to be read by the lead.

    `has_oral` says that an oral dose stands there too: it is entered by itself.
    """

    what: OnLine
    patient_id: UUID
    dose: DoseOnPaper | None = None
    outcome: Outcome | None = None
    reason: Reason | None = None
    words: str = ""
    has_oral: bool = False


@dataclass(frozen=True, slots=True)
class BesideDose:
    """What the computer knows beside the facts of a dose: what stands for its session and time, and who signs.

    `overlapping` says in words which other injection lies too near, before or after. `pack_made_at` is when the paper
    was made; `order_changed_at` when the order changed between that and the dose. `signs_for_both` and
    `stand_in_is_lead` tell of somebody away whom another signs for.
    """

    service_date: date
    pack_made_at: datetime
    routes: frozenset[str]
    sites: frozenset[str]
    overlapping: str = ""
    order_changed_at: datetime | None = None
    is_day_open: bool = True
    is_away: bool = False
    stand_in_is_lead: bool = True
    signs_for_both: bool = False


def reads_as_possible(dose: DoseOnPaper, *, at: datetime) -> Decision:
    """Refuse what cannot be a reading of the paper: a time that is still to come, an end before its start.

    These are slips in typing. What happened is judged by `what_speaks_against`, and never refused.
    Source: clinical rules 39 and 7.11.
    """
    latest = max(
        [dose.ended_at, *(one.taken_at for one in dose.after), *([dose.left.at] if dose.left.at else [])]
    )
    earliest_after = min(
        [one.taken_at for one in dose.after] + ([dose.left.at] if dose.left.at else []), default=None
    )
    return Decision.of(
        (
            block("time_to_come", "A time is later than now. Read the paper again.", "clinical rule 39")
            if latest.astimezone(UTC) > at.astimezone(UTC)
            else None,
            block("ends_before_it_starts", "The end is before the start. Read both times again.", SOURCE)
            if dose.ended_at < dose.started_at
            else None,
            block(
                "after_is_before",
                "A reading or the leaving is before the injection ended. Read the times again.",
                SOURCE,
            )
            if earliest_after is not None and earliest_after < dose.ended_at
            else None,
            block(
                "too_many_ampoules",
                f"More than {MOST_AMPOULES} ampoules for one dose. Read the paper again.",
                "clinical rule 43",
            )
            if dose.ampoules > MOST_AMPOULES
            else None,
            block(
                "same_person",
                "Who gave and who witnessed are two people. Read both names again.",
                "clinical rule 22",
            )
            if dose.giver_id == dose.witness_id
            else None,
            block("no_time_of_leaving", "Write when they left.", "clinical rule 27")
            if dose.left.how is not HowLeft.STILL_HERE and dose.left.at is None
            else None,
        )
    )


def what_speaks_against(dose: DoseOnPaper, beside: BesideDose) -> Decision:
    """Return what the computer holds against a dose on paper, beside the rules that every dose is asked.

    Source: clinical rules 4, 5, 13, 22, 23 and 7.11.
    """
    return Decision.of(
        (
            block(
                "not_that_day",
                f"The pack is for {beside.service_date.day} {beside.service_date:%B}, and the dose is of another day.",
                SOURCE,
            )
            if dose.started_at.astimezone(LONDON).date() != beside.service_date
            else None,
            block("before_pack", "The dose began before this pack was made.", SOURCE)
            if dose.started_at < beside.pack_made_at
            else None,
            block("interval", beside.overlapping, "clinical rule 13") if beside.overlapping else None,
            _order_changed(beside.order_changed_at) if beside.order_changed_at is not None else None,
            block("route_not_ordered", "The route on paper is not on the order.", "clinical rule 4")
            if dose.route not in beside.routes
            else None,
            block("site_not_ordered", "The site on paper is not on the order.", "clinical rule 23")
            if dose.site not in beside.sites
            else None,
            signatures(beside),
            note("day_not_open", "The day was not open on the computer at that time.", "clinical rule 47")
            if not beside.is_day_open
            else None,
        )
    )


def signatures(beside: BesideDose) -> Finding | None:
    """Return what is wrong with who signs: of two who did it, the clinical lead signs for one who is away.

    Source: trust design 5 (invariant 11).
    """
    if not beside.is_away or (beside.stand_in_is_lead and not beside.signs_for_both):
        return None
    message = (
        "One person signs for both who did it. Each signs when they are back."
        if beside.signs_for_both
        else "Somebody other than the clinical lead signs for who is away."
    )
    return block("signature_missing", message, "trust design 5")


def _order_changed(at: datetime) -> Finding:
    message = f"The order changed at {at.astimezone(LONDON):%H:%M}, after this pack was made."
    return block("order_changed", message, "clinical rule 5")


def conflict_with(recorded: tuple[Outcome, str] | None, entry: PaperEntry) -> Decision:
    """Return what stands against the ending of a session on paper: another one that was recorded with the computer.

    Saying the same once more is no conflict, but for a dose: that one may be a second. Source: clinical rule 24.
    """
    if recorded is None or entry.outcome is None:
        return Decision()
    outcome, words = recorded
    if outcome not in DOSED and (outcome, words) == (entry.outcome, entry.reason):
        return Decision()
    said = outcome.value.replace("_", " ")
    message = (
        f"The computer has this session as {said}, and the paper as {entry.outcome.value.replace('_', ' ')}."
    )
    return Decision((block("already_recorded", message, "clinical rule 24"),))


def conflicts_of(decision: Decision) -> tuple[str, ...]:
    """Return the codes for which a line is contested: whatever would have stopped or barred the act."""
    return tuple(dict.fromkeys(finding.code for finding in decision.refusals))


def codes_of(decision: Decision) -> tuple[str, ...]:
    """Return the codes of everything that was found, each once."""
    return tuple(dict.fromkeys(finding.code for finding in decision))


def holds_the_person(conflicts: Iterable[str]) -> bool:
    """Tell whether a contested dose holds its person until a doctor has reviewed it: not for the books alone.

    Source: clinical rules 7.11 (what is contested holds the person).
    """
    return bool(set(conflicts) - OF_THE_BOOKS)


def not_entered_in_words(number: int, missing: int) -> str:
    """Return such as "P12: 3 lines not entered yet". Source: clinical rule 46 (by the next day)."""
    return f"P{number}: {missing} line{'' if missing == 1 else 's'} not entered yet"


_ON_PAPER: Final = {
    "not_identified": "Identity by two items is not on the paper.",
    "no_check": "The paper has no whole check before the dose.",
}
_IN_WORDS: Final = {
    "already_recorded": "the computer has another record of this session",
    "interval": "another injection is too near",
    "hold": "a hold stood",
    "no_order": "no order was in force",
    "order_changed": "the order changed after the pack was made",
    "order_suspended": "the order was suspended",
    "not_in_stock": "the book has too few ampoules",
    "in_quarantine": "the ampoules are in quarantine",
    "no_check": "the check is not whole on paper",
    "not_identified": "identity by two items is not on paper",
    "signature_missing": "a signature of who did it is missing",
    "waste_is_not_the_rest": "given and wasted do not make what was opened",
    "too_few_ampoules_opened": "the ampoules written cannot hold the dose",
    "over_day": "over the most of a day",
    "over_window": "over the most of any 20 hours",
    "over_order": "over the order",
    "over_session": "over the session",
    "over_single": "over the most of one dose",
    "no_order_ever": "no order was ever signed for this person here",
    "open_draw": "another dose was drawn up with the computer and has no ending",
    "syringe_expired": "the syringe was past its time",
    "emergency_since_drawn": "an emergency began before the injection was over",
}


def as_on_paper(decision: Decision) -> Decision:
    """Return findings in words for what has happened, where the hatch says what to do first."""
    return Decision(tuple(replace(one, message=_ON_PAPER.get(one.code, one.message)) for one in decision))


def codes_in_words(codes: Iterable[str]) -> tuple[str, ...]:
    """Return why a line is contested, in words."""
    return tuple(_IN_WORDS.get(code, code.replace("_", " ")) for code in codes)


@dataclass(frozen=True, slots=True)
class ContestedFacts:
    """What is known of a contested line when it is settled.

    `settler_signed` says that whoever settles it gave or witnessed that dose. `is_dose` and `recorded_dose` tell of
    which side has a dose; `needs_ending`, that without the paper the session would have no ending at all.
    """

    is_settled: bool
    settler_signed: bool
    is_dose: bool
    recorded_dose: bool
    needs_ending: bool


def may_settle(facts: ContestedFacts, stands: Stands, *, reason: str, has_ending: bool) -> Decision:
    """Decide whether a contested line is settled: by the clinical lead, with a reason, once, both kept for ever.

    Source: clinical rules 7.11.
    """
    if facts.is_settled:
        message = "This line is settled already. Open it again to read how."
        return Decision((block("settled_already", message, SOURCE),))
    return Decision.of(
        (
            block("no_reason", "Write how you know which of the two is right.", SOURCE)
            if not reason.strip()
            else None,
            block(
                "settler_signed",
                "You gave, witnessed or signed this line yourself. Another clinical lead settles it.",
                SOURCE,
            )
            if facts.settler_signed
            else None,
            block(
                "dose_is_recorded",
                "The computer has a dose with two signatures and a register line. A line that says there was none "
                "cannot stand in its place.",
                SOURCE,
            )
            if stands is Stands.PAPER and facts.recorded_dose and not facts.is_dose
            else None,
            block(
                "no_ending",
                "Without the paper this session has no ending. Choose how it ended.",
                "clinical rule 34",
            )
            if stands is Stands.COMPUTER and facts.needs_ending and not has_ending
            else None,
        )
    )
