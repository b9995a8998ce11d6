"""A gap as pages tell of it: to the doctor who decides, beside the orders, and on the line of time."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from dosing.models import GapDecision, PreInjectionCheck, SessionOutcome
from dosing.queries.closed import ClosedSpan, list_closed_spans
from dosing.queries.contacts import ContactShown, list_contacts
from dosing.queries.gap_states import OnOrder, list_gap_states
from dosing.queries.gaps import GapKnown, get_gap_facts
from dosing.queries.oral import list_oral_doses
from dosing.queries.orders import get_episode_here, get_order_in_force
from dosing.queries.protocol import as_rules_read_it, get_protocol_in_force
from dosing.rules.gaps import gap_ceiling_mg, may_begin_gap_decision
from dosing.rules.history import MissedSession, Row, Standing, counted, gap_in_words, missed_between
from dosing.rules.ladder import Ladder, Rung, rungs_of, why_it_binds
from dosing.rules.moments import day_in_words, exact_moment, moment_in_words
from dosing.rules.orders import Product, Route
from hat_clinic.accounts.models import Clinic, Slot, User
from hat_clinic.core.decisions import Decision
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class MissedShown:
    """One missed session as it is listed: its day and slot, why, and who wrote it down."""

    when: str
    slot: str
    reason: str
    recorded_by: str


@dataclass(frozen=True, slots=True)
class DecisionShown:
    """One decision in a gap; `stands` says that the next dose may be given on it."""

    ceiling_mg: int
    reason: str
    decided_by: str
    when: str
    stands: bool


@dataclass(frozen=True, slots=True)
class GapPage:
    """All that a doctor sees of a gap before deciding on it. The ceiling is a limit and fills in nothing."""

    episode: Episode
    patient_id: uuid.UUID
    name: str
    born_on: date | None
    words: str
    last_dose: str
    since: str
    missed: tuple[MissedShown, ...]
    rungs: tuple[Rung, ...]
    why: str
    reported: tuple[str, ...]
    contacts: tuple[ContactShown, ...]
    reference_mg: int | None
    ceiling_mg: int
    percent: int
    ordered_mg: int | None
    newest: DecisionShown | None
    waits_for_decision: bool
    needs_restart: bool
    decision: Decision
    seen: str
    newest_id: str


def get_gap_page(*, clinic: Clinic, patient_id: uuid.UUID, decider: User, at: datetime) -> GapPage | None:
    """Return the page on which a gap is decided; None for somebody who is not in treatment here.

    What was reported in the gap is shown and relaxes nothing. Source: clinical rules 32, 33, 34 and 7.11.
    """
    episode = get_episode_here(clinic_id=clinic.id, patient_id=patient_id, is_open=True)
    if episode is None:
        return None
    known = get_gap_facts(clinic=clinic, episode=episode, decider=decider, at=at)
    standing = known.facts.standing
    gap = standing.gap
    decision = may_begin_gap_decision(known.facts)
    return GapPage(
        episode=episode,
        patient_id=patient_id,
        name=episode.person.full_name,
        born_on=episode.person.born_on,
        words=gap_in_words(standing),
        last_dose=_last_dose(known, standing),
        since=f"{moment_in_words(gap.since)}, {counted(gap.hours, 'hour')} ago" if gap is not None else "",
        missed=_list_missed(episode, known, at),
        rungs=rungs_of(standing, known.protocol),
        why=why_it_binds(standing, known.protocol),
        reported=_reported(episode, gap.since, at) if gap is not None else (),
        contacts=list_contacts(episode, since=gap.since) if gap is not None else (),
        reference_mg=known.facts.reference_mg,
        ceiling_mg=gap_ceiling_mg(known.facts, known.protocol),
        percent=known.protocol.gap_decide_percent,
        ordered_mg=known.order.dose_mg if known.order is not None else None,
        newest=_decision_shown(known.newest, stands=known.is_decided) if known.newest is not None else None,
        waits_for_decision=standing.row is Row.DECIDE,
        needs_restart=any(finding.code in ("restart", "nothing_tolerated") for finding in decision.refusals),
        decision=decision,
        seen=known.seen,
        newest_id=known.newest_id,
    )


def _last_dose(known: GapKnown, standing: Standing) -> str:
    if standing.gap is None:
        return ""
    dose = next(dose for dose in known.history.doses if dose.ended_at == standing.gap.since)
    return f"{dose.mg} mg, {Route(dose.route).label}"


def _list_missed(episode: Episode, known: GapKnown, at: datetime) -> tuple[MissedShown, ...]:
    gap = known.facts.standing.gap
    missed = missed_between(known.history, gap.since, at) if gap is not None else ()
    outcomes = {
        (row.session.service_date, row.session.slot): row
        for row in SessionOutcome.objects.select_related("session", "recorded_by").filter(
            session__patient_id=episode.person_id,
            session__service_date__in={one.on for one in missed},
            amended_by__isnull=True,
        )
    }
    closed = list_closed_spans(clinic=episode.clinic, since=gap.since) if gap is not None and missed else []
    return tuple(_missed_shown(one, outcomes.get((one.on, one.slot)), closed) for one in reversed(missed))


def _missed_shown(
    one: MissedSession, outcome: SessionOutcome | None, closed: list[ClosedSpan]
) -> MissedShown:
    if outcome is None or outcome.recorded_by is None:
        span = next((span for span in closed if span.starts_at < one.over_at <= span.ends_at), None)
        if span is not None:
            return MissedShown(
                when=day_in_words(one.on),
                slot=Slot(one.slot).label,
                reason=f"service closed: {span.closure.words}",
                recorded_by=span.closure.closed_by.full_name,
            )
        return MissedShown(day_in_words(one.on), Slot(one.slot).label, "not known", "not recorded")
    reason = outcome.reason.replace("_", " ")
    return MissedShown(
        when=day_in_words(one.on),
        slot=Slot(one.slot).label,
        reason=f"{outcome.get_outcome_display()}: {reason}",
        recorded_by=outcome.recorded_by.full_name,
    )


def _reported(episode: Episode, since: datetime, at: datetime) -> tuple[str, ...]:
    """Return what is known of other drugs in a gap: from the checks made in it, and oral doses given here."""
    lines = []
    checks = PreInjectionCheck.objects.filter(
        patient_id=episode.person_id, made_at__gt=since, made_at__lte=at, amended_by__isnull=True
    ).order_by("made_at")
    for check in checks:
        when = moment_in_words(check.made_at)
        if check.took_other_drugs:
            lines.append(f"Other drugs taken, told at the check on {when}.")
        if not check.oral_as_ordered:
            lines.append(f"Oral medicine not taken as ordered, told at the check on {when}.")
    lines += [
        f"{dose.words}, given here on {moment_in_words(dose.given_at)}."
        for dose in list_oral_doses(patient_id=episode.person_id, since=since)
        if dose.given_at <= at
    ]
    return tuple(lines)


def _decision_shown(decision: GapDecision, *, stands: bool) -> DecisionShown:
    return DecisionShown(
        ceiling_mg=decision.ceiling_mg,
        reason=decision.reason,
        decided_by=decision.decided_by.full_name,
        when=exact_moment(decision.decided_at),
        stands=stands,
    )


@dataclass(frozen=True, slots=True)
class GapBeside:
    """A gap beside the orders: what it asks for in few words, why, and the last decision made in it."""

    tag: str
    bars: bool
    needs_decision: bool
    words: str
    row: int
    cap_percent: int
    decision: DecisionShown | None

    @property
    def is_capped(self) -> bool:
        """Tell whether the next dose is capped by the second row."""
        return self.row == Row.CAP


def get_gap_beside_orders(*, clinic: Clinic, patient_id: uuid.UUID, at: datetime) -> GapBeside | None:
    """Return what a gap asks for beside somebody's orders; None where it asks for nothing.

    Somebody without an order in force waits for one as it is. Source: clinical rule 32.
    """
    episode = get_episode_here(clinic_id=clinic.id, patient_id=patient_id, is_open=True)
    protocol = as_rules_read_it(get_protocol_in_force(clinic_id=clinic.id, at=at))
    order = get_order_in_force(patient_id=patient_id, product=Product.DIAMORPHINE, at=at)
    if episode is None or protocol is None or order is None:
        return None
    state = list_gap_states([OnOrder.of(episode, order)], protocol=protocol, at=at)[episode.id]
    gap = state.standing.gap
    if gap is None or not state.ladder.tag:
        return None
    newest = (
        GapDecision.objects.select_related("decided_by")
        .filter(episode=episode, decided_at__gt=gap.since, decided_at__lte=at)
        .order_by("-decided_at")
        .first()
    )
    return GapBeside(
        tag=state.ladder.tag,
        bars=state.ladder.bars,
        needs_decision=state.ladder is Ladder.DECIDE,
        words=gap_in_words(state.standing),
        row=state.standing.row,
        cap_percent=state.cap_percent,
        decision=_decision_shown(newest, stands=state.ladder is Ladder.DECIDED) if newest else None,
    )
