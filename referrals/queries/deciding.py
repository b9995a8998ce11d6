"""What the clinic sees of the referrals made to it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision
from patients.models import Episode, Person
from patients.queries.closings import may_be_accepted
from referrals.models import Referral, ReferralMessage
from referrals.queries.asking import accepted_beside, reference_of
from referrals.queries.eligibility import EligibilityPage, get_eligibility
from referrals.queries.matching import list_known_people
from referrals.queries.places import Places, get_acceptance_facts, get_places
from referrals.queries.releases import get_release_plan, with_release
from referrals.queries.talking import Message, list_messages, tells_no_more
from referrals.queries.together import Together, bring_together, list_about_same, sender_of
from referrals.rules.asking import SERVICES, Answer, age_on, which_are_same
from referrals.rules.deciding import DeclineReason, Outcome, WithdrawReason, may_accept
from referrals.rules.line import RULE, Waiting, in_line
from referrals.rules.releases import may_tell_release

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    from referrals.queries.releases import Release

    class _Listed(Release):
        concerns: int
        services: int
        asked: int
        is_repeated: bool
        last_is_of_clinic: bool | None  # None where nothing was written

    _Waiting = WithAnnotations[Referral, _Listed]

DECIDED_SHOWN = 50
_OUTCOMES = {
    Outcome.ACCEPTED: "Accepted",
    Outcome.DECLINED: "Not this time",
    Outcome.WITHDRAWN: "Taken back by the agency",
}


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """One person in the clinic's list. `days` are whole days since the first referral came; `outcome` is empty while
    they wait. `concerns` counts the reasons answered with yes, of those `asked`; `services` those said to be
    concerned. `number` and `why` say where in the line they stand, and why there.
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
    services: int = 0
    number: int = 0
    why: str = ""
    is_asked: bool = False
    has_answer: bool = False


@dataclass(frozen=True, slots=True)
class ReferralsPage:
    """Who waits, in the order of the line, each person once; how many places there are; and who was decided last."""

    clinic_code: str
    places: Places
    waiting: tuple[ReferralRow, ...]
    decided: tuple[ReferralRow, ...]
    rule: str

    @property
    def subject_ids(self) -> list[uuid.UUID]:
        """Whom the page shows, each once."""
        return list(dict.fromkeys(row.subject_id for row in (*self.waiting, *self.decided)))


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
    area: str
    sender: str
    sender_name: str
    contact: str
    consent_wording: str
    referred_on: date
    days: int
    together: Together
    eligibility: EligibilityPage
    messages: tuple[Message, ...]
    is_of_agency: bool
    tells_no_more: bool
    is_of_prison: bool
    release_on: date | None
    appointment_at: time | None
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
    def subject_ids(self) -> list[uuid.UUID]:
        """Whom the page shows: the person, and those who may be the same."""
        return list(dict.fromkeys((self.subject_id, *(person.id for person in self.known))))


def list_referrals(*, clinic: Clinic, at: datetime) -> ReferralsPage:
    """Return the clinic's referrals: everybody who waits, in the order of the line, and the last that were decided."""
    today = london_date(at)
    is_yes, is_service = Q(flags__answer=Answer.YES), Q(flags__flag__in=SERVICES)
    last = ReferralMessage.objects.filter(referral=OuterRef("pk")).order_by("-written_at", "-id")
    referrals = (
        with_release(Referral.objects.filter(clinic_id=clinic.pk))
        .select_related("agency", "person", "decision")
        .annotate(
            concerns=Count("flags", filter=is_yes & ~is_service),
            services=Count("flags", filter=is_yes & is_service),
            asked=Count("flags", filter=~is_service),
            is_repeated=Exists(Referral.objects.filter(same_as=OuterRef("pk"))),
            last_is_of_clinic=Subquery(last.values("is_of_clinic")[:1]),
        )
    )
    waiting = _undecided(referrals).order_by("referred_on", F("sent_at").asc(nulls_first=True), "id")
    decided = referrals.filter(decision__isnull=False).order_by("-decision__decided_at", "id")
    return ReferralsPage(
        clinic_code=clinic.code,
        places=get_places(clinic=clinic, on=today),
        waiting=_in_line(list(waiting), today=today),
        decided=tuple(_row(referral, today=today) for referral in decided[:DECIDED_SHOWN]),
        rule=RULE,
    )


def _in_line(referrals: list[_Waiting], *, today: date) -> tuple[ReferralRow, ...]:
    """Return everybody who waits once, by their first open referral, with where they stand and why."""
    linked: dict[uuid.UUID, list[_Waiting]] = {}
    for referral in referrals:
        linked.setdefault(referral.person_id or referral.same_as_id or referral.id, []).append(referral)
    firsts = {group[0].id: group for chain in linked.values() for group in _by_person(chain)}
    places = in_line(
        (
            Waiting(
                id=group[0].id,
                first_on=group[0].referred_on,
                sent_at=group[0].sent_at,
                referrals=len(group),
                release_on=_release_of(group, today),
            )
            for group in firsts.values()
        ),
        today=today,
    )
    return tuple(
        replace(_row(firsts[place.id][0], today=today), number=place.number, why=place.why)
        for place in places
    )


