"""The dose that was drawn up with the computer before it failed, and went in by the paper."""

from __future__ import annotations

from dosing.models import AuthorisationUse, Batch, Emergency, Order, PlannedSession, Preparation
from dosing.queries.visits import get_open_draw
from dosing.rules.paper import DoseOnPaper
from dosing.rules.paper_book import DrawnUp, is_drawn_up
from hat_clinic.accounts.models import User


def find_drawn(
    dose: DoseOnPaper, *, planned: PlannedSession | None, batch: Batch, signer: User, order: Order | None
) -> tuple[Preparation, DrawnUp] | None:
    """Return the drawn dose of a session that a dose on paper is, with its facts as rules read them, or None.

    `order` is the one in force at the time on paper. Whoever let that dose go ahead does not sign for it: then it is
    none. Source: clinical rules 7.11; trust design 5.
    """
    drawn = get_open_draw(patient_id=planned.patient_id) if planned is not None else None
    if planned is None or drawn is None or drawn.session_id != planned.id:
        return None
    began = Emergency.objects.filter(patient=drawn.patient_id, began_at__gte=drawn.prepared_at)
    facts = DrawnUp(
        batch_id=drawn.batch_id,
        ampoules=drawn.ampoules,
        drawn_mg=drawn.drawn_mg,
        dose_mg=drawn.dose_mg,
        prepared_by_id=drawn.prepared_by_id,
        witness_id=drawn.witness_id,
        prepared_at=drawn.prepared_at,
        expires_at=drawn.expires_at,
        order_is_in_force=order is not None and order.id == drawn.order_id,
        emergency_at=began.order_by("began_at").values_list("began_at", flat=True).first(),
    )
    signs_own = AuthorisationUse.objects.filter(
        preparation=drawn, authorisation__authorised_by=signer
    ).exists()
    if signs_own or not is_drawn_up(dose, facts, strength_mg=batch.line.strength_mg):
        return None
    return drawn, facts
