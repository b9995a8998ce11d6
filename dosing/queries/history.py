"""What somebody was given and missed, as the limits read it."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery

from dosing.models import Emergency, GapDecision, Hold, Injection, Order, Reading
from dosing.models.sessions import is_beyond_doubt
from dosing.queries.missed import list_missed
from dosing.queries.roused import roused_in
from dosing.queries.standing import least_mg, standing_mg, standing_route
from dosing.rules.checks import BREATHS_HOLD_BELOW, Sedation
from dosing.rules.history import DoseHistory, GivenDose
from dosing.rules.holds import HoldReason
from dosing.rules.limits import GapDecision as Decided
from dosing.rules.limits import LimitFacts, Step
from dosing.rules.observation import Escalation
from dosing.rules.protocol import Protocol
from hat_clinic.core.clock import london_date
from patients.models import Episode

# After this long without a dose everybody begins anew, so that nothing before it is asked for; one dose more than
# lie in it is read, so that the gap is known.
LOOK_BACK = timedelta(days=21)
PASSED_AFTER = timedelta(minutes=20)
# An overdose away from the clinic within this time takes the proof out of a dose. Source: clinical rules 7.11.
VOIDED_WITHIN = timedelta(hours=24)


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


def get_dose_history(
    *, episode: Episode, at: datetime, besides: str = "", look_back: timedelta = LOOK_BACK
) -> DoseHistory:
    """Return what was given and missed in a treatment, at this clinic and, since it began, at any other.

    Imported sessions are no part of it, nor, as missed, the session `besides` that a dose is begun in now.
    Source: clinical rules 8, 9, 32 and 7.11.
    """
    return list_dose_histories([episode], at=at, besides=besides, look_back=look_back)[episode.id]


def list_dose_histories(
    episodes: Sequence[Episode], *, at: datetime, besides: str = "", look_back: timedelta = LOOK_BACK
) -> dict[uuid.UUID, DoseHistory]:
    """Return the histories of several treatments by their ids, in the same two statements for any number."""
    given = _list_given(episodes, at=at, look_back=look_back)
    missed = list_missed(episodes, since=at - look_back, at=at, besides=besides)
    return {
        episode.id: DoseHistory(
            doses=tuple(one.dose for one in given[episode.person_id] if one.is_of(episode)),
            missed=missed[episode.id],
        )
        for episode in episodes
    }


def _list_given(
    episodes: Sequence[Episode], *, at: datetime, look_back: timedelta
) -> dict[uuid.UUID, list[_Given]]:
    people = [episode.person_id for episode in episodes]
    theirs = (
        Injection.objects.filter(patient_id__in=people, started_at__lte=at)
        .annotate(
            standing_mg=standing_mg(),
            least_mg=least_mg(),
            standing_route=standing_route(),
            voided=Exists(
                Hold.objects.filter(
                    patient_id=OuterRef("patient_id"),
                    codes__contains=[HoldReason.OVERDOSE_AWAY.value],
                    happened_at__gte=OuterRef("started_at"),
                    happened_at__lte=OuterRef("started_at") + VOIDED_WITHIN,
                )
            ),
            collapsed=Exists(
                # The one it was laid to, and one of its session that was recorded only after it had begun.
                Emergency.objects.filter(
                    Q(injection=OuterRef("pk"))
                    | Q(session=OuterRef("session"), began_at__gte=OuterRef("started_at"))
                )
            ),
            roused=roused_in(OuterRef("session_id")),
            is_certain=ExpressionWrapper(is_beyond_doubt(), output_field=BooleanField()),
            event=Subquery(
                Reading.objects.filter(injection=OuterRef("pk"), amended_by__isnull=True)
                .exclude(escalation="")
                .order_by("-escalation")
                .values("escalation")[:1]
            ),
            passed=Subquery(
                Reading.objects.filter(
                    injection=OuterRef("pk"),
                    amended_by__isnull=True,
                    taken_at__gte=OuterRef("ended_at") + PASSED_AFTER,
                    sedation__in=[Sedation.ALERT, Sedation.SLIGHTLY_DROWSY],
                    breaths__gte=BREATHS_HOLD_BELOW,
                    oxygen__gte=F("oxygen_target"),
                )
                .order_by("taken_at")
                .values("taken_at")[:1]
            ),
        )
        .select_related("session__release")
    )
    # One dose more than lie in the time looked back on, so that the gap before them is known.
    before = (
        Injection.objects.filter(patient_id__in=people, started_at__lte=at - look_back)
        .order_by("patient_id", "-started_at")
        .distinct("patient_id")
    )
    counted = theirs.filter(Q(started_at__gt=at - look_back) | Q(pk__in=before.values("pk")))
    found: dict[uuid.UUID, list[_Given]] = defaultdict(list)
    for injection in counted.order_by("started_at"):
        found[injection.patient_id].append(
            _Given(
                dose=GivenDose(
                    started_at=injection.started_at,
                    ended_at=injection.ended_at,
                    given_on=injection.given_on,
                    mg=injection.standing_mg,
                    allowed_mg=injection.allowed_mg,
                    route=injection.standing_route,
                    session=str(injection.session_id),
                    is_tolerated=_is_tolerated(
                        injection,
                        is_voided=injection.voided
                        or injection.collapsed
                        or injection.roused
                        or injection.standing_route != injection.route
                        or not injection.is_certain,
                    ),
                    had_event=injection.collapsed or bool(injection.event),
                    escalation=Escalation.B if injection.collapsed else injection.event or "",
                    passed_at=injection.passed,
                    least_mg=injection.least_mg,
                    is_doubtful=not injection.is_certain,
                ),
                episode_id=injection.session.episode_id,
                clinic_id=injection.session.clinic_id,
            )
        )
    return found


def _is_tolerated(injection: Injection, *, is_voided: bool) -> bool | None:
    """Tell whether a dose counts as tolerated: after an overdose, here or away, it does not any more.

    Nor after a reading of its session that was put right since they left and asked for rousing or more, nor ever while
    it is contested, nor by the route that it was only later said to have gone in by.
    """
    release = getattr(injection.session, "release", None)
    if is_voided:
        return False
    return release.is_tolerated if release is not None else None


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
    protocol = with_own_plan(protocol, order.gap_cap_percent)
    history = get_dose_history(episode=episode, at=at, besides=session)
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


def with_own_plan(protocol: Protocol, percent: int | None) -> Protocol:
    """Return the limits with an order's own plan after missed sessions, where that is stricter than the ladder."""
    if percent is None:
        return protocol
    return replace(
        protocol,
        gap_cap_percent=min(protocol.gap_cap_percent, percent),
        gap_decide_percent=min(protocol.gap_decide_percent, percent),
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
