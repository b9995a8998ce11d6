"""The premises of a clinic, for what is asked of its day."""

from __future__ import annotations

import uuid

from django.db.models import Exists, OuterRef, QuerySet

from hat_clinic.accounts.models import Premises, Terminal


def premises_of(clinic: uuid.UUID) -> QuerySet[Premises]:
    """Return a clinic's premises by name."""
    return Premises.objects.filter(clinic_id=clinic).order_by("name", "id")


def premises_of_terminal(clinic: uuid.UUID, terminal: uuid.UUID) -> QuerySet[Premises]:
    """Return a clinic's premises, those of the terminal first."""
    here = Terminal.objects.filter(id=terminal, premises=OuterRef("pk"))
    return premises_of(clinic).annotate(is_here=Exists(here)).order_by("-is_here", "name", "id")
