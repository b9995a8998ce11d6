"""What was asked and answered about a referral, and somebody's own drafts."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.sealing import unseal
from patients.models import Consent
from patients.queries.consents import standing_consents
from patients.rules.consents import Purpose
from referrals.models import Referral, ReferralDecision, ReferralDraft, ReferralMessage, TellingStop
from referrals.rules.talking import Question, is_draft_alive

DRAFT_SEAL = "referral draft"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a thread; `writer` is the clinic's name for an agency, so that no clinician is named."""

    is_of_clinic: bool
    words: str
    written_at: datetime
    writer: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One referral that somebody has not sent; initials as far as the names are written."""

    key: uuid.UUID
    initials: str
    saved_at: datetime


def is_undecided(referral: Referral) -> bool:
    """Tell whether nothing is decided about a referral yet."""
    return (
        referral.closed_on is None
        and referral.episode_id is None
        and not ReferralDecision.objects.filter(referral=referral).exists()
    )


def tells_no_more(referral: Referral, *, at: datetime) -> bool:
    """Tell whether the person took back that the agency is told: of this referral, or as a consent of theirs."""
    return bool(who_tell_no_more([referral], at=at))


def who_tell_no_more(referrals: Sequence[Referral], *, at: datetime) -> frozenset[uuid.UUID]:
    """Return the referrals of whose standing their agency is told no more.

    That is where a clinician stopped it, and where a consent of the person to share with that agency was taken back
    and none has been given since. Source: trust design 7.
    """
    stopped = set(TellingStop.objects.filter(referral__in=referrals).values_list("referral_id", flat=True))
    pairs = {
        one.id: (one.person_id, one.agency_id)
        for one in referrals
        if one.person_id is not None and one.agency_id is not None
    }
    theirs = Consent.objects.filter(
        purpose=Purpose.SHARING, person_id__in={person for person, _ in pairs.values()}
    )
    taken_back = set(
        theirs.filter(withdrawal__withdrawn_at__lte=at).values_list("person_id", "agency_id")
    ) - set(standing_consents(at=at).filter(pk__in=theirs.values("pk")).values_list("person_id", "agency_id"))
    return frozenset(stopped | {id for id, pair in pairs.items() if pair in taken_back})


def list_messages(referral: Referral, *, for_agency: bool) -> tuple[Message, ...]:
    """Return a referral's thread, the oldest first. An agency reads no name of the clinic's staff."""
    rows = ReferralMessage.objects.filter(referral=referral).select_related("written_by")
    return tuple(
        Message(
            is_of_clinic=row.is_of_clinic,
            words=Question(row.question).label if row.is_of_clinic else row.text,
            written_at=row.written_at,
            writer="The clinic" if row.is_of_clinic and for_agency else row.written_by.full_name,
        )
        for row in rows.order_by("written_at", "id")
    )


def list_own_drafts(*, clinic: Clinic, agency_id: uuid.UUID, user: User, at: datetime) -> tuple[Draft, ...]:
    """Return what somebody wrote for a clinic and has not sent, the newest first."""
    rows = ReferralDraft.objects.filter(clinic=clinic, agency_id=agency_id, saved_by=user)
    return tuple(
        Draft(row.key, _initials_of(_opened(row)), row.saved_at)
        for row in rows.exclude(data="").order_by("-saved_at")
        if is_draft_alive(saved_at=row.saved_at, at=at)
    )


def get_own_draft(
    *, clinic: Clinic, agency_id: uuid.UUID, key: uuid.UUID, user: User, at: datetime
) -> dict[str, list[str]] | None:
    """Return the fields of somebody's own draft, none once it was sent; None for another's, an old one and none."""
    row = ReferralDraft.objects.filter(clinic=clinic, agency_id=agency_id, key=key, saved_by=user).first()
    if row is None or not is_draft_alive(saved_at=row.saved_at, at=at):
        return None
    return _opened(row) if row.data else {}


def _opened(row: ReferralDraft) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = json.loads(unseal(row.data, purpose=DRAFT_SEAL))
    return fields


def _initials_of(fields: dict[str, list[str]]) -> str:
    names = [next(iter(fields.get(name, [])), "").strip() for name in ("given_names", "family_name")]
    return " ".join(f"{name[0].upper()}." for name in names if name) or "no name yet"
