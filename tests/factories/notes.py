"""What somebody has read before they tick it."""

from __future__ import annotations

from dosing.actions.preparations import DoseToPrepare
from dosing.models import Visit
from dosing.queries.preparations import Chosen, get_prepare_page
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import now


def notes_shown(clinic: Clinic, dose: DoseToPrepare, ticked: frozenset[str], *, by: User) -> dict[str, str]:
    """Return the notes that the page of a dose shows now, those that are ticked: by code, in its words."""
    page = get_prepare_page(
        clinic=clinic,
        visit=Visit.objects.get(session_id=dose.session_id),
        preparer=by,
        at=now(),
        chosen=Chosen(mg=dose.dose_mg, reduction=dose.reduction),
    )
    return {note.code: note.message for note in page.decision if note.code in ticked}
