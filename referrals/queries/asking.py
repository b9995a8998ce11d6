"""What an agency sees of its own referrals: a word, initials, a birth year, and nothing clinical."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from hat_clinic.accounts.models import Agency, Clinic, Membership, User
from patients.queries.consents import standing_consents
from patients.rules.consents import Purpose
from referrals.models import Referral, ReferralMessage
from referrals.queries.releases import get_release_told_by
from referrals.queries.talking import Draft, Message, list_messages, list_own_drafts, who_tell_no_more
from referrals.rules.deciding import Outcome, Progress, Standing, StandingFacts, Step, standing_of

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class _OwnAdds(TypedDict):
        is_asked: bool | None  # None where nothing was written
        is_sent_by_agency: bool
        is_accepted_beside: bool

    _Own = WithAnnotations[Referral, _OwnAdds]

_STEPS = {
    Step.RECEIVED: "Received",
    Step.LOOKED_AT: "Looked at by a clinician",
    Step.ASSESSMENT: "Assessment",
    Step.DECIDED: "Decided",
    Step.STARTED: "Started",
}
_PROGRESS = {
    Progress.DONE: "done",
    Progress.NOW: "next",
    Progress.NOT_YET: "not yet",
    Progress.NOT_TOLD: "we tell you this only if the person agrees",
}


@dataclass(frozen=True, slots=True)
class StepShown:
    """One step: what it is called, how far it is, in a code for the sign and in words."""

    label: str
    progress: Progress
    words: str


@dataclass(frozen=True, slots=True)
class OwnReferral:
    """One referral as its agency sees it. Dates of the clinic's work are left out: they tell of attendance."""

    id: uuid.UUID
    subject_id: uuid.UUID
    reference: str
    initials: str
    birth_year: int | None
    sent_at: datetime | None
    sender: str
    standing: Standing
    is_accepted: bool
    steps: tuple[StepShown, ...]
    messages: tuple[Message, ...] = ()
    release_on: date | None = None
    is_of_prison: bool = False
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class OwnReferralsPage:
    """The referrals of one agency to one clinic: those that are open, the newest first, then the decided."""

    agency_name: str
    drafts: tuple[Draft, ...]
    open: tuple[OwnReferral, ...]
    decided: tuple[OwnReferral, ...]

    @property
    def subject_ids(self) -> list[uuid.UUID]:
        """Whom the page is about, each once."""
        return list(dict.fromkeys(row.subject_id for row in (*self.open, *self.decided)))


def get_agency_name(agency_id: uuid.UUID) -> str:
    """Return the name of an agency."""
    return Agency.objects.values_list("name", flat=True).get(id=agency_id)


def list_agencies(*, clinic: Clinic, at: datetime) -> list[tuple[uuid.UUID, str]]:
    """Return the agencies that refer to a clinic: those with a referrer there, by name."""
    standing = Agency.objects.filter(memberships__clinic=clinic, memberships__starts_at__lte=at)
    return list(standing.distinct().order_by("name").values_list("id", "name"))


def list_own_referrals(*, agency_id: uuid.UUID, clinic: Clinic, user: User, at: datetime) -> OwnReferralsPage:
    """Return what an agency sent to a clinic, where each stands, and what this user has not sent yet."""
    referrals = list(_own(agency_id, clinic).order_by("-referred_on", "-sent_at", "id"))
    drafts = list_own_drafts(clinic=clinic, agency_id=agency_id, user=user, at=at)
    agreed = _who_agreed(referrals, agency_id=agency_id, at=at)
    no_more = who_tell_no_more(referrals, at=at)
    rows = [_as_seen_by_agency(referral, agreed, no_more) for referral in referrals]
    return OwnReferralsPage(
        agency_name=get_agency_name(agency_id),
        drafts=drafts,
        open=tuple(row for row in rows if row.standing.is_open),
        decided=tuple(row for row in rows if not row.standing.is_open),
    )


def get_own_referral(
    *, agency_id: uuid.UUID, clinic: Clinic, referral_id: uuid.UUID, at: datetime
) -> OwnReferral | None:
    """Return one referral of an agency, or None for another agency's, another clinic's and a missing one."""
    referral = _own(agency_id, clinic).filter(id=referral_id).first()
    if referral is None:
        return None
    plan = get_release_told_by(referral, agency_id=agency_id)
    no_more = who_tell_no_more([referral], at=at)
    agreed = _who_agreed([referral], agency_id=agency_id, at=at)
    return replace(
        _as_seen_by_agency(referral, agreed, no_more),
        messages=() if no_more else list_messages(referral, for_agency=True),
        release_on=plan.release_on if plan else None,
        is_of_prison=referral.source == Referral.Source.PRISON,
    )


