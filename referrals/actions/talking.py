"""Questions and answers about a referral, and what an agency keeps before it sends."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.rules import fields_to_keep
from hat_clinic.audit.actions import record
from hat_clinic.core.decisions import Refused
from hat_clinic.core.sealing import seal
from referrals.models import Referral, ReferralDraft, ReferralMessage, TellingStop
from referrals.queries.talking import DRAFT_SEAL, is_undecided, tells_no_more
from referrals.rules.talking import DRAFT_LASTS, Question, may_act_for_agency, may_write


class MessageRefused(Refused):
    """Nothing was sent; `decision` holds every reason."""


@transaction.atomic(durable=True)
def ask_agency(
    *, referral_id: uuid.UUID, question: Question, key: uuid.UUID, by: User, at: datetime
) -> ReferralMessage:
    """Ask the agency one question of the list, once; the same key again returns the first.

    Raises MessageRefused where the referral is decided, or the person wants the agency told no more.
    Source: product R 5; trust design 7.
    """
    referral = Referral.objects.select_for_update(of=("self",)).get(id=referral_id, agency__isnull=False)
    first = ReferralMessage.objects.filter(key=key, referral=referral, is_of_clinic=True).first()
    if first is not None:
        return first
    no_more = tells_no_more(referral, at=at)
    decision = may_write(is_open=is_undecided(referral), text=None, tells_no_more=no_more)
    if not decision.is_allowed:
        raise MessageRefused(decision)
    message = ReferralMessage.objects.create(
        referral=referral, key=key, is_of_clinic=True, question=question, written_at=at, written_by=by
    )
    record(
        "referrals.question_asked",
        by=by,
        at=at,
        clinic=referral.clinic_id,
        person=referral.subject_id,
        thing=referral,
        question=question.value,
    )
    return message


@transaction.atomic(durable=True)
def stop_telling(*, referral_id: uuid.UUID, by: User, at: datetime) -> TellingStop:
    """Tell the agency nothing more of its referral, because the person took that back; again changes nothing.

    Source: trust design 7 (the agency sees only what the person agreed to).
    """
    referral = Referral.objects.select_for_update(of=("self",)).get(id=referral_id, agency__isnull=False)
    stop, is_new = TellingStop.objects.get_or_create(
        referral=referral, defaults={"stopped_at": at, "stopped_by": by}
    )
    if is_new:
        record(
            "referrals.telling_stopped",
            by=by,
            at=at,
            clinic=referral.clinic_id,
            person=referral.subject_id,
            thing=referral,
        )
    return stop


@transaction.atomic(durable=True)
def write_to_clinic(
    *, referral_id: uuid.UUID, agency_id: uuid.UUID, text: str, key: uuid.UUID, by: User, at: datetime
) -> ReferralMessage:
    """Tell the clinic something about an agency's own referral, once; the same key again returns the first.

    Raises MessageRefused where it is decided, and Referral.DoesNotExist for another agency's.
    Source: product R 5.
    """
    referral = Referral.objects.select_for_update(of=("self",)).get(id=referral_id, agency_id=agency_id)
    first = ReferralMessage.objects.filter(key=key, referral=referral, is_of_clinic=False).first()
    if first is not None:
        return first
    decision = may_act_for_agency(tells_no_more=tells_no_more(referral, at=at))
    if decision.is_allowed:
        decision = may_write(is_open=is_undecided(referral), text=text)
    if not decision.is_allowed:
        raise MessageRefused(decision)
    message = ReferralMessage.objects.create(
        referral=referral, key=key, is_of_clinic=False, text=text.strip(), written_at=at, written_by=by
    )
    record(
        "referrals.agency_wrote",
        by=by,
        at=at,
        clinic=referral.clinic_id,
        person=referral.subject_id,
        thing=referral,
    )
    return message


@transaction.atomic(durable=True)
def save_referral_draft(
    *,
    clinic: Clinic,
    agency_id: uuid.UUID,
    key: uuid.UUID,
    fields: Mapping[str, Sequence[str]],
    by: User,
    at: datetime,
) -> bool:
    """Keep a referral that is not sent for whoever writes it, sealed; what was sent is never a draft again.

    Returns False where nothing was kept: too long, sent already, or somebody else's key. A draft says nothing to
    the clinic, so that it leaves only an event. Source: product R 5.
    """
    kept = fields_to_keep(fields)
    if kept is None or Referral.objects.filter(key=key).exists():
        return False
    draft = ReferralDraft.objects.select_for_update().filter(key=key).first()
    if draft is not None and (draft.saved_by_id, draft.agency_id) != (by.pk, agency_id):
        return False
    data = seal(json.dumps(kept), purpose=DRAFT_SEAL)
    draft, _ = ReferralDraft.objects.update_or_create(
        key=key,
        defaults={
            "clinic_id": clinic.pk,
            "agency_id": agency_id,
            "data": data,
            "saved_at": at,
            "saved_by": by,
        },
    )
    record("referrals.draft_saved", by=by, at=at, clinic=clinic.pk, thing=draft)
    return True


@transaction.atomic(durable=True)
def drop_referral_draft(*, clinic: Clinic, key: uuid.UUID, by: User, at: datetime) -> None:
    """Empty a draft of one's own; the row stays, empty. Another's is left alone."""
    draft = ReferralDraft.objects.select_for_update().filter(key=key, clinic=clinic, saved_by=by).first()
    if draft is None or not draft.data:
        return
    draft.data, draft.saved_at = "", at
    draft.save(update_fields=["data", "saved_at"])
    record("referrals.draft_dropped", by=by, at=at, clinic=clinic.pk, thing=draft)


@transaction.atomic(durable=True)
def purge_referral_drafts(*, by: User, at: datetime) -> int:
    """Empty every draft that is offered to nobody any more; return how many. The rows stay, empty.

    They were never sent, and name people who may never have been told. Source: trust design 7 (retention).
    """
    old = ReferralDraft.objects.exclude(data="").filter(saved_at__lte=at - DRAFT_LASTS)
    purged = old.update(data="")
    if purged:
        record("referrals.drafts_purged", by=by, at=at, drafts=purged)
    return purged
