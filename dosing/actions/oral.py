"""Signing and ending orders of oral opioids, and ordering naloxone to take home."""

from __future__ import annotations

import uuid
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dosing.actions.orders import USED_ALREADY, SentPage
from dosing.models import DosingState, NaloxoneOrder, OralDose, OralOrder, OralOrderPeriod, RecordedRequest
from dosing.queries.oral import (
    KnownAtOralSigning,
    as_oral_seen,
    get_last_oral_orders,
    get_oral_signing_facts,
    list_standing_oral_periods,
    may_prescribe,
    what_stands_oral,
)
from dosing.queries.orders import lock_dosing_state
from dosing.rules.oral import (
    NaloxoneDraft,
    OralDraft,
    OralDrug,
    may_end_oral_order,
    may_order_naloxone,
    may_sign_oral_order,
)
from dosing.rules.orders import EndReason
from dosing.rules.preparations import unread
from dosing.rules.signatures import content_sha256
from hat_clinic.accounts.models import Clinic, Premises, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act
from patients.models import Episode
from patients.queries import lock_person_for_dosing

SIGNED = "dosing.oral_order_signed"
ENDED = "dosing.oral_order_ended"
NALOXONE = "dosing.naloxone_ordered"


class OralRefused(Refused):
    """Nothing was signed, ended, decided or given; `decision` holds every reason."""


def sign_oral_order(
    *, episode: Episode, premises: Premises, draft: OralDraft, page: SentPage, by: User, at: datetime
) -> OralOrder:
    """Sign an oral order; whatever stands for the same drug ends at the moment the new one starts.

    Signed once: the same key with the same content returns the first order. It is judged and timed by the
    database's clock once the person's lock is held, refused when another oral order was signed or ended since the
    page was opened, and when a note was not ticked. Raises OralRefused with every reason; the refusal is in the
    audit trail and nothing else is stored. Source: clinical rules 2 and 5.
    """
    answer = one_act(lambda: _sign_once(episode, premises, draft, page, by))
    if isinstance(answer, Decision):
        raise OralRefused(answer)
    return answer


def _sign_once(
    episode: Episode, premises: Premises, draft: OralDraft, page: SentPage, by: User
) -> OralOrder | Decision:
    _lock(episode)
    content = asdict(draft) | {"episode": episode.id, "premises": premises.id}
    if page.starts_at_once:
        content["starts_at"] = "at once"
    sha256 = content_sha256(content, by.id)
    first = RecordedRequest.objects.filter(key=page.key).first()
    at = now()  # the lock may have been long in coming
    if first is not None:
        if first.act == SIGNED and first.content_sha256 == sha256:
            return OralOrder.objects.get(id=first.answer["oral_order_id"])
        return _refused(SIGNED, _reused(), episode=episode, by=by, at=at)
    if page.starts_at_once:
        draft = replace(draft, starts_at=at)
    episode = Episode.objects.get(id=episode.id)
    known = get_oral_signing_facts(episode=episode, clinic=premises.clinic, drug=draft.drug, signer=by, at=at)
    if page.seen != as_oral_seen(known.last):
        return _refused(SIGNED, _changed(known, at), episode=episode, by=by, at=at)
    decision = may_sign_oral_order(draft, known.facts)
    decision |= unread(decision, page.acknowledged)
    if not decision.is_allowed:
        return _refused(SIGNED, decision, episode=episode, by=by, at=at)
    order = _store(episode, premises, draft, known, by=by, at=at)
    _remember(page.key, SIGNED, sha256, {"oral_order_id": str(order.id)}, by=by, at=at)
    return order