def _by_person(chain: list[_Waiting]) -> list[list[_Waiting]]:
    """Return linked referrals by the person they are about: whoever is linked only through a third stands alone."""
    groups = []
    while chain:
        first, *others = chain
        same = which_are_same(first.identity, [other.identity for other in others])
        is_joined = [
            is_same or (first.person_id is not None and first.person_id == other.person_id)
            for other, is_same in zip(others, same, strict=True)
        ]
        groups.append([first, *(other for other, is_in in zip(others, is_joined, strict=True) if is_in)])
        chain = [other for other, is_in in zip(others, is_joined, strict=True) if not is_in]
    return groups


def _release_of(group: list[_Waiting], today: date) -> date | None:
    """Return the next release that moves a person forward: told by prison or probation, or with an appointment set."""
    days = [one.release_on for one in group if may_tell_release(one.source) or one.appointment_at is not None]
    return min((day for day in days if day is not None and day >= today), default=None)


def get_referral(*, clinic: Clinic, referral_id: uuid.UUID, at: datetime) -> ReferralPage | None:
    """Return one referral with all that was written, or None for another clinic's and a missing one."""
    referral = (
        Referral.objects.filter(clinic_id=clinic.pk, id=referral_id)
        .select_related("agency", "person", "sent_by", "same_as", "decision__decided_by")
        .first()
    )
    if referral is None:
        return None
    today = london_date(at)
    people = list_known_people(referral)
    eligibility = get_eligibility(referral, today=today)
    plan = get_release_plan(referral)
    facts = get_acceptance_facts(
        referral=referral,
        clinic=clinic,
        person_id=referral.person_id,
        has_known_match=bool(people),
        is_chosen=False,
        on=today,
        standings=eligibility.standings,
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
        area=referral.area,
        sender=sender_of(referral),
        sender_name=referral.sent_by.full_name if referral.sent_by else "",
        contact=referral.contact,
        consent_wording=referral.consent_wording,
        referred_on=referral.referred_on,
        days=(today - referral.referred_on).days,
        together=bring_together(
            list(list_about_same(referral).prefetch_related("flags", "treatments")) or [referral]
        ),
        eligibility=eligibility,
        messages=list_messages(referral, for_agency=False),
        is_of_agency=referral.agency_id is not None and referral.import_run_id is None,
        tells_no_more=tells_no_more(referral, at=at),
        is_of_prison=referral.source == Referral.Source.PRISON,
        release_on=plan.release_on if plan else None,
        appointment_at=plan.appointment_at if plan else None,
        others=_others_like(referral),
        known=_known(people, clinic),
        assessment_due_on=referral.assessment_due_on,
        outcome=_outcome_of(referral),
        outcome_reason=_reason_in_words(decision.outcome, decision.reason) if decision else "",
        decided_at=decision.decided_at if decision else None,
        decided_by=decision.decided_by.full_name if decision else "",
        places=Places(facts.places, facts.taken),
        decision=may_accept(facts, assessed_on=None) | may_be_accepted(clinic_id=clinic.pk),
        is_open=decision is None and referral.closed_on is None and referral.episode_id is None,
    )


def _undecided(referrals: QuerySet[_Waiting]) -> QuerySet[_Waiting]:
    """Narrow to those that wait: not accepted, not closed, and not found unsuitable by an imported history.

    Somebody who was accepted on another referral waits no more.
    """
    waiting = referrals.filter(episode__isnull=True, closed_on__isnull=True).exclude(is_eligible=False)
    return waiting.exclude(Exists(accepted_beside()))


def _row(referral: _Waiting, *, today: date) -> ReferralRow:
    decision = getattr(referral, "decision", None)
    identity = referral.identity
    return ReferralRow(
        id=referral.id,
        subject_id=referral.subject_id,
        name=referral.full_name,
        birth_year=identity.born_on.year if identity.born_on else None,
        sender=sender_of(referral),
        referred_on=referral.referred_on,
        days=(today - referral.referred_on).days,
        concerns=referral.concerns,
        asked=referral.asked,
        services=referral.services,
        is_asked=referral.last_is_of_clinic is True,
        has_answer=referral.last_is_of_clinic is False,
        is_repeat=referral.same_as_id is not None or referral.is_repeated,
        is_new=referral.first_seen_at is None,
        assessment_due_on=referral.assessment_due_on,
        outcome=_outcome_of(referral),
        decided_at=decision.decided_at if decision else None,
    )


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


def _others_like(referral: Referral) -> tuple[OtherReferral, ...]:
    found = list_about_same(referral).exclude(id=referral.id).select_related("agency", "decision")
    return tuple(
        OtherReferral(other.id, sender_of(other), other.referred_on, _outcome_of(other) or "Waiting")
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
