"""What the clinic sees of the referrals made to it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision
from patients.models import Episode, Person
from referrals.models import Referral
from referrals.queries.asking import reference_of
from referrals.queries.matching import list_known_people
from referrals.queries.places import Places, get_acceptance_facts, get_places
from referrals.rules.asking import Answer, Ending, Flag, Treatment, age_on
from referrals.rules.deciding import DeclineReason, Outcome, WithdrawReason, may_accept

DECIDED_SHOWN = 50
_OUTCOMES = {
    Outcome.ACCEPTED: "Accepted",
    Outcome.DECLINED: "Not this time",
    Outcome.WITHDRAWN: "Taken back by the agency",
}


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """One referral in the clinic's list. `days` are whole days since it came; `outcome` is empty while it
    waits. `concerns` counts the questions answered with yes, of those `asked`.
    """

    id: uuid.UUID
    subject_id: uuid.UUID
    name: str
    birth_year: int | None
    sender: str
    referred_on: date
    days: int
    concerns: int
    asked: int
    is_repeat: bool
    is_new: bool
    assessment_due_on: date | None
    outcome: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReferralsPage:
    """Who waits, the longest first; how many places there are; and who was decided last."""

    clinic_code: str
    places: Places
    waiting: tuple[ReferralRow, ...]
    decided: tuple[ReferralRow, ...]

    @property
    def subject_ids(self) -> list[uuid.UUID]:
        """Whom the page shows, each once."""
        return list(dict.fromkeys(row.subject_id for row in (*self.waiting, *self.decided)))


@dataclass(frozen=True, slots=True)
class TriedLine:
    """One treatment as the agency told of it, in words."""

    label: str
    answer: str
    details: str


@dataclass(frozen=True, slots=True)
class OtherReferral:
    """Another referral that is likely about the same person."""

    id: uuid.UUID
    sender: str
    referred_on: date
    outcome: str


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody this clinic knows who may be the same person."""

    id: uuid.UUID
    name: str
    born_on: date | None
    state: str


@dataclass(frozen=True, slots=True)
class ReferralPage:
    """Everything about one referral that the clinic reads. `decision` says what stands against accepting.

    `referral` is the row itself, for the act that follows; the template prints the rest.
    """

    referral: Referral
    id: uuid.UUID
    subject_id: uuid.UUID
    person_id: uuid.UUID | None
    reference: str
    name: str
    born_on: date | None
    age: int | None
    sex: str
    nhs_number: str
    home: str
    reach: str
    concern: str
    sender: str
    sender_name: str
    contact: str
    consent_wording: str
    referred_on: date
    days: int
    flags: tuple[tuple[str, str], ...]
    treatments: tuple[TriedLine, ...]
    others: tuple[OtherReferral, ...]
    known: tuple[KnownPerson, ...]
    assessment_due_on: date | None
    outcome: str
    outcome_reason: str
    decided_at: datetime | None
    decided_by: str
    places: Places
    decision: Decision
    is_open: bool

    @property
    def concerns(self) -> tuple[str, ...]:
        """The questions that were answered with yes."""
        return tuple(label for label, answer in self.flags if answer == Answer.YES.label)

    @property
    def subject_ids(self) -> list[uuid.UUID]:
        """Whom the page shows: the person, and those who may be the same."""
        return list(dict.fromkeys((self.subject_id, *(person.id for person in self.known))))


def list_referrals(*, clinic: Clinic, at: datetime) -> ReferralsPage:
    """Return the clinic's referrals: all that wait, and the last that were decided."""
    today = london_date(at)
    referrals = (
        Referral.objects.filter(clinic_id=clinic.pk)
        .select_related("agency", "person", "decision")
        .annotate(
            concerns=Count("flags", filter=Q(flags__answer=Answer.YES)),
            asked=Count("flags"),
            is_repeated=Exists(Referral.objects.filter(same_as=OuterRef("pk"))),
        )
    )
    waiting = _undecided(referrals).order_by("referred_on", F("sent_at").asc(nulls_first=True), "id")
    decided = referrals.filter(decision__isnull=False).order_by("-decision__decided_at", "id")
    return ReferralsPage(
        clinic_code=clinic.code,
        places=get_places(clinic=clinic, on=today),
        waiting=tuple(_row(referral, today=today) for referral in waiting),
        decided=tuple(_row(referral, today=today) for referral in decided[:DECIDED_SHOWN]),
    )