def _store(
    episode: Episode,
    premises: Premises,
    draft: OralDraft,
    known: KnownAtOralSigning,
    *,
    by: User,
    at: datetime,
) -> OralOrder:
    assert known.protocol is not None  # noqa: S101 - the caller has asked the rule
    last = known.last.get(draft.drug)
    standing = [
        period
        for period in list_standing_oral_periods(patient_id=episode.person_id, at=draft.starts_at)
        if period.drug == draft.drug
    ]
    order = OralOrder.objects.create(
        patient_id=episode.person_id,
        episode=episode,
        premises=premises,
        drug=draft.drug,
        version=last.version + 1 if last else 1,
        replaces=last if last and any(period.order_id == last.id for period in standing) else None,
        daily_mg=draft.daily_mg,
        is_supervised=draft.is_supervised,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        basis=draft.basis,
        protocol=known.protocol,
        signed_by=by,
        signed_at=at,
    )
    for period in standing:
        _end_period(period, ends_at=draft.starts_at, reason=EndReason.REPLACED, words="", by=by, at=at)
    OralOrderPeriod.objects.create(
        order=order,
        patient_id=episode.person_id,
        drug=draft.drug,
        during=DateTimeTZRange(draft.starts_at, draft.ends_at),
    )
    record(
        SIGNED,
        by=by,
        at=at,
        clinic=premises.clinic_id,
        person=episode.person_id,
        thing=order,
        version=order.version,
    )
    return order


def end_oral_order(
    *,
    clinic: Clinic,
    episode: Episode,
    drug: OralDrug,
    reason: EndReason,
    words: str,
    page: SentPage,
    by: User,
    at: datetime,
) -> None:
    """End a person's order of one oral drug now, and what was signed for later: no dose of it from this moment on.

    It ends by the database's clock once the person's lock is held, never before a dose that was given on it. The
    same key with the same content does nothing more. Raises OralRefused when nothing stands any more or an oral
    order was signed or ended since the page was opened. Source: clinical rules 2 and 5.
    """
    answer = one_act(lambda: _end_once(clinic, episode, drug, reason, words, page, by))
    if answer is not None:
        raise OralRefused(answer)


def _end_once(
    clinic: Clinic,
    episode: Episode,
    drug: OralDrug,
    reason: EndReason,
    words: str,
    page: SentPage,
    by: User,
) -> Decision | None:
    _lock(episode)
    sha256 = content_sha256({"episode": episode.id, "drug": drug, "reason": reason, "words": words}, by.id)
    first = RecordedRequest.objects.filter(key=page.key).first()
    at = now()
    if first is not None:
        same = first.act == ENDED and first.content_sha256 == sha256
        return None if same else _refused(ENDED, _reused(), episode=episode, by=by, at=at)
    last = get_last_oral_orders(patient_id=episode.person_id)
    standing = [
        period
        for period in list_standing_oral_periods(patient_id=episode.person_id, at=at)
        if period.drug == drug
    ]
    decision = may_end_oral_order(
        signer_may_prescribe=may_prescribe(user=by, clinic=clinic, at=at),
        is_standing=bool(standing),
        words=words,
    )
    if page.seen != as_oral_seen(last):
        message = f"{what_stands_oral(last, at=at)} Nothing was changed. Look again before you end it."
        decision = Decision((block("order_changed", message, "clinical rule 5"),))
    if not decision.is_allowed:
        return _refused(ENDED, decision, episode=episode, by=by, at=at)
    for period in standing:
        ends_at = _after_the_last_dose(period.order, at)
        _end_period(period, ends_at=ends_at, reason=reason, words=words, by=by, at=at)
        record(
            ENDED,
            by=by,
            at=at,
            clinic=clinic.id,
            person=episode.person_id,
            thing=period.order,
            version=period.order.version,
            reason=reason.value,
        )
    _remember(page.key, ENDED, sha256, {}, by=by, at=at)
    return None


def _after_the_last_dose(order: OralOrder, at: datetime) -> datetime:
    """Return the moment itself, or the one just after a dose that was given on the order at that very moment."""
    given = OralDose.objects.filter(order=order, given_at__gte=at).order_by("-given_at")
    last = given.values_list("given_at", flat=True).first()
    return at if last is None else last + timedelta(microseconds=1)


