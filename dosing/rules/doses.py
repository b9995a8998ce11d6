"""The milligrams of one injection: from the least to the most that may be given, and why it is less than the whole."""

from __future__ import annotations

from dosing.rules.protocol import Protocol
from dosing.rules.sessions import REDUCTIONS, OrderInForce, Reduction, SessionFacts, allowed_mg
from hat_clinic.core.decisions import Decision, Finding, block, note


def session_mg(facts: SessionFacts) -> int:
    """Return what the order means a session to come to: its dose, or what its plan and the ladder leave of it.

    Whatever else limits it bars it, and lowers nothing: no dose is proposed. Source: clinical rules 32 and 7.11.
    """
    if facts.order is None:
        return 0
    given = facts.given_in_session_mg
    lowered = [cap.mg + given for cap in facts.caps if cap.lowers]
    written = facts.order.daily_max_mg if facts.order.is_day_one else facts.order.dose_mg
    return min([written, *lowered])


def full_mg(facts: SessionFacts) -> int:
    """Return the whole dose of the next injection: what the order means by this session, without what it has had."""
    return max(0, session_mg(facts) - facts.given_in_session_mg)


def least_mg(facts: SessionFacts, *, number: int) -> int:
    """Return the least that the next injection may be: with it the session comes to its written least.

    A part may be any milligram while the order allows one injection more; a titration writes no least. Under a
    written least, or a fixed dose, less is given only on a licensed doctor's own signed direction, and this program
    has none yet: a new order is signed. Source: clinical rules 7.11.
    """
    order = facts.order
    if order is None or order.is_titration or number < order.injections:
        return 1
    whole = session_mg(facts)
    written = whole if order.least_mg is None else min(order.least_mg, whole)
    return max(1, written - facts.given_in_session_mg)


def dose_findings(facts: SessionFacts, mg: int, *, number: int, reduction: str) -> Decision:
    """Return everything that stands against so many milligrams as the next injection, and what is to be noted.

    Source: clinical rules 8, 9, 10, 11, 18, 32 and 7.11.
    """
    order, protocol = facts.order, facts.protocol
    if order is None or protocol is None:
        return Decision()
    return (
        Decision.of(cap.finding(mg) for cap in dict.fromkeys(facts.caps))
        | _over(order, protocol, facts, mg)
        | Decision.of((_under(order, facts, mg, number), _reason(order, facts, mg, number, reduction)))
    )


def may_be_any(facts: SessionFacts, *, number: int) -> Decision:
    """Return what stands against even the least that the next injection may be, before anything is typed."""
    least = least_mg(facts, number=number)
    return Decision(tuple(dose_findings(facts, least, number=number, reduction=Reduction.OTHER).refusals))


def _over(order: OrderInForce, protocol: Protocol, facts: SessionFacts, mg: int) -> Decision:
    today = facts.given_today_mg + mg
    window = facts.given_in_window_mg + mg
    session = facts.given_in_session_mg + mg
    daily = min(order.daily_max_mg, protocol.daily_block_mg)
    return Decision.of(
        (
            block(
                "over_order",
                f"The order is {order.dose_mg} mg, and {mg} mg was written. "
                "Give what is ordered, or ask the doctor for a new order.",
                "clinical rules 7.11",
            )
            if mg > order.dose_mg
            else None,
            block(
                "over_session",
                f"With {facts.given_in_session_mg} mg given in this session, {mg} mg would make {session} mg; "
                f"the session's limit is {facts.session_limit_mg} mg.",
                "clinical rules 7.11",
            )
            if facts.so_far is not None and session > facts.session_limit_mg
            else None,
            block(
                "over_single",
                f"{mg} mg is over the limit for one dose, {protocol.single_block_mg} mg. Nobody can lift this.",
                "clinical rule 11",
            )
            if mg > protocol.single_block_mg
            else None,
            block(
                "over_day",
                f"With {facts.given_today_mg} mg given today, {mg} mg would make {today} mg; "
                f"the day's limit is {daily} mg.",
                "clinical rule 11",
            )
            if today > daily
            else None,
            block(
                "over_window",
                f"With {facts.given_in_window_mg} mg in the last 20 hours, {mg} mg would make {window} mg; "
                f"the limit is {protocol.daily_block_mg} mg.",
                "clinical rule 11",
            )
            if window > protocol.daily_block_mg
            else None,
            note(
                "high_single",
                f"{session} mg is over {protocol.single_warn_mg} mg in one session.",
                "clinical rule 11",
            )
            if facts.so_far is not None and protocol.single_warn_mg < session <= facts.session_limit_mg
            else None,
            note(
                "high_single",
                f"{mg} mg is over {protocol.single_warn_mg} mg in one dose.",
                "clinical rule 11",
            )
            if facts.so_far is None and protocol.single_warn_mg < mg <= protocol.single_block_mg
            else None,
            note(
                "high_day",
                f"This makes {today} mg today, over {protocol.daily_warn_mg} mg.",
                "clinical rule 11",
            )
            if protocol.daily_warn_mg < today <= daily
            else None,
        )
    )


def _under(order: OrderInForce, facts: SessionFacts, mg: int, number: int) -> Finding | None:
    least = least_mg(facts, number=number)
    if mg >= least:
        return None
    what = "the least that is ordered" if order.least_mg is not None else "what is ordered"
    message = (
        f"{mg} mg is under {least} mg, {what}. Less is given only on a licensed doctor's own signed direction: "
        "withhold it, or ask the doctor for a new order."
    )
    return block("under_order", message, "clinical rules 7.11")


def _reason(order: OrderInForce, facts: SessionFacts, mg: int, number: int, reduction: str) -> Finding | None:
    full = min(full_mg(facts), allowed_mg(facts))
    if mg >= full or mg < least_mg(facts, number=number):
        return None
    if reduction == Reduction.FIRST_PART and number >= order.injections:
        message = "No injection may follow in this session, so this is no first part. Choose another reason."
        return block("no_second_part", message, "clinical rule 18")
    if reduction in REDUCTIONS:
        return None
    message = f"{mg} mg is less than the full dose, {full} mg. Choose why."
    return block("reduction_reason", message, "clinical rule 18")
