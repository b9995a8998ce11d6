"""Deciding that a programme closes, pauses or goes on; no order reaches past its last day from then on."""

from __future__ import annotations

from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dosing.models import OralOrderPeriod, OrderPeriod
from dosing.rules.orders import EndReason
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act
from patients.models import ProgrammeClosing
from patients.queries.closings import list_closings
from patients.rules.closings import SOURCE, ClosingContent, end_of, may_close_programme

CUT = "The programme ends."


class ClosingRefused(Refused):
    """Nothing was decided; `decision` holds every reason."""


def close_programme(
    *, clinic: Clinic, content: ClosingContent, follows: int, by: User, at: datetime
) -> ProgrammeClosing:
    """Store a decision about a programme, and cut every order short that would run past its last day.

    The clinic's row is held, so that no order is signed and nobody accepted in the same moment without seeing it.
    `follows` is the number of the newest decision that whoever decides had before them, 0 for none. Raises
    ClosingRefused with every reason; the refusal is in the trail. Source: product P 7.
    """

    def work() -> ProgrammeClosing | Decision:
        Clinic.objects.select_for_update(no_key=True).get(id=clinic.id)
        last = next(iter(list_closings(clinic=clinic)), None)
        decision = may_close_programme(content, stands=last.kind if last else None, today=london_date(at))
        if (last.number if last else 0) != follows:
            message = "Somebody decided about the programme meanwhile. Read it, then decide again."
            decision |= Decision((block("decided_meanwhile", message, SOURCE),))
        if not decision.is_allowed or content.kind is None:
            codes = decision.refusal_codes
            record("dosing.programme_decided", by=by, at=at, clinic=clinic.id, refused=True, codes=codes)
            return decision
        closing = ProgrammeClosing.objects.create(
            clinic=clinic,
            number=follows + 1,
            kind=content.kind.value,
            last_on=content.last_on,
            resumes_on=content.resumes_on,
            words=content.words,
            decided_by=by,
            decided_at=at,
        )
        cut = _cut_orders(clinic, end_of(content.last_on), by=by, at=at) if content.last_on else 0
        record(
            "dosing.programme_decided",
            by=by,
            at=at,
            clinic=clinic.id,
            thing=closing,
            kind=closing.kind,
            orders_cut=cut,
        )
        return closing

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise ClosingRefused(answer)
    return answer


def _cut_orders(clinic: Clinic, ends_at: datetime, *, by: User, at: datetime) -> int:
    """Let no order of a clinic reach past a moment, and return how many did.

    One that was to begin after it has no time left.
    """
    count = 0
    for model, event in ((OrderPeriod, "dosing.order_ended"), (OralOrderPeriod, "dosing.oral_order_ended")):
        periods = model.objects.select_related("order").filter(
            order__premises__clinic=clinic, during__endswith__gt=ends_at
        )
        for period in periods.select_for_update(of=("self",)).order_by("pk"):
            lower = period.during.lower
            period.during = (
                DateTimeTZRange(lower, ends_at) if lower < ends_at else DateTimeTZRange(empty=True)
            )
            period.ended_by, period.ended_at = by, at
            period.end_reason, period.end_words = EndReason.OTHER, CUT
            period.save(update_fields=["during", "ended_by", "ended_at", "end_reason", "end_words"])
            record(
                event,
                by=by,
                at=at,
                clinic=clinic.id,
                person=period.patient_id,
                thing=period.order,
                version=period.order.version,
                reason=EndReason.OTHER.value,
            )
            count += 1
    return count
