"""What somebody was given and missed, as the limits read it."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from django.db.models import Exists, Min, OuterRef, Subquery

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


@dataclass(frozen=True, slots=True)
class _Given:
    """One injection with the treatment and clinic it was given in."""

    dose: GivenDose
    episode_id: uuid.UUID
    clinic_id: uuid.UUID

    def is_of(self, episode: Episode) -> bool:
        if self.clinic_id == episode.clinic_id:
            return self.episode_id == episode.id
        return self.dose.given_on >= episode.accepted_on


def get_dose_history(*, episode: Episode, at: datetime) -> DoseHistory:
    """Return what was given and missed in a treatment, at this clinic and, since it began, at any other.

    Imported sessions are no part of it. Source: clinical rules 8, 9, 32 and 7.11.
    """
    return list_dose_histories([episode], at=at)[episode.id]


def list_dose_histories(episodes: Sequence[Episode], *, at: datetime) -> dict[uuid.UUID, DoseHistory]:
    """Return the histories of several treatments by their ids, in the same four statements for any number."""
    given = _list_given(episodes, at=at)
    missed = _list_missed(episodes, at=at)
    return {
        episode.id: DoseHistory(
            doses=tuple(one.dose for one in given[episode.person_id] if one.is_of(episode)),
            missed=tuple(sorted(missed[episode.id])),
        )
        for episode in episodes
    }


def _list_given(episodes: Sequence[Episode], *, at: datetime) -> dict[uuid.UUID, list[_Given]]:
    theirs = (
        Injection.objects.filter(
            patient_id__in=[episode.person_id for episode in episodes], started_at__lte=at
        )
        .annotate(
            event=Exists(Reading.objects.filter(injection=OuterRef("pk")).exclude(escalation="")),
            passed=Subquery(
                Reading.objects.filter(
                    injection=OuterRef("pk"),
                    taken_at__gte=OuterRef("ended_at") + PASSED_AFTER,
                    sedation__in=[Sedation.ALERT, Sedation.SLIGHTLY_DROWSY],
                    breaths__gte=BREATHS_HOLD_BELOW,
                    oxygen__gte=OXYGEN_HOLD_BELOW,
                )
                .order_by("taken_at")
                .values("taken_at")[:1]
            ),
        )
        .select_related("session__release")
    )
    recent = theirs.filter(started_at__gt=at - LOOK_BACK)
    before = theirs.filter(started_at__lte=at - LOOK_BACK)
    # One dose more than lie in the time looked back on, so that the gap before them is known.
    last_before = before.order_by("patient_id", "-started_at").distinct("patient_id")
    found: dict[uuid.UUID, list[_Given]] = defaultdict(list)
    for injection in [*last_before, *recent.order_by("started_at")]:
        release = getattr(injection.session, "release", None)
        found[injection.patient_id].append(
            _Given(
                dose=GivenDose(
                    started_at=injection.started_at,
                    ended_at=injection.ended_at,
                    given_on=injection.given_on,
                    mg=injection.given_mg,
                    allowed_mg=injection.allowed_mg,
                    route=injection.route,
                    session=str(injection.session_id),
                    is_tolerated=release.is_tolerated if release is not None else None,
                    had_event=injection.event,  # type: ignore[attr-defined]  # annotated above
                    passed_at=injection.passed,  # type: ignore[attr-defined]  # annotated above
                ),
                episode_id=injection.session.episode_id,
                clinic_id=injection.session.clinic_id,
            )
        )
    return found


def _list_missed(episodes: Sequence[Episode], *, at: datetime) -> dict[uuid.UUID, list[datetime]]:
    """Return when each booked session without an injection was over, by treatment."""
    ended = SessionOutcome.objects.filter(session=OuterRef("pk"), amended_by__isnull=True, outcome__in=DOSED)
    sessions = (
        PlannedSession.objects.filter(
            episode_id__in=[episode.id for episode in episodes],
            import_run__isnull=True,
            service_date__gte=london_date(at - LOOK_BACK),
            service_date__lte=london_date(at),
            injections__isnull=True,
        )
        .annotate(given=Exists(ended), said_at=Min("outcomes__recorded_at"))
        .filter(given=False)
        .values_list("episode_id", "clinic_id", "service_date", "slot", "said_at")
    )
    clinics = {episode.clinic_id for episode in episodes}
    slots = SessionSlot.objects.filter(clinic_id__in=clinics)
    closes = {(clinic, name): at for clinic, name, at in slots.values_list("clinic_id", "name", "closes_at")}
    found: dict[uuid.UUID, list[datetime]] = defaultdict(list)
    for episode_id, clinic_id, day, slot, said_at in sessions:
        closed = datetime.combine(day, closes.get((clinic_id, slot), time.max), tzinfo=LONDON)
        moment = min(closed, said_at) if said_at else closed
        if moment <= at:
            found[episode_id].append(moment)
    return found


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
    on_this = dict(Injection.objects.filter(order=order).values_list("started_at", "given_on"))
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
        order_began_on=min(on_this.values(), default=None),
        order_signed_at=order.signed_at,
        decision=get_gap_decision(episode=episode, at=at),
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
