"""Approving a clinic's limits."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from dosing.models import ProtocolVersion
from dosing.rules.protocol import Protocol
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record


@transaction.atomic(durable=True)
def approve_protocol(*, clinic: Clinic, protocol: Protocol, by: User, at: datetime) -> ProtocolVersion:
    """Store the next version of a clinic's limits, in force from now until the version after it.

    The database refuses limits looser than the ceilings (IntegrityError, protocol_is_not_looser_than_the_ceilings).
    """
    Clinic.objects.select_for_update().get(id=clinic.id)
    last = ProtocolVersion.objects.filter(clinic=clinic).aggregate(last=Max("number"))["last"] or 0
    version = ProtocolVersion.objects.create(
        clinic=clinic, number=last + 1, starts_at=at, approved_by=by, approved_at=at, **asdict(protocol)
    )
    record("dosing.protocol_approved", by=by, at=at, clinic=clinic.id, thing=version, number=version.number)
    return version
