"""Which samples bear a label."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet

from hat_clinic.accounts.models import Clinic
from outcomes.models import UrineStep
from outcomes.rules.urine import UrineState


def steps_with_label(*, clinic: Clinic, labels: Iterable[str]) -> QuerySet[UrineStep]:
    """Return the steps of a clinic by which samples that count bear one of some labels.

    A label that was written for the wrong person is free again once that sample is void.
    """
    gone = UrineStep.objects.filter(draw=OuterRef("draw"), kind=UrineState.VOID)
    borne = UrineStep.objects.filter(clinic=clinic, kind=UrineState.TAKEN, reference__in=list(labels))
    return borne.filter(~Exists(gone))


def samples_by_label(*, clinic: Clinic, labels: Iterable[str]) -> dict[str, uuid.UUID]:
    """Return which sample of a clinic each label is of: the one that counts, or else the last that is void."""
    wanted = list(labels)
    borne = UrineStep.objects.filter(clinic=clinic, kind=UrineState.TAKEN, reference__in=wanted)
    found = dict(borne.order_by("recorded_at", "id").values_list("reference", "draw_id"))
    return found | dict(steps_with_label(clinic=clinic, labels=wanted).values_list("reference", "draw_id"))
