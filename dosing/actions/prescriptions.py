"""Printing a prescription from a signed order."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from dosing.actions.orders import USED_ALREADY, SentPage
from dosing.models import Order, PrescriptionPart, PrescriptionPrint, RecordedRequest
from dosing.queries.orders import lock_person_and_dosing_state
from dosing.queries.prescriptions import KnownAtPrinting, get_printing_facts
from dosing.queries.sheets import prescription_sheet
from dosing.rules.prescriptions import PrescriptionDraft, may_print_prescription
from dosing.rules.supply import prescription_of
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Level, Refused, block
from hat_clinic.core.transactions import one_act
from patients.models import Episode

PRINTED = "dosing.prescription_printed"


class PrescriptionRefused(Refused):
    """The prescription was not printed; `decision` holds every reason."""


def print_prescription(
    *, clinic: Clinic, episode: Episode, draft: PrescriptionDraft, page: SentPage, by: User, at: datetime
) -> PrescriptionPrint:
    """Store one prescription of the order in force, every line of it, so that it can be put on paper.

    It is stored once: the same key with the same content returns the first one. It is judged and dated by the
    database's clock once the person's lock is held. Raises PrescriptionRefused with every reason, also when the
    order changed or another prescription was printed since the page was opened, and when a note was not ticked.
    Source: clinical rules 5 and 7.
    """
    answer = one_act(lambda: _print_once(clinic, episode, draft, page, by, at))
    if isinstance(answer, Decision):
        raise PrescriptionRefused(answer)
    return answer


def _print_once(
    clinic: Clinic, episode: Episode, draft: PrescriptionDraft, page: SentPage, by: User, at: datetime
) -> PrescriptionPrint | Decision:
    lock_person_and_dosing_state(patient_id=episode.person_id)
    content = _sha256(episode=episode.id, by=by.id, **asdict(draft))
    first = RecordedRequest.objects.filter(key=page.key).first()
    if first is not None and first.act == PRINTED and first.content_sha256 == content:
        return PrescriptionPrint.objects.select_related("order").get(id=first.answer["print_id"])
    if first is not None:
        reused = block("key_reused", USED_ALREADY, "clinical rule 5")
        return _refused(Decision((reused,)), clinic=clinic, episode=episode, by=by, at=at)
    at = now()  # the lock may have been long in coming
    episode = Episode.objects.select_related("person").get(id=episode.id)
    known = get_printing_facts(episode=episode, clinic=clinic, printer=by, at=at)
    if page.seen != known.seen:
        message = (
            "The order changed, its plan moved on, or a prescription was printed, since you opened this page. "
            "Nothing was printed. Look again."
        )
        changed = Decision((block("order_changed", message, "clinical rule 5"),))
        return _refused(changed, clinic=clinic, episode=episode, by=by, at=at)
    decision = may_print_prescription(draft, known.facts)
    if decision.is_allowed:
        decision = decision | _unread(decision, page.acknowledged)
    if not decision.is_allowed or known.order is None or known.licence is None:
        return _refused(decision, clinic=clinic, episode=episode, by=by, at=at)
    stored = _store(known, known.order, draft, by=by, at=at)
    record(
        PRINTED,
        by=by,
        at=at,
        clinic=clinic.id,
        person=episode.person_id,
        thing=stored,
        order=str(stored.order_id),
        number=stored.full_number,
        form=stored.form,
    )
    RecordedRequest.objects.create(
        key=page.key,
        act=PRINTED,
        content_sha256=content,
        answer={"print_id": str(stored.id)},
        recorded_by=by,
        recorded_at=at,
    )
    return stored


def _store(
    known: KnownAtPrinting, order: Order, draft: PrescriptionDraft, *, by: User, at: datetime
) -> PrescriptionPrint:
    prescribed, licence = known.facts.order, known.licence
    assert prescribed is not None and licence is not None  # noqa: S101 - the caller has asked the rule
    made = prescription_of(prescribed, draft.first_on)
    number = PrescriptionPrint.objects.filter(order=order).count() + 1
    stored = PrescriptionPrint.objects.create(
        order=order,
        number=number,
        form=draft.form.value,
        strength_mg=draft.strength_mg,
        wordings=list(draft.wordings),
        dated_on=known.facts.today,
        first_on=made.first_on,
        days=made.instalments,
        instalment_mg=made.instalment_mg,
        total_mg=made.total_mg,
        reason=draft.reason,
        sheet=prescription_sheet(
            order=order,
            prescribed=prescribed,
            draft=draft,
            number=f"{order.version}-{number}",
            licence=licence,
            printer=by,
            at=at,
        ),
        licence=licence,
        printed_by=by,
        printed_at=at,
    )
    PrescriptionPart.objects.bulk_create(
        PrescriptionPart(
            prescription=stored,
            first_on=part.first_on,
            days=part.instalments,
            instalment_mg=part.instalment_mg,
        )
        for part in made.parts
    )
    return stored


def _refused(decision: Decision, *, clinic: Clinic, episode: Episode, by: User, at: datetime) -> Decision:
    record(
        PRINTED,
        by=by,
        at=at,
        clinic=clinic.id,
        person=episode.person_id,
        refused=True,
        codes=decision.refusal_codes,
    )
    return decision


def _unread(decision: Decision, acknowledged: frozenset[str]) -> Decision:
    return Decision(
        tuple(
            block(f"unread_{note.code}", f"Tick that you have read: {note.message}", note.source)
            for note in decision
            if note.level is Level.WARN and note.code not in acknowledged
        )
    )


def _sha256(**content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
