"""How much may be given next: what was tolerated, the first day, three sessions a day, and the ladder of gaps.

Nothing here proposes a dose: each cap is a number that a prescriber's dose is held against.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

from dosing.rules.history import (
    DoseHistory,
    GivenDose,
    Reference,
    Row,
    Standing,
    after_what,
    gap_in_words,
    is_first_day,
    last_event,
    reference_at,
    since_restart,
    standing_at,
    total_on,
)
from dosing.rules.limit_facts import Cap as Cap
from dosing.rules.limit_facts import GapDecision as GapDecision
from dosing.rules.limit_facts import LimitFacts as LimitFacts
from dosing.rules.limit_facts import OrderKind as OrderKind
from dosing.rules.limit_facts import Step as Step
from dosing.rules.protocol import Protocol
from hat_clinic.core.decisions import Decision, Finding, block


def caps_at_giving(facts: LimitFacts) -> tuple[Cap, ...]:
    """Return every cap on the next dose, the strictest of all routes of the order.

    On the first day the limits of rule 8 take the place of rules 9 and 10; the ladder and an event bind on top.
    A dose that is contested can only make them stricter: they are worked out with it and without it.
    Source: clinical rules 8, 9, 10, 32 and 7.11.
    """
    return _with_and_without_doubt(facts, _caps_at_giving)


def _with_and_without_doubt(
    facts: LimitFacts, caps_of: Callable[[LimitFacts], tuple[Cap, ...]]
) -> tuple[Cap, ...]:
    """Return the caps worked out with every contested dose and with none, of each kind the strictest."""
    caps = caps_of(facts)
    if not any(dose.is_doubtful for dose in facts.history.doses):
        return caps
    strictest: dict[str, Cap] = {}
    for cap in (*caps, *caps_of(facts.without_doubt)):
        if cap.code not in strictest or cap.mg < strictest[cap.code].mg:
            strictest[cap.code] = cap
    return tuple(strictest.values())


def _caps_at_giving(facts: LimitFacts) -> tuple[Cap, ...]:
    standing = standing_at(facts.history, facts.protocol, at=facts.at)
    caps: list[Cap] = []
    for route in sorted(facts.routes):
        reference = reference_at(facts.history, standing, route=route, at=facts.at)
        if reference is None or is_first_day(facts.history, standing, route=route, today=facts.today):
            caps.append(_first_day_cap(facts, standing, route))
            caps += _ladder_caps(facts, standing, reference) if reference is not None else []
            continue
        caps.append(_usual_cap(facts, standing, reference))
        caps += _ladder_caps(facts, standing, reference)
    caps += _event_caps(facts)
    if facts.plan:
        caps.append(_plan_cap(facts))
    return tuple(caps)


def caps_at_signing(facts: LimitFacts) -> tuple[Cap, ...]:
    """Return the caps on a dose that is about to be signed, as far as they are known then.

    Source: clinical rules 8, 9, 10 and 7.11 (limits are tested twice; giving decides).
    """
    return _with_and_without_doubt(facts, _caps_at_signing)


def _caps_at_signing(facts: LimitFacts) -> tuple[Cap, ...]:
    standing = standing_at(facts.history, facts.protocol, at=facts.at)
    caps = []
    for route in sorted(facts.routes):
        reference = reference_at(facts.history, standing, route=route, at=facts.at)
        tolerated = any(dose.is_tolerated for dose in since_restart(facts.history, standing, route=route))
        if reference is None or not tolerated:
            caps.append(_first_dose(facts.protocol))
        else:
            caps.append(_usual_cap(facts, standing, reference))
    return tuple(caps)


def decision_stands(facts: LimitFacts) -> bool:
    """Tell whether a doctor's decision on a gap holds for the next dose.

    It was made in the third row of this very gap; since then no session was missed and nothing was given,
    however little.
    Source: clinical rules 32 and 7.11.
    """
    decision = facts.decision
    if decision is None or decision.decided_at > facts.at:
        return False
    if any(dose.started_at > decision.decided_at for dose in facts.history.doses):
        return False
    then = standing_at(facts.history, facts.protocol, at=decision.decided_at)
    now = standing_at(facts.history, facts.protocol, at=facts.at)
    return (
        then.gap is not None
        and now.gap is not None
        and then.row is Row.DECIDE
        and then.gap.since == now.gap.since
        and then.gap.missed == now.gap.missed
    )


def gap_findings(facts: LimitFacts, *, kind: OrderKind) -> Decision:
    """Return what a gap bars outright, whatever the dose: a doctor decides, or a new titration begins.

    Source: clinical rules 32 and 7.11.
    """
    standing = standing_at(facts.history, facts.protocol, at=facts.at)
    if standing.gap is None or standing.row <= Row.CAP:
        return Decision()
    words = gap_in_words(standing)
    if standing.row is Row.DECIDE:
        if decision_stands(facts):
            return Decision()
        message = f"{words} A licensed doctor decides before the next dose, in the worklist."
        return Decision((block("gap_decision", message, "clinical rule 32"),))
    begun_anew = kind is OrderKind.TITRATION and _was_restart(facts)
    if begun_anew:
        return Decision()
    return Decision((restart_needed(standing, facts.protocol),))


def restart_needed(standing: Standing, protocol: Protocol) -> Finding:
    """Return the block on everything but a new titration order after a gap of the last row."""
    message = (
        f"{gap_in_words(standing)} The order is suspended: a licensed doctor signs a new titration order, whose "
        f"first dose is at most {protocol.first_dose_mg} mg."
    )
    return block("restart", message, "clinical rule 32")


def plan_faults(plan: tuple[Step, ...], *, protocol: Protocol, first_cap_mg: int | None) -> Decision:
    """Return what is wrong in a titration plan: its order, its first day, and each step against the one before.

    `first_cap_mg` binds the first step of somebody who has tolerated a dose; None says that nothing was, so that
    the first day of rule 8 binds. Source: clinical rules 8, 9 and 7.11.
    """
    if not plan:
        return Decision((block("no_plan", "A titration has at least one step.", "clinical rule 4"),))
    days = [step.day for step in plan]
    found: list[Finding | None] = []
    if days[0] != 1 or any(later <= earlier for earlier, later in itertools.pairwise(days)):
        message = "The steps of a titration begin on day 1 and follow each other by day."
        found.append(block("plan_days", message, "clinical rule 4"))
    first = plan[0]
    if first_cap_mg is None:
        found += _first_step(first, protocol)
    elif first.max_mg > first_cap_mg:
        message = f"Day {first.day}: {first.max_mg} mg is over {first_cap_mg} mg, the step above what was tolerated."
        found.append(block("step", message, "clinical rule 9"))
    for earlier, later in itertools.pairwise(plan):
        limit = _stepped(earlier.max_mg, protocol)
        if later.max_mg > limit:
            message = (
                f"Day {later.day}: {later.max_mg} mg is over {limit} mg, the most above the step before "
                f"({earlier.max_mg} mg)."
            )
            found.append(block("step", message, "clinical rule 9"))
    return Decision.of(tuple(found))


def step_in_force(
    plan: tuple[Step, ...], doses: Iterable[GivenDose], *, today: date, began_on: date | None = None
) -> Step:
    """Return the step that binds: one further only once its day has come and the last dose was tolerated.

    Days count from the first dose on the order: `began_on`, which may be older than the doses that are looked at. A
    dose that was not tolerated, or is still watched, keeps the step. Source: clinical rules 8, 9 and 7.11.
    """
    given = tuple(doses)
    if not given or len(plan) == 1:
        return plan[0]
    began = began_on or given[0].given_on
    reached = plan[0]
    for earlier, later in itertools.pairwise(plan):
        opens_on = began + timedelta(days=later.day - 1)
        at_earlier = [dose for dose in given if dose.given_on >= began + timedelta(days=earlier.day - 1)]
        before = [dose for dose in at_earlier if dose.given_on < today]
        if today < opens_on or not before or not before[-1].is_tolerated:
            break
        reached = later
    return reached


def _first_step(step: Step, protocol: Protocol) -> list[Finding | None]:
    first = step.first_mg if step.first_mg is not None else step.max_mg
    return [
        block(
            "first_dose",
            f"The first dose, {first} mg, is over {protocol.first_dose_mg} mg: nothing was tolerated here yet.",
            "clinical rule 8",
        )
        if first > protocol.first_dose_mg
        else None,
        block(
            "first_repeat",
            f"The repeat of the first dose, {step.repeat_mg} mg, is over {protocol.first_dose_mg} mg.",
            "clinical rule 8",
        )
        if step.repeat_mg is not None and step.repeat_mg > protocol.first_dose_mg
        else None,
        block(
            "first_day",
            f"Further doses of the first day, {step.max_mg} mg, are over {protocol.day_one_dose_mg} mg.",
            "clinical rule 8",
        )
        if step.max_mg > protocol.day_one_dose_mg
        else None,
    ]


def _first_dose(protocol: Protocol) -> Cap:
    return Cap(
        "first_dose",
        protocol.first_dose_mg,
        "no tolerated dose by this route is recorded here, so it is a first dose.",
        "clinical rule 8",
    )


def _first_day_cap(facts: LimitFacts, standing: Standing, route: str) -> Cap:
    today = [
        dose for dose in since_restart(facts.history, standing, route=route) if dose.given_on == facts.today
    ]
    if not today:
        return _first_dose(facts.protocol)
    last, first = today[-1], today[0]
    elapsed = facts.at.astimezone(UTC) - last.ended_at.astimezone(UTC)
    is_borne = first.passed_at is not None or bool(first.is_tolerated)
    if is_borne and not last.had_event and elapsed >= timedelta(minutes=facts.protocol.day_one_gap_minutes):
        return Cap(
            "first_day",
            facts.protocol.day_one_dose_mg,
            "this is the first day, and each further dose of it is at most that.",
            "clinical rule 8",
        )
    repeats = timedelta(minutes=facts.protocol.first_repeat_minutes)
    if is_borne and not last.had_event and len(today) == 1 and elapsed >= repeats:
        return Cap(
            "first_repeat",
            facts.protocol.first_dose_mg,
            "the first dose may be repeated once, and not be passed.",
            "clinical rule 8",
        )
    why = (
        "the first dose has to be tolerated, with a reading at least 20 minutes after it, and the time between "
        "doses of the first day has to pass."
    )
    return Cap("first_day_wait", 0, why, "clinical rule 8")


def _stepped(mg: int, protocol: Protocol) -> int:
    return mg * (100 + protocol.step_percent) // 100


def _given_in_session(facts: LimitFacts) -> int:
    """Return what was given in the session of the next dose: a limit on one dose binds the session's total too."""
    return sum(dose.mg for dose in facts.history.doses if dose.session == facts.session and facts.session)


