"""What somebody was given and missed, as the limits read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Exists, F, Min, OuterRef, Q

from dosing.models import GapDecision, Injection, Order, PlannedSession, Reading, SessionOutcome
from dosing.rules.checks import BREATHS_HOLD_BELOW, OXYGEN_HOLD_BELOW, Sedation
from dosing.rules.history import DoseHistory, GivenDose
from dosing.rules.limits import GapDecision as Decided
from dosing.rules.limits import LimitFacts, Step
from dosing.rules.protocol import Protocol
from dosing.rules.sessions import DOSED
from hat_clinic.accounts.models import SessionSlot
from hat_clinic.core.clock import LONDON, london_date
from patients.models import Episode

# After this long without a dose everybody begins anew, so that nothing before it is asked for; one dose more than
# lie in it is read, so that the gap is known.
LOOK_BACK = timedelta(days=21)
PASSED_AFTER = timedelta(minutes=20)


def get_dose_history(*, episode: Episode, at: datetime) -> DoseHistory:
    """Return what was given and missed in a treatment, at this clinic and, since it began, at any other.

    Imported sessions are no part of it. Source: clinical rules 8, 9, 32 and 7.11.
    """
    doses = _list_doses(episode=episode, at=at)
    since = doses[0].started_at if doses else at - LOOK_BACK
    return DoseHistory(doses=doses, missed=_list_missed(episode=episode, since=since, at=at))


def _list_doses(*, episode: Episode, at: datetime) -> tuple[GivenDose, ...]:
    theirs = (
        Injection.objects.filter(patient_id=episode.person_id, started_at__lte=at)
        .filter(
            Q(session__episode_id=episode.id)
            | (~Q(session__clinic_id=episode.clinic_id) & Q(given_on__gte=episode.accepted_on))
        )
        .annotate(
            event=Exists(Reading.objects.filter(injection=OuterRef("pk")).exclude(escalation="")),
            passed=Min(
                "readings__taken_at",
                filter=Q(
                    readings__taken_at__gte=F("ended_at") + PASSED_AFTER,
                    readings__sedation__in=[Sedation.ALERT, Sedation.SLIGHTLY_DROWSY],
                    readings__breaths__gte=BREATHS_HOLD_BELOW,
                    readings__oxygen__gte=OXYGEN_HOLD_BELOW,
                ),
            ),
        )
        .order_by("-started_at")
        .values_list(
            "started_at",
            "ended_at",
            "given_on",
            "given_mg",
            "allowed_mg",
            "route",
            "session_id",
            "session__release__is_tolerated",
            "event",
            "passed",
        )
    )
    recent = list(theirs.filter(started_at__gt=at - LOOK_BACK))
    recent += list(theirs.filter(started_at__lte=at - LOOK_BACK)[:1])
    return tuple(
        GivenDose(
            started_at=row[0],
            ended_at=row[1],
            given_on=row[2],
            mg=row[3],
            allowed_mg=row[4],
            route=row[5],
            session=str(row[6]),
            is_tolerated=row[7],
            had_event=row[8],
            passed_at=row[9],
        )
        for row in reversed(recent)
    )


def _list_missed(*, episode: Episode, since: datetime, at: datetime) -> tuple[datetime, ...]:
    """Return when each booked session without an injection was over, the first of them first."""
    ended = SessionOutcome.objects.filter(session=OuterRef("pk"), amended_by__isnull=True)
    sessions = (
        PlannedSession.objects.filter(
            episode_id=episode.id,
            import_run__isnull=True,
            service_date__gte=london_date(since),
            service_date__lte=london_date(at),
            injections__isnull=True,
        )
        .annotate(given=Exists(ended.filter(outcome__in=DOSED)), said_at=Min("outcomes__recorded_at"))
        .filter(given=False)
        .values_list("service_date", "slot", "said_at")
    )
    closes = dict(SessionSlot.objects.filter(clinic_id=episode.clinic_id).values_list("name", "closes_at"))
    found = []
    for day, slot, said_at in sessions:
        closed = (
            datetime.combine(day, closes[slot], tzinfo=LONDON)
            if slot in closes
            else datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=LONDON)
        )
        moment = min(closed, said_at) if said_at else closed
        if moment <= at:
            found.append(moment)
    return tuple(sorted(found))


def steps_of(order: Order) -> tuple[Step, ...]:
    """Return the steps of a titration order, empty for any other."""
    return tuple(
        Step(day=step.day, max_mg=step.max_mg, first_mg=step.first_mg, repeat_mg=step.repeat_mg)
        for step in order.steps.order_by("day")
    )


def get_limit_facts(
    *, episode: Episode, order: Order, protocol: Protocol, session: str, at: datetime
) -> LimitFacts:
    """Return what the caps of the next dose on an order are computed from; `session` is its id, empty if new.

    The order's own plan after missed sessions binds where it is stricter than the ladder.
    """
    if order.gap_cap_percent is not None:
        protocol = replace(
            protocol,
            gap_cap_percent=min(protocol.gap_cap_percent, order.gap_cap_percent),
            gap_decide_percent=min(protocol.gap_decide_percent, order.gap_cap_percent),
        )
    history = get_dose_history(episode=episode, at=at)
    on_this = set(Injection.objects.filter(order=order).values_list("started_at", flat=True))
    return LimitFacts(
        history=history,
        protocol=protocol,
        routes=frozenset(order.routes),
        sessions_per_day=order.sessions_per_day,
        at=at,
        today=london_date(at),
        session=session,
        plan=steps_of(order),
        order_doses=tuple(dose for dose in history.doses if dose.started_at in on_this),
        order_signed_at=order.signed_at,
        decision=get_gap_decision(episode=episode, at=at),
    )


def get_signing_limits(
    *,
    episode: Episode,
    protocol: Protocol,
    routes: Iterable[str],
    sessions_per_day: int,
    starts_on_day_of: datetime,
    at: datetime,
) -> LimitFacts:
    """Return what the caps of an order that is about to be signed are computed from, as far as known now."""
    return LimitFacts(
        history=get_dose_history(episode=episode, at=at),
        protocol=protocol,
        routes=frozenset(routes),
        sessions_per_day=sessions_per_day,
        at=at,
        today=london_date(starts_on_day_of),
    )


def get_gap_decision(*, episode: Episode, at: datetime) -> Decided | None:
    """Return the newest decision on a gap in a treatment, or None."""
    found = (
        GapDecision.objects.filter(episode=episode, decided_at__lte=at)
        .order_by("-decided_at")
        .values_list("decided_at", "ceiling_mg")
        .first()
    )
    return Decided(*found) if found else None
