"""Pages about one person."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.http import Http404

from hat_clinic.accounts.access import StaffRequest
from patients.queries.openings import may_read
from patients.queries.people import PersonHead, get_person_head


def head_or_404(request: StaffRequest, patient_id: uuid.UUID, at: datetime) -> PersonHead:
    """Return who the page is about; whoever is not in treatment here is not there at all."""
    head = get_person_head(person_id=patient_id, clinic=request.staff.clinic, at=at)
    if head is None:
        raise Http404
    return head


def related_or_404(request: StaffRequest, patient_id: uuid.UUID, at: datetime) -> None:
    """Stop at a page about somebody who left, for whoever is neither named for them nor opened the record."""
    staff = request.staff
    if not may_read(person_id=patient_id, colleague=staff.user, clinic=staff.clinic, at=at):
        raise Http404
