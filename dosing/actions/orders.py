"""Signing and ending orders."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dosing.actions.licences import record_licence as record_licence
from dosing.models import (
    DosingState,
    Injection,
    Order,
    OrderPeriod,
    OrderSlot,
    OrderStep,
    RecordedRequest,
)
from dosing.queries.order_pages import what_stands
from dosing.queries.orders import (
    KnownAtSigning,
    as_seen,
    get_episode_here,
    get_last_order,
    get_signing_facts,
    list_standing_periods,
    lock_dosing_state,
)
from dosing.rules.orders import EndReason, OrderDraft, OrderTerms, Product
from dosing.rules.preparations import unread
from dosing.rules.signing import may_sign_order
from hat_clinic.accounts.models import Clinic, Premises, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act
from patients.models import Episode
from patients.queries import lock_person_for_dosing

SIGNED = "dosing.order_signed"
ENDED = "dosing.order_ended"
USED_ALREADY = "This page was already used for something else. Open the person's orders again."


class OrderRefused(Refused):
    """The order was not signed, or not ended; `decision` holds every reason."""


@dataclass(frozen=True, slots=True)
class SentPage:
    """What a page brings along besides what was filled in: it is done once, on what was seen, notes read.

    `seen` is `as_seen` of the last order that the page showed. `acknowledged` holds the codes of the notes that
    were ticked. `starts_at_once` moves the start of the order to the moment of its signature.
    """

    key: uuid.UUID
    seen: str
    acknowledged: frozenset[str] = frozenset()
    starts_at_once: bool = False


def sign_order(
    *,
    episode: Episode,
    premises: Premises,
    product: Product,
    draft: OrderDraft,
    routes: list[str],
    sites: list[str],
    observation_minutes: int,
    basis: str,
    by: User,
    at: datetime,
    high_dose_reason: str = "",
    gap_cap_percent: int | None = None,
    hold_criteria: str = "as the clinic's limits say",
    oral_plan: str = "none",
    page: SentPage | None = None,
) -> Order:
    """Sign an order; whatever stands for the same product ends at the moment the new one starts.

    With a page it is signed once: the same key with the same content returns the first order. It is then judged
    and timed by the database's clock once the person's lock is held, refused when another order was signed or
    ended since the page was opened, and when a note was not ticked. Without a page (an order made by a program
    for an invented person) it is of `at`. Raises OrderRefused with every reason; the refusal is in the audit
    trail and nothing else is stored. Source: clinical rules 1 and 5; trust design 2.
    """
    terms = OrderTerms(
        routes=tuple(routes),
        sites=tuple(sites),
        observation_minutes=observation_minutes,
        basis=basis,
        high_dose_reason=high_dose_reason,
        gap_cap_percent=gap_cap_percent,
        hold_criteria=hold_criteria,
        oral_plan=oral_plan,
    )
    answer = one_act(lambda: _sign_once(episode, premises, product, draft, terms, page, by, at))
    if isinstance(answer, Decision):
        raise OrderRefused(answer)
    return answer


def _sign_once(
    episode: Episode,
    premises: Premises,
    product: Product,
    draft: OrderDraft,
    terms: OrderTerms,
    page: SentPage | None,
    by: User,
    at: datetime,
) -> Order | Decision:
    DosingState.objects.get_or_create(patient_id=episode.person_id)
    lock_dosing_state(patient_id=episode.person_id)
    lock_person_for_dosing(person_id=episode.person_id)
    content = _sha256(
        episode=episode.id,
        premises=premises.id,
        product=product,
        by=by.id,
        **asdict(draft) | ({"starts_at": "at once"} if page is not None and page.starts_at_once else {}),
        **asdict(terms),
    )
    if page is not None:
        first = RecordedRequest.objects.filter(key=page.key).first()
        if first is not None and first.content_sha256 == content:
            return Order.objects.get(id=first.answer["order_id"])
        if first is not None:
            return _refuse(SIGNED, "key_reused", USED_ALREADY, episode=episode, by=by, at=at)
        at = now()  # the lock may have been long in coming
        if page.starts_at_once:
            draft = replace(draft, starts_at=at)
    episode = Episode.objects.get(id=episode.id)
    known = get_signing_facts(episode=episode, premises=premises, product=product, signer=by, at=at)
    if page is not None and page.seen != as_seen(known.last):
        message = f"The order changed since you opened this page. {what_stands(known.last, at=at)} Nothing was saved."
        return _refuse(SIGNED, "order_changed", message, episode=episode, by=by, at=at)
    decision = may_sign_order(draft, terms, known.facts)
    if page is not None:
        decision = decision | unread(decision, page.acknowledged)
    if not decision.is_allowed or known.licence is None or known.protocol is None:
        record(
            SIGNED,
            by=by,
            at=at,
            clinic=episode.clinic_id,
            person=episode.person_id,
            refused=True,
            codes=decision.refusal_codes,
        )
        return decision
    order = put_order_in_force(
        episode=episode,
        premises=premises,
        product=product,
        draft=draft,
        terms=terms,
        known=known,
        by=by,
        at=at,
    )
    if page is not None:
        RecordedRequest.objects.create(
            key=page.key,
            act=SIGNED,
            content_sha256=content,
            answer={"order_id": str(order.id)},
            recorded_by=by,
            recorded_at=at,
        )
    return order


def put_order_in_force(
    *,
    episode: Episode,
    premises: Premises,
    product: Product,
    draft: OrderDraft,
    terms: OrderTerms,
    known: KnownAtSigning,
    by: User,
    at: datetime,
    written_by: User | None = None,
) -> Order:
    """Store an order that the rule let pass, and end what stands for its product, in the caller's transaction.

    `by` signs it; `written_by` is the unlicensed doctor who wrote it, None where the signer did.
    """
    licence, protocol, last = known.licence, known.protocol, known.last
    assert licence is not None and protocol is not None  # noqa: S101 - the caller has asked the rule
    standing = list_standing_periods(patient_id=episode.person_id, product=product, at=draft.starts_at)
    replaces = last if any(period.order_id == last.id for period in standing if last) else None
    order = Order.objects.create(
        patient_id=episode.person_id,
        episode=episode,
        premises=premises,
        product=product,
        version=last.version + 1 if last else 1,
        replaces=replaces,
        routes=list(terms.routes),
        sites=list(terms.sites),
        kind=draft.kind,
        dose_mg=draft.dose_mg,
        least_mg=draft.least_mg,
        day_mg=draft.day_mg if draft.slots else None,
        injections_per_session=draft.injections_per_session,
        sessions_per_day=draft.sessions_per_day,
        daily_max_mg=draft.daily_max_mg,
        interval_minutes=draft.interval_minutes,
        observation_minutes=terms.observation_minutes,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        basis=terms.basis,
        high_dose_reason=terms.high_dose_reason,
        gap_cap_percent=terms.gap_cap_percent,
        hold_criteria=terms.hold_criteria,
        oral_plan=terms.oral_plan,
        written_by=written_by,
        licence=licence,
        protocol=protocol,
        signed_by=by,
        signed_at=at,
    )
    OrderStep.objects.bulk_create(
        OrderStep(
            order=order, day=step.day, first_mg=step.first_mg, repeat_mg=step.repeat_mg, max_mg=step.max_mg
        )
        for step in draft.plan
    )
    OrderSlot.objects.bulk_create(OrderSlot(order=order, slot=slot, dose_mg=mg) for slot, mg in draft.slots)
    for period in standing:
        _end_period(period, ends_at=draft.starts_at, reason=EndReason.REPLACED, words="", by=by, at=at)
    OrderPeriod.objects.create(
        order=order,
        patient_id=episode.person_id,
        product=product,
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


def note_barred_attempt(
    *, event: str, clinic: Clinic, patient_id: uuid.UUID | None, by: User, at: datetime
) -> Episode | None:
    """Record that somebody who is no doctor tried to order, vary or direct diamorphine for a person.

    Returns the person's episode in the clinic, by whose name it is recorded; None for anybody who is not here.
    Source: clinical rule 2 and the boundary table (a nurse prescriber who changes a dose is barred, and it is
    logged).
    """

    def note() -> Episode | None:
        episode = None
        if patient_id is not None:
            episode = get_episode_here(clinic_id=clinic.id, patient_id=patient_id, is_open=False)
        person = episode.person_id if episode is not None else None
        record(event, by=by, at=at, clinic=clinic.id, person=person, refused=True, codes=["not_a_doctor"])
        return episode

    return one_act(note)


def end_order(
    *,
    clinic: Clinic,
    episode: Episode,
    reason: EndReason,
    words: str,
    page: SentPage,
    by: User,
    at: datetime,
) -> None:
    """End a person's order now, and what was signed for later: no dose is given from this moment on.

    `words` is the sentence that goes with the reason. It ends by the database's clock once the person's lock is
    held, never before a dose that was given on it. The same key with the same content does nothing more. Raises
    OrderRefused when nothing stands any more or another order was signed since the page was opened.
    Source: clinical rules 5 and 7.11 (any clinician may stop; only a doctor starts again).
    """
    answer = one_act(lambda: _end_once(clinic, episode, reason, words, page, by, at))
    if answer is not None:
        raise OrderRefused(answer)


def _end_once(
    clinic: Clinic, episode: Episode, reason: EndReason, words: str, page: SentPage, by: User, at: datetime
) -> Decision | None:
    lock_dosing_state(patient_id=episode.person_id)
    content = _sha256(episode=episode.id, reason=reason, words=words, by=by.id)
    first = RecordedRequest.objects.filter(key=page.key).first()
    if first is not None:
        same = first.content_sha256 == content
        return None if same else _refuse(ENDED, "key_reused", USED_ALREADY, episode=episode, by=by, at=at)
    at = now()
    product = Product.DIAMORPHINE
    last = get_last_order(patient_id=episode.person_id, product=product)
    standing = list_standing_periods(patient_id=episode.person_id, product=product, at=at)
    if not standing or page.seen != as_seen(last):
        message = f"{what_stands(last, at=at)} Nothing was changed. Look again before you end it."
        return _refuse(ENDED, "order_changed", message, episode=episode, by=by, at=at)
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
    RecordedRequest.objects.create(
        key=page.key, act=ENDED, content_sha256=content, answer={}, recorded_by=by, recorded_at=at
    )
    return None


def _after_the_last_dose(order: Order, at: datetime) -> datetime:
    """Return the moment itself, or the one just after a dose that was given on the order at that very moment."""
    given = Injection.objects.filter(order=order, started_at__gte=at).order_by("-started_at")
    last = given.values_list("started_at", flat=True).first()
    return at if last is None else last + timedelta(microseconds=1)


def _end_period(
    period: OrderPeriod, *, ends_at: datetime, reason: EndReason, words: str, by: User, at: datetime
) -> None:
    lower, upper = period.during.lower, period.during.upper
    period.during = (
        DateTimeTZRange(lower, min(ends_at, upper)) if lower < ends_at else DateTimeTZRange(empty=True)
    )
    period.ended_by = by
    period.ended_at = at
    period.end_reason = reason
    period.end_words = words
    period.save(update_fields=["during", "ended_by", "ended_at", "end_reason", "end_words"])


def _refuse(event: str, code: str, message: str, *, episode: Episode, by: User, at: datetime) -> Decision:
    record(
        event,
        by=by,
        at=at,
        clinic=episode.clinic_id,
        person=episode.person_id,
        refused=True,
        codes=[code],
    )
    return Decision((block(code, message, "clinical rule 5"),))


def _sha256(**content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
