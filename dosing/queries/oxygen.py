"""One person's own target for oxygen: what holds now, and the page on which a doctor sets it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from dosing.models import Licence, OxygenBaseline
from dosing.queries.licences import licences_in_force
from dosing.queries.orders import get_episode_here
from dosing.rules.moments import day_in_words, moment_in_words
from dosing.rules.oxygen import OxygenScale, OxygenTarget, PersonalTarget, TargetFacts, target_on
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date
from patients.models import Episode


def get_oxygen_target(*, patient_id: uuid.UUID, at: datetime) -> OxygenTarget:
    """Return what a person's oxygen is held against at a moment: the newest that a doctor set, or the clinic's."""
    newest = OxygenBaseline.objects.filter(patient_id=patient_id).order_by("-set_at").first()
    return target_on(_as_rules_read_it(newest), today=london_date(at))


def _as_rules_read_it(row: OxygenBaseline | None) -> PersonalTarget | None:
    if row is None:
        return None
    return PersonalTarget(percent=row.percent, scale=OxygenScale(row.scale), review_on=row.review_on)


@dataclass(frozen=True, slots=True)
class SetBefore:
    """One target that was set: which, by whom, when, on what, until when; `state` says whether it holds."""

    percent: int
    scale: str
    set_by: str
    set_at: str
    evidence: str
    review_on: str
    state: str


@dataclass(frozen=True, slots=True)
class OxygenPage:
    """All that the page of a person's target for oxygen prints; `newest` names the last that was set, or nothing."""

    episode: Episode
    patient_id: uuid.UUID
    name: str
    born_on: date | None
    target: OxygenTarget
    newest: str
    before: tuple[SetBefore, ...]
    is_licensed: bool


def get_oxygen_page(
    *, clinic: Clinic, patient_id: uuid.UUID, viewer: User, at: datetime
) -> OxygenPage | None:
    """Return the page for one person; None for somebody who is not in treatment here."""
    episode = get_episode_here(clinic_id=clinic.id, patient_id=patient_id, is_open=True)
    if episode is None:
        return None
    rows = list(
        OxygenBaseline.objects.select_related("set_by").filter(patient_id=patient_id).order_by("-set_at")
    )
    today = london_date(at)
    return OxygenPage(
        episode=episode,
        patient_id=patient_id,
        name=episode.person.full_name,
        born_on=episode.person.born_on,
        target=target_on(_as_rules_read_it(rows[0] if rows else None), today=today),
        newest=str(rows[0].id) if rows else "",
        before=tuple(_set_before(row, is_newest=place == 0, today=today) for place, row in enumerate(rows)),
        is_licensed=get_licence_here(clinic=clinic, doctor_id=viewer.id, at=at) is not None,
    )


def _set_before(row: OxygenBaseline, *, is_newest: bool, today: date) -> SetBefore:
    state = "replaced"
    if is_newest:
        state = "holds" if today <= row.review_on else "past its review"
    return SetBefore(
        percent=row.percent,
        scale=OxygenScale(row.scale).label,
        set_by=row.set_by.full_name,
        set_at=moment_in_words(row.set_at),
        evidence=row.evidence,
        review_on=day_in_words(row.review_on),
        state=state,
    )


def get_licence_here(*, clinic: Clinic, doctor_id: uuid.UUID, at: datetime) -> Licence | None:
    """Return a licence that a doctor holds at premises of this clinic, or None."""
    return licences_in_force(doctor_id=doctor_id, at=at).filter(premises__clinic=clinic).first()


def get_target_facts(*, clinic: Clinic, episode: Episode, by: User, at: datetime) -> TargetFacts:
    """Return what `may_set_target` asks; the episode is read anew."""
    fresh = Episode.objects.get(id=episode.id)
    return TargetFacts(
        today=london_date(at),
        is_licensed=get_licence_here(clinic=clinic, doctor_id=by.id, at=at) is not None,
        person_is_in_treatment=fresh.exited_on is None and fresh.clinic_id == clinic.id,
    )


def get_newest_id(*, patient_id: uuid.UUID) -> str:
    """Return the id of the last target that was set for a person, or nothing."""
    rows = OxygenBaseline.objects.filter(patient_id=patient_id).order_by("-set_at")
    found = rows.values_list("id", flat=True).first()
    return str(found) if found else ""


@dataclass(frozen=True, slots=True)
class ShownTarget:
    """A target as the pages of the treatment room show it: the words beside the keys, and the line with its date."""

    target: OxygenTarget
    line: str


def get_shown_target(*, patient_id: uuid.UUID, at: datetime) -> ShownTarget:
    """Return what stands beside the oxygen keys: the limit that bites, and whose it is with its dates."""
    newest = (
        OxygenBaseline.objects.select_related("set_by")
        .filter(patient_id=patient_id)
        .order_by("-set_at")
        .first()
    )
    target = target_on(_as_rules_read_it(newest), today=london_date(at))
    if newest is None or not (target.is_own or target.lapsed):
        return ShownTarget(target, "")
    words = (
        f"{newest.percent} % on scale {newest.scale}, set by {newest.set_by.full_name} on "
        f"{day_in_words(london_date(newest.set_at))}"
    )
    if target.lapsed is not None:
        return ShownTarget(
            target,
            f"Oxygen: {target.percent} % applies. Their own target ({words}) is past its review of "
            f"{day_in_words(newest.review_on)}. Tell the doctor.",
        )
    return ShownTarget(
        target, f"Oxygen: their own target, {words}, to be reviewed by {day_in_words(newest.review_on)}."
    )