def _end_period(
    period: OralOrderPeriod, *, ends_at: datetime, reason: EndReason, words: str, by: User, at: datetime
) -> None:
    lower, upper = period.during.lower, period.during.upper
    period.during = (
        DateTimeTZRange(lower, min(ends_at, upper)) if lower < ends_at else DateTimeTZRange(empty=True)
    )
    period.ended_by, period.ended_at = by, at
    period.end_reason, period.end_words = reason, words
    period.save(update_fields=["during", "ended_by", "ended_at", "end_reason", "end_words"])


def order_naloxone(
    *, clinic: Clinic, episode: Episode, draft: NaloxoneDraft, key: uuid.UUID, by: User, at: datetime
) -> NaloxoneOrder:
    """Order naloxone kits for a person to take home. The same key with the same content returns the first order.

    Raises OralRefused with every reason. Source: clinical rules 2 and 30.
    """
    answer = one_act(lambda: _order_once(clinic, episode, draft, key, by))
    if isinstance(answer, Decision):
        raise OralRefused(answer)
    return answer


def _order_once(
    clinic: Clinic, episode: Episode, draft: NaloxoneDraft, key: uuid.UUID, by: User
) -> NaloxoneOrder | Decision:
    _lock(episode)
    sha256 = content_sha256(asdict(draft) | {"episode": episode.id}, by.id)
    first = RecordedRequest.objects.filter(key=key).first()
    at = now()
    if first is not None:
        if first.act == NALOXONE and first.content_sha256 == sha256:
            return NaloxoneOrder.objects.get(id=first.answer["naloxone_order_id"])
        return _refused(NALOXONE, _reused(), episode=episode, by=by, at=at)
    episode = Episode.objects.get(id=episode.id)
    decision = may_order_naloxone(
        draft,
        signer_may_prescribe=may_prescribe(user=by, clinic=clinic, at=at),
        person_is_in_treatment=episode.exited_on is None and episode.clinic_id == clinic.id,
    )
    if not decision.is_allowed:
        return _refused(NALOXONE, decision, episode=episode, by=by, at=at)
    order = NaloxoneOrder.objects.create(
        patient_id=episode.person_id,
        episode=episode,
        dose_ug=draft.dose_ug,
        kits=draft.kits,
        signed_by=by,
        signed_at=at,
    )
    record(NALOXONE, by=by, at=at, clinic=clinic.id, person=episode.person_id, thing=order)
    _remember(key, NALOXONE, sha256, {"naloxone_order_id": str(order.id)}, by=by, at=at)
    return order


def _lock(episode: Episode) -> None:
    DosingState.objects.get_or_create(patient_id=episode.person_id)
    lock_dosing_state(patient_id=episode.person_id)
    lock_person_for_dosing(person_id=episode.person_id)


def _remember(
    key: uuid.UUID, act: str, sha256: str, answer: dict[str, str], *, by: User, at: datetime
) -> None:
    RecordedRequest.objects.create(
        key=key, act=act, content_sha256=sha256, answer=answer, recorded_by=by, recorded_at=at
    )


def _reused() -> Decision:
    return Decision((block("key_reused", USED_ALREADY, "clinical rule 5"),))


def _changed(known: KnownAtOralSigning, at: datetime) -> Decision:
    message = (
        f"An oral order changed since you opened this page. {what_stands_oral(known.last, at=at)} "
        "Nothing was saved."
    )
    return Decision((block("order_changed", message, "clinical rule 5"),))


def _refused(event: str, decision: Decision, *, episode: Episode, by: User, at: datetime) -> Decision:
    record(
        event,
        by=by,
        at=at,
        clinic=episode.clinic_id,
        person=episode.person_id,
        refused=True,
        codes=decision.refusal_codes,
    )
    return decision
