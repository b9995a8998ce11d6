"""When somebody referred comes out of prison, and the time of the first appointment on that day."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time

from django.db import transaction

from hat_clinic.accounts.models import User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Refused
from referrals.models import Referral, ReleasePlan
from referrals.queries.releases import get_release_plan
from referrals.queries.talking import tells_no_more
from referrals.rules.releases import may_plan_release
from referrals.rules.talking import may_act_for_agency


class ReleaseRefused(Refused):
    """Nothing was changed; `decision` holds every reason."""


@transaction.atomic(durable=True)
def plan_release(
    *, referral_id: uuid.UUID, release_on: date, appointment_at: time | None, by: User, at: datetime
) -> ReleasePlan:
    """Note when somebody is expected out of prison, with the time of the first appointment on that day, if it is set.

    The same again returns what stands. Raises ReleaseRefused where the referral was closed or the day is impossible.
    Source: product R 3.
    """
    referral = Referral.objects.select_for_update(of=("self",)).get(id=referral_id)
    return _plan(referral, release_on, appointment_at, by=by, at=at)


@transaction.atomic(durable=True)
def tell_release(
    *, referral_id: uuid.UUID, agency_id: uuid.UUID, release_on: date, by: User, at: datetime
) -> ReleasePlan:
    """Note a new expected release that the agency tells; the clinic sets the time of the appointment again.

    Raises ReleaseRefused as `plan_release`, and Referral.DoesNotExist for another agency's. Source: product R 3.
    """
    referral = Referral.objects.select_for_update(of=("self",)).get(id=referral_id, agency_id=agency_id)
    may_tell = may_act_for_agency(tells_no_more=tells_no_more(referral, at=at))
    if not may_tell.is_allowed:
        raise ReleaseRefused(may_tell)
    last = get_release_plan(referral)
    if last is not None and last.release_on == release_on:
        return last
    return _plan(referral, release_on, None, by=by, at=at)


def _plan(
    referral: Referral, release_on: date, appointment_at: time | None, *, by: User, at: datetime
) -> ReleasePlan:
    decision = may_plan_release(
        is_open_or_accepted=referral.closed_on is None, release_on=release_on, today=london_date(at)
    )
    if not decision.is_allowed:
        raise ReleaseRefused(decision)
    last = get_release_plan(referral)
    if last is not None and (last.release_on, last.appointment_at) == (release_on, appointment_at):
        return last
    plan = ReleasePlan.objects.create(
        referral=referral,
        number=last.number + 1 if last else 1,
        release_on=release_on,
        appointment_at=appointment_at,
        said_at=at,
        said_by=by,
    )
    record(
        "referrals.release_planned",
        by=by,
        at=at,
        clinic=referral.clinic_id,
        person=referral.subject_id,
        thing=referral,
        release_on=release_on.isoformat(),
        has_time=appointment_at is not None,
    )
    return plan
