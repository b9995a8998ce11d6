"""The pages of a hold: placing one by hand, and deciding on one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from dosing.models import Hold, Order, PreInjectionCheck
from dosing.queries.checks import check_in_words
from dosing.queries.emergencies import is_over
from dosing.queries.licences import licences_in_force
from dosing.queries.orders import get_episode_here
from dosing.queries.visits import as_answers, get_latest_check, hold_in_words, opener_of
from dosing.rules.holds import HoldSeverity, LiftingFacts, may_lift_hold
from dosing.rules.moments import day_in_words, moment_in_words
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.decisions import Decision
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class HoldPage:
    """All that a doctor sees of one hold: what opened it, the last check since, and what stands against lifting."""

    hold_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    born_on: date | None
    words: str
    opened_by: str
    lifted_by: str
    happened: str
    review: str
    is_lifted: bool
    emergency_id: uuid.UUID | None
    needs_check: bool
    opening: tuple[tuple[str, str], ...]
    latest: tuple[tuple[str, str], ...]
    latest_words: str
    latest_check_id: str
    decision: Decision


def get_hold_page(*, clinic: Clinic, hold_id: uuid.UUID, viewer: User, at: datetime) -> HoldPage | None:
    """Return the page of one hold of this clinic, or None."""
    hold = (
        Hold.objects.select_related("patient", "opened_by", "check_made", "emergency")
        .filter(id=hold_id, clinic=clinic)
        .first()
    )
    if hold is None:
        return None
    facts, latest = get_lifting_facts(hold=hold, by=viewer, at=at)
    since = latest if facts.is_made_after_hold else None
    return HoldPage(
        hold_id=hold.id,
        patient_id=hold.patient_id,
        name=hold.patient.full_name,
        born_on=hold.patient.born_on,
        words=hold_in_words(hold),
        opened_by=opener_of(hold),
        lifted_by=HoldSeverity(hold.severity).lifted_by,
        happened=moment_in_words(hold.happened_at) if hold.happened_at else "",
        review=day_in_words(hold.review_on) if hold.review_on else "",
        is_lifted=facts.is_lifted,
        emergency_id=hold.emergency_id,
        needs_check=hold.severity != HoldSeverity.REVIEW,
        opening=check_in_words(hold.check_made) if hold.check_made else (),
        latest=check_in_words(since) if since else (),
        latest_words=moment_in_words(since.made_at) if since else "",
        latest_check_id=str(latest.id) if latest else "",
        # The reason is what the page asks for.
        decision=may_lift_hold(facts, reason="asked for here"),
    )


def get_lifting_facts(*, hold: Hold, by: User, at: datetime) -> tuple[LiftingFacts, PreInjectionCheck | None]:
    """Return what `may_lift_hold` asks, and the last check that was made of the person."""
    latest = get_latest_check(patient_id=hold.patient_id)
    licences = licences_in_force(doctor_id=by.id, at=at)
    facts = LiftingFacts(
        severity=HoldSeverity(hold.severity),
        latest_check=as_answers(latest) if latest is not None else None,
        # A check that was put right is no new check: whatever its lines say, the first of them decides.
        is_made_after_hold=latest is not None
        and latest.made_at > hold.opened_at
        and latest.amends_id is None,
        is_ordered_since=Order.objects.filter(
            patient_id=hold.patient_id, signed_at__gt=hold.opened_at
        ).exists(),
        is_licensed=licences.filter(premises__clinic=hold.clinic_id).exists(),
        is_own=hold.opened_by_id == by.id,
        is_by_hand=hold.check_made_id is None,
        is_lifted=hold.lifted_at is not None,
        emergency_stands=hold.emergency is not None and not is_over(hold.emergency),
    )
    return facts, latest


@dataclass(frozen=True, slots=True)
class PlacingPage:
    """What is shown before doses are held by hand: who it is, and the holds that stand already."""

    episode: Episode
    patient_id: uuid.UUID
    name: str
    born_on: date | None
    standing: tuple[str, ...]


def get_placing_page(*, clinic: Clinic, patient_id: uuid.UUID) -> PlacingPage | None:
    """Return the page on which a person's doses are held; None for somebody who is not in treatment here."""
    episode = get_episode_here(clinic_id=clinic.id, patient_id=patient_id, is_open=True)
    if episode is None:
        return None
    return PlacingPage(
        episode=episode,
        patient_id=patient_id,
        name=episode.person.full_name,
        born_on=episode.person.born_on,
        standing=tuple(
            words for _hold_id, words in list_standing_holds(clinic=clinic, patient_id=patient_id)
        ),
    )


def list_standing_holds(*, clinic: Clinic, patient_id: uuid.UUID) -> list[tuple[uuid.UUID, str]]:
    """Return every hold of this clinic that stands against one person, with its words, the oldest first."""
    standing = Hold.objects.filter(clinic=clinic, patient_id=patient_id, lifted_at__isnull=True)
    return [(hold.id, hold_in_words(hold)) for hold in standing.order_by("opened_at")]
