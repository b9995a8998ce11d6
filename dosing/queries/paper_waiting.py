"""Doses on paper whose line in the register waits: the book says more than is in the cabinet until it is written."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from dosing.models import Injection
from hat_clinic.accounts.models import Clinic


def waiting_at(clinic: Clinic) -> QuerySet[Injection]:
    """Return the doses on paper that count and have no line in any register of a clinic yet."""
    return Injection.objects.filter(
        paper_line__isnull=False, register_entry__isnull=True, session__clinic=clinic
    )


def count_waiting(*, clinic: Clinic, line_id: uuid.UUID) -> int:
    """Return how many doses on paper wait for their line in one ledger."""
    return waiting_at(clinic).filter(batch__line=line_id).count()