def get_letter(*, clinic: Clinic, referral_id: uuid.UUID, at: datetime) -> tuple[str, OwnReferral] | None:
    """Return to which agency a letter goes and what it may read, or None for a referral that no agency sent."""
    sent = Referral.objects.filter(id=referral_id, clinic=clinic, agency__isnull=False).first()
    if sent is None or sent.agency_id is None:
        return None
    own = get_own_referral(agency_id=sent.agency_id, clinic=clinic, referral_id=referral_id, at=at)
    return None if own is None else (get_agency_name(sent.agency_id), own)


def _who_agreed(
    referrals: Sequence[Referral], *, agency_id: uuid.UUID, at: datetime
) -> frozenset[uuid.UUID | None]:
    """Return the people whose consent to share with the agency stands."""
    people = [referral.person_id for referral in referrals if referral.person_id is not None]
    sharing = standing_consents(at=at).filter(
        purpose=Purpose.SHARING, agency_id=agency_id, person_id__in=people
    )
    return frozenset(sharing.values_list("person_id", flat=True))


def _own(agency_id: uuid.UUID, clinic: Clinic) -> QuerySet[_Own]:
    own = Referral.objects.filter(agency_id=agency_id, clinic_id=clinic.pk, import_run__isnull=True)
    last = ReferralMessage.objects.filter(referral=OuterRef("pk")).order_by("-written_at", "-id")
    senders = Membership.objects.filter(user=OuterRef("sent_by"), agency_id=agency_id)
    return own.select_related("decision", "sent_by", "person", "episode").annotate(
        is_asked=Subquery(last.values("is_of_clinic")[:1]),
        is_sent_by_agency=Exists(senders),
        is_accepted_beside=Exists(accepted_beside()),
    )


def accepted_beside() -> QuerySet[Referral]:
    """Return the question, of a referral, for another one on which its person was accepted since it was sent."""
    return Referral.objects.filter(
        clinic=OuterRef("clinic"),
        person=OuterRef("person"),
        episode__accepted_on__gte=OuterRef("referred_on"),
    )


def _as_seen_by_agency(
    referral: _Own, agreed: frozenset[uuid.UUID | None], no_more: frozenset[uuid.UUID]
) -> OwnReferral:
    outcome = _outcome_of(referral)
    is_asked = bool(referral.is_asked) and referral.id not in no_more
    standing = standing_of(
        StandingFacts(
            is_looked_at=referral.first_seen_at is not None,
            has_assessment=referral.assessment_due_on is not None or referral.assessed_on is not None,
            outcome=outcome,
            is_started=referral.episode is not None and referral.episode.started_on is not None,
            may_tell_start=referral.person_id in agreed,
            is_asked=is_asked,
            tells_no_more=referral.id in no_more,
        )
    )
    identity = referral.identity
    names = (identity.given_names, identity.family_name)
    return OwnReferral(
        id=referral.id,
        subject_id=referral.subject_id,
        reference=reference_of(referral.id),
        initials=" ".join(f"{name.strip()[:1].upper()}." for name in names if name.strip()),
        birth_year=identity.born_on.year if identity.born_on else None,
        sent_at=referral.sent_at,
        sender=_sender_in_words(referral),
        is_asked=is_asked,
        standing=standing,
        is_accepted=referral.id not in no_more and outcome is Outcome.ACCEPTED,
        steps=tuple(
            StepShown(_STEPS[step], progress, _PROGRESS[progress]) for step, progress in standing.steps
        ),
    )


def _outcome_of(referral: _Own) -> Outcome | None:
    """Return how a referral was decided; who was accepted on another agency's is accepted on this one too."""
    decision = getattr(referral, "decision", None)
    if decision is not None:
        return Outcome(decision.outcome)
    return Outcome.ACCEPTED if referral.is_accepted_beside else None


def _sender_in_words(referral: _Own) -> str:
    """Return who of the agency sent it; what the clinic entered names none of its staff."""
    if referral.sent_by is None:
        return ""
    return referral.sent_by.full_name if referral.is_sent_by_agency else "the clinic"


def reference_of(referral_id: uuid.UUID) -> str:
    """Return the short name by which clinic and agency speak of a referral; it tells nothing of the person."""
    digits = referral_id.hex[:8].upper()
    return f"{digits[:4]}-{digits[4:]}"
