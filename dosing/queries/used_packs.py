"""Paper packs that were used: how much of each is still to be entered, and to be settled."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.lookups import Exact

from dosing.models import OralDose, PaperRun
from dosing.queries.sessions import SessionKey
from dosing.rules.paper import not_entered_in_words
from hat_clinic.accounts.models import Clinic

# How long a pack that was used is shown on the page of packs once all of it is entered.
SHOWN_FOR = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class UsedPack:
    """A pack that is being entered: how many of its people have no line yet, and how many lines are contested."""

    pack_id: uuid.UUID
    number: int
    key: SessionKey
    missing: int
    contested: int

    @property
    def words(self) -> str:
        """Such as "P12: 3 lines not entered yet"."""
        return not_entered_in_words(self.number, self.missing)


def of_used_packs(clinic: Any) -> QuerySet[Any]:
    """Return the packs of a clinic that are being entered, each with how many of its people have all of their line.

    A line that says that an oral dose stands there is not entered before that is.
    """
    on_the_pack = Q(pack__lines_entered__line__lte=F("pack__people__len"))
    its_oral = OralDose.written.filter(
        pack=OuterRef("pack"), patient=OuterRef("pack__lines_entered__patient")
    )
    says_so = Exact(KeyTextTransform("has_oral", "pack__lines_entered__written"), Value("true"))
    without_oral = Q(says_so) & Q(~Exists(its_oral))
    return (
        PaperRun.objects.filter(pack__clinic=clinic)
        .annotate(people=F("pack__people__len"))
        .annotate(
            entered=Count("pack__lines_entered", filter=on_the_pack, distinct=True)
            - Count("pack__lines_entered", filter=without_oral, distinct=True)
        )
    )


def list_used_packs(*, clinic: Clinic, at: datetime) -> tuple[UsedPack, ...]:
    """Return the packs that were used and are not done with, and those of the last weeks, the newest first."""
    contested = Q(pack__lines_entered__case__isnull=False, pack__lines_entered__case__settlement__isnull=True)
    oral = Q(pack__oral_doses__conflicts__len__gte=1, pack__oral_doses__settlement__isnull=True)
    runs = (
        of_used_packs(clinic)
        .select_related("pack")
        .annotate(contested=Count("pack__lines_entered", filter=contested, distinct=True))
        .annotate(contested_oral=Count("pack__oral_doses", filter=oral, distinct=True))
        .order_by("-begun_at")
    )
    packs = [
        (
            run.begun_at,
            UsedPack(
                pack_id=run.pack_id,
                number=run.pack.number,
                key=SessionKey(run.pack.service_date, run.pack.slot),
                missing=len(run.pack.people) - run.entered,
                contested=run.contested + run.contested_oral,
            ),
        )
        for run in runs
    ]
    return tuple(one for begun_at, one in packs if one.missing or one.contested or begun_at > at - SHOWN_FOR)
