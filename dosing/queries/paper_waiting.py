"""What of a used paper pack is still to do: lines that nobody has entered, and doses without their register line."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from dosing.models import Injection, OralDose, PaperLine, PaperRun
from dosing.rules.downtime import paper_reference
from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import london_date

# A dose of a day before yesterday is past every window that a missing line could hide.
BARS_FOR = timedelta(days=1)


def waiting_at(clinic: Clinic) -> QuerySet[Injection]:
    """Return the doses on paper that count and have no line in any register of a clinic yet."""
    return Injection.objects.filter(
        paper_line__isnull=False, register_entry__isnull=True, session__clinic=clinic
    )


def count_waiting(*, clinic: Clinic, line_id: uuid.UUID) -> int:
    """Return how many doses on paper wait for their line in one ledger."""
    return waiting_at(clinic).filter(batch__line=line_id).count()


def get_line_not_entered(*, patient_id: uuid.UUID, at: datetime) -> str:
    """Return the reference of a person's line on a used pack of today or yesterday that nobody has entered, or "".

    A line that says that an oral dose stands there is not entered before that dose is.
    Source: clinical rule 46.
    """
    runs = (
        PaperRun.objects.select_related("pack")
        .filter(pack__service_date__gte=london_date(at) - BARS_FOR)
        .filter(Q(pack__people__contains=[patient_id]) | Q(pack__lines_entered__patient=patient_id))
        .distinct()
    )
    for run in runs.order_by("begun_at"):
        pack, people = run.pack, run.pack.people
        entered = {one.line: one for one in PaperLine.objects.filter(pack=pack)}
        own = people.index(patient_id) + 1 if patient_id in people else None
        if own is not None and own not in entered:
            return paper_reference(pack.number, own)
        for line, one in sorted(entered.items()):
            if one.patient_id == patient_id and is_oral_missing(one):
                return paper_reference(pack.number, line)
    return ""


def is_oral_missing(line: PaperLine) -> bool:
    """Tell whether a line says that an oral dose stands there, and none of its person is entered from that pack."""
    says_so = bool(line.written.get("has_oral"))
    return says_so and not OralDose.written.filter(pack=line.pack_id, patient=line.patient_id).exists()
