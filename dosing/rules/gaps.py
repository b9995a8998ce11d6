"""A licensed doctor's decision that somebody may be dosed again after a gap of the third row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dosing.rules.history import Row, Standing, gap_in_words
from dosing.rules.protocol import Protocol
from dosing.rules.remedies import with_remedies
from hat_clinic.core.decisions import Decision, block


@dataclass(frozen=True, slots=True)
class GapFacts:
    """What is known when a gap is decided on: where the person stands, and who decides.

    `reference_mg` is the highest session that was tolerated before the gap, None where there is none.
    `has_protocol` and `has_order` tell whether approved limits and an order are in force.
    """

    standing: Standing
    reference_mg: int | None
    decider_is_doctor: bool
    licence_ends_at: datetime | None
    has_protocol: bool = True
    has_order: bool = True


def gap_ceiling_mg(facts: GapFacts, protocol: Protocol) -> int:
    """Return the most that a decision may leave, rounded down. Source: clinical rules 32 and 7.11."""
    return (facts.reference_mg or 0) * protocol.gap_decide_percent // 100


def may_begin_gap_decision(facts: GapFacts) -> Decision:
    """Decide whether a gap can be decided on at all: a doctor licensed here, in the third row of the ladder.

    Source: clinical rules 32 and 7.11.
    """
    row, words = facts.standing.row, gap_in_words(facts.standing)
    begun = Decision.of(
        (
            block(
                "not_licensed",
                "Only a doctor licensed for these premises decides on a gap.",
                "clinical rule 32",
            )
            if not facts.decider_is_doctor or facts.licence_ends_at is None
            else None,
            block(
                "no_protocol",
                "The clinic has no approved limits in force. The clinical lead approves them first.",
                "clinical rules 7.11",
            )
            if not facts.has_protocol
            else None,
            block(
                "no_order",
                "No order is in force: a licensed doctor signs one first.",
                "clinical rule 6",
            )
            if not facts.has_order
            else None,
            block(
                "no_gap",
                "No gap waits for a decision: the next dose follows the order and the ladder.",
                "clinical rule 32",
            )
            if row <= Row.CAP
            else None,
            block(
                "restart",
                f"{words} No decision lifts this: a new titration order is signed instead.",
                "clinical rule 32",
            )
            if row is Row.RESTART
            else None,
            block(
                "nothing_tolerated",
                "Nothing was tolerated before the gap, so there is no ceiling to decide under. A new titration "
                "order is signed instead.",
                "clinical rule 32",
            )
            if row is Row.DECIDE and facts.has_order and facts.reference_mg is None
            else None,
        )
    )
    return with_remedies(begun)


def may_decide_gap(facts: GapFacts, protocol: Protocol, *, ceiling_mg: int, reason: str) -> Decision:
    """Decide whether a doctor's decision on a gap may be signed: a ceiling that only lowers, and a reason.

    Source: clinical rules 32 and 7.11.
    """
    most = gap_ceiling_mg(facts, protocol)
    written = Decision.of(
        (
            block(
                "over_ceiling",
                f"{ceiling_mg} mg is over {most} mg, {protocol.gap_decide_percent} % of what was tolerated before "
                "the gap. Nobody can lift this.",
                "clinical rule 32",
            )
            if facts.reference_mg is not None and ceiling_mg > most
            else None,
            block("no_ceiling", "A decision has a ceiling of at least 1 mg.", "clinical rule 32")
            if ceiling_mg < 1
            else None,
            block("no_reason", "Write why the next dose may be given.", "clinical rule 32")
            if not reason.strip()
            else None,
        )
    )
    return may_begin_gap_decision(facts) | with_remedies(written)