def _usual_cap(facts: LimitFacts, standing: Standing, reference: Reference) -> Cap:
    if facts.sessions_per_day > 2:
        return _half_of_yesterday(facts, standing)
    given = _given_in_session(facts)
    if not reference.is_tolerated:
        return Cap(
            "not_tolerated",
            max(0, reference.session_mg - given),
            "no dose of the last 72 hours was tolerated, so nothing above it is given.",
            "clinical rule 9",
        )
    single = _stepped(reference.single_mg, facts.protocol)
    whole = _stepped(reference.session_mg, facts.protocol) - given
    why = (
        f"at most {facts.protocol.step_percent} % above the highest dose that was given and tolerated in the last "
        f"72 hours, {reference.session_mg} mg."
    )
    return Cap("step", max(0, min(single, whole)), why, "clinical rule 9")


def _half_of_yesterday(facts: LimitFacts, standing: Standing) -> Cap:
    day = facts.today - timedelta(days=1)
    total = total_on(facts.history, day)
    percent = 100
    if not total:
        earlier = [dose.given_on for dose in facts.history.doses if dose.given_on < facts.today]
        total = total_on(facts.history, max(earlier)) if earlier and standing.row <= Row.CAP else 0
        percent = facts.protocol.gap_cap_percent if standing.row is Row.CAP else 100
    why = f"at three sessions a day, at most half of what was given the day before, {total} mg."
    mg = max(0, total * percent // 200 - _given_in_session(facts))
    return Cap("half_of_yesterday", mg, why, "clinical rule 10")


def _ladder_caps(facts: LimitFacts, standing: Standing, reference: Reference) -> list[Cap]:
    protocol, given = facts.protocol, _given_in_session(facts)
    if standing.row is Row.CAP:
        mg = max(0, reference.session_mg * protocol.gap_cap_percent // 100 - given)
        why = f"at most {protocol.gap_cap_percent} % of {reference.session_mg} mg, {after_what(standing)}"
        return [Cap("gap_cap", mg, why, "clinical rule 32", lowers=True)]
    if standing.row is Row.DECIDE:
        ceiling = reference.session_mg * protocol.gap_decide_percent // 100
        decided = facts.decision.ceiling_mg if facts.decision and decision_stands(facts) else 0
        why = (
            f"at most what a licensed doctor decided, never over {ceiling} mg, {protocol.gap_decide_percent} % of "
            f"{reference.session_mg} mg, {after_what(standing)}"
        )
        mg = max(0, min(ceiling, decided) - given)
        return [Cap("gap_decided", mg, why, "clinical rule 32", lowers=True)]
    return []


def unreviewed_event(
    history: DoseHistory, *, order_signed_at: datetime | None, at: datetime
) -> GivenDose | None:
    """Return the last dose that somebody had to be roused after, or worse, while no order was signed since.

    Source: clinical rules 28 and 7.11 (until a licensed doctor has reviewed).
    """
    event = last_event(history, at=at)
    is_reviewed = event is not None and order_signed_at is not None and order_signed_at > event.started_at
    return None if is_reviewed else event


def _event_caps(facts: LimitFacts) -> list[Cap]:
    event = last_event(facts.history, at=facts.at)
    if event is None:
        return []
    borne = any(dose.is_tolerated and dose.started_at > event.started_at for dose in facts.history.doses)
    waits = unreviewed_event(facts.history, order_signed_at=facts.order_signed_at, at=facts.at) is not None
    if borne and not waits:
        return []
    why = (
        "after that dose they had to be roused, or worse. Nothing above it until a later dose is tolerated and a "
        "licensed doctor signs a new order."
    )
    return [Cap("event", max(0, event.proved_mg - _given_in_session(facts)), why, "clinical rules 7.11")]


def _plan_cap(facts: LimitFacts) -> Cap:
    step = step_in_force(facts.plan, facts.order_doses, today=facts.today, began_on=facts.order_began_on)
    mg = step.max_mg if is_day_one_of_plan(facts) else max(0, step.max_mg - _given_in_session(facts))
    if step.day == 1 and step.first_mg is not None:
        given = facts.order_doses
        if not given:
            mg = step.first_mg
        elif len(given) == 1 and facts.at.astimezone(UTC) - given[0].ended_at.astimezone(UTC) < timedelta(
            minutes=facts.protocol.day_one_gap_minutes
        ):
            mg = step.repeat_mg or 0
    return Cap("plan", mg, f"the plan is at the step of day {step.day}.", "clinical rule 4", lowers=True)


def is_day_one_of_plan(facts: LimitFacts) -> bool:
    """Tell whether the next dose is of the first day of a plan that names its first dose.

    Such a plan orders each dose of that day, and its total by the order's maximum of a day; any other step is the
    dose of a session. The day is the date of the first dose on the order, however long its step goes on.
    Source: clinical rules 8 and 7.11 (a titration order states its own day-1 maximum).
    """
    if not facts.plan:
        return False
    step = step_in_force(facts.plan, facts.order_doses, today=facts.today)
    is_its_date = not facts.order_doses or facts.order_doses[0].given_on == facts.today
    return step.day == 1 and step.first_mg is not None and is_its_date


def _was_restart(facts: LimitFacts) -> bool:
    if facts.order_signed_at is None:
        return False
    return standing_at(facts.history, facts.protocol, at=facts.order_signed_at).row is Row.RESTART
