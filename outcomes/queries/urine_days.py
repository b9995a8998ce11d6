"""Who is in treatment and has no day drawn for a sample this week."""

from __future__ import annotations

import uuid
from datetime import date

from django.db.models import Exists, OuterRef

from hat_clinic.accounts.models import Clinic
from outcomes.models import UrineDraw
from outcomes.rules.urine import week_of
from patients.models import Episode


def list_people_without_day(*, clinic: Clinic, today: date) -> list[uuid.UUID]:
    """Return everybody who has started here, has not left, and for whom no day of this week was drawn anywhere.

    Somebody of an imported history is not there to be asked.
    """
    drawn = UrineDraw.objects.filter(patient=OuterRef("person"), week_on=week_of(today))
    return list(
        Episode.objects.filter(~Exists(drawn), clinic=clinic, import_run__isnull=True)
        .filter(started_on__lte=today, exited_on__isnull=True)
        .order_by("person_id")
        .values_list("person_id", flat=True)
    )