def get_referral(*, clinic: Clinic, referral_id: uuid.UUID, at: datetime) -> ReferralPage | None:
    """Return one referral with all that was written, or None for another clinic's and a missing one."""
    referral = (
        Referral.objects.filter(clinic_id=clinic.pk, id=referral_id)
        .select_related("agency", "person", "sent_by", "same_as", "decision__decided_by")
        .prefetch_related("flags", "treatments")
        .first()
    )
    if referral is None:
        return None
    today = london_date(at)
    people = list_known_people(referral)
    facts = get_acceptance_facts(
        referral=referral,
        clinic=clinic,
        person_id=referral.person_id,
        has_known_match=bool(people),
        is_chosen=False,
        on=today,
    )
    identity = referral.identity
    decision = getattr(referral, "decision", None)
    sex = referral.sex or (referral.person.sex if referral.person else "")
    return ReferralPage(
        referral=referral,
        id=referral.id,
        subject_id=referral.subject_id,
        person_id=referral.person_id,
        reference=reference_of(referral.id),
        name=referral.full_name,
        born_on=identity.born_on,
        age=age_on(identity.born_on, today=today) if identity.born_on else None,
        sex=str(Person.Sex(sex).label) if sex else "not known",
        nhs_number=_spaced(identity.nhs_number),
        home=_home_of(referral),
        reach=referral.reach,
        concern=referral.concern,
        sender=_sender_of(referral),
        sender_name=referral.sent_by.full_name if referral.sent_by else "",
        contact=referral.contact,
        consent_wording=referral.consent_wording,
        referred_on=referral.referred_on,
        days=(today - referral.referred_on).days,
        flags=_flags_of(referral),
        treatments=_treatments_of(referral),
        others=_others_like(referral),
        known=_known(people, clinic),
        assessment_due_on=referral.assessment_due_on,
        outcome=_outcome_of(referral),
        outcome_reason=_reason_in_words(decision.outcome, decision.reason) if decision else "",
        decided_at=decision.decided_at if decision else None,
        decided_by=decision.decided_by.full_name if decision else "",
        places=Places(facts.places, facts.taken),
        decision=may_accept(facts, assessed_on=None),
        is_open=decision is None and referral.closed_on is None and referral.episode_id is None,
    )


def _undecided(referrals: QuerySet[Referral]) -> QuerySet[Referral]:
    """Narrow to those that wait: not accepted, not closed, and not found unsuitable by an imported history."""
    return referrals.filter(episode__isnull=True, closed_on__isnull=True).exclude(is_eligible=False)


def _row(referral: Referral, *, today: date) -> ReferralRow:
    decision = getattr(referral, "decision", None)
    identity = referral.identity
    return ReferralRow(
        id=referral.id,
        subject_id=referral.subject_id,
        name=referral.full_name,
        birth_year=identity.born_on.year if identity.born_on else None,
        sender=_sender_of(referral),
        referred_on=referral.referred_on,
        days=(today - referral.referred_on).days,
        concerns=referral.concerns,  # type: ignore[attr-defined]  # counted by list_referrals
        asked=referral.asked,  # type: ignore[attr-defined]  # counted too
        is_repeat=referral.same_as_id is not None or referral.is_repeated,  # type: ignore[attr-defined]  # counted too
        is_new=referral.first_seen_at is None,
        assessment_due_on=referral.assessment_due_on,
        outcome=_outcome_of(referral),
        decided_at=decision.decided_at if decision else None,
    )


def _sender_of(referral: Referral) -> str:
    return referral.agency.name if referral.agency else str(Referral.Source(referral.source).label)


def _outcome_of(referral: Referral) -> str:
    decision = getattr(referral, "decision", None)
    if decision is not None:
        return _OUTCOMES[Outcome(decision.outcome)]
    if referral.episode_id is not None:
        return _OUTCOMES[Outcome.ACCEPTED]
    return "Closed" if referral.closed_on is not None else ""


def _reason_in_words(outcome: str, reason: str) -> str:
    if outcome == Outcome.DECLINED:
        return DeclineReason(reason).label
    return WithdrawReason(reason).label if outcome == Outcome.WITHDRAWN else ""


def _home_of(referral: Referral) -> str:
    if referral.has_home == Answer.NO:
        return "No fixed abode"
    return referral.address or (referral.person.address if referral.person else "") or "Not known"


def _flags_of(referral: Referral) -> tuple[tuple[str, str], ...]:
    answers = {row.flag: Answer(row.answer).label for row in referral.flags.all()}
    return tuple((flag.label[0].upper() + flag.label[1:], answers[flag]) for flag in Flag if flag in answers)


def _treatments_of(referral: Referral) -> tuple[TriedLine, ...]:
    rows = {row.treatment: row for row in referral.treatments.all()}
    words = {Answer.YES: "Tried, did not last", Answer.NO: "Not tried", Answer.UNKNOWN: "Not known"}
    lines = []
    for treatment in Treatment:
        row = rows.get(treatment)
        if row is None:
            continue
        details = [f"last in {row.last_year}"] if row.last_year else []
        details += [Ending(row.ending).label.lower()] if row.ending not in ("", Ending.UNKNOWN) else []
        lines.append(TriedLine(treatment.label, words[Answer(row.answer)], ", ".join(details)))
    return tuple(lines)


def _others_like(referral: Referral) -> tuple[OtherReferral, ...]:
    first_id = referral.same_as_id or referral.id
    same = Q(id=first_id) | Q(same_as_id=first_id)
    if referral.person_id is not None:
        same |= Q(person_id=referral.person_id)
    found = (
        Referral.objects.filter(same, clinic_id=referral.clinic_id)
        .exclude(id=referral.id)
        .select_related("agency", "decision")
        .order_by("referred_on", "id")
    )
    return tuple(
        OtherReferral(other.id, _sender_of(other), other.referred_on, _outcome_of(other) or "Waiting")
        for other in found
    )


def _known(people: list[Person], clinic: Clinic) -> tuple[KnownPerson, ...]:
    treated = Episode.objects.filter(person__in=people, clinic=clinic, exited_on__isnull=True)
    here = set(treated.values_list("person_id", flat=True))
    return tuple(
        KnownPerson(
            id=person.id,
            name=person.full_name,
            born_on=person.born_on,
            state="in treatment here" if person.id in here else "known here, not in treatment here",
        )
        for person in people
    )


def _spaced(number: str | None) -> str:
    return f"{number[:3]} {number[3:6]} {number[6:]}" if number else "Not known"
