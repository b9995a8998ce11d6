"""The doses of the demo people, signed by the demo doctor. A second run signs only what has run out."""

from __future__ import annotations

from datetime import datetime, timedelta

from dosing.actions.orders import sign_order
from dosing.queries.orders import get_order_in_force
from dosing.rules.orders import OrderDraft, Product, Route, Site
from hat_clinic.demo.beside import ORAL
from hat_clinic.demo.cast import PATIENTS
from hat_clinic.demo.past import PastRoom, settle
from patients.models import Episode

ORDER_DAYS = 28
# Two orders end sooner, so that the doctor's worklist has something to decide.
ENDS_SOONER = {"Jade": 5, "Col": 1}


def order_doses(*, room: PastRoom, at: datetime) -> None:
    """Sign an order for each demo person who has none; their consents and assessments come first.

    Whoever has no dose of late gets one of last evening, because an order is held against what was tolerated.
    """
    clinic, premises, doctor = room.clinic, room.premises, room.doctor
    doses = {patient.nhs_number: patient.dose_mg for patient in PATIENTS}
    episodes = Episode.objects.select_related("person").filter(
        clinic=clinic, exited_on__isnull=True, person__nhs_number__in=doses
    )
    for episode in episodes.order_by("person__nhs_number"):
        person = episode.person
        settle(room, episode, dose_mg=doses[person.nhs_number or ""], at=at)
        if get_order_in_force(patient_id=person.id, product=Product.DIAMORPHINE, at=at) is not None:
            continue
        dose_mg = doses[person.nhs_number or ""]
        sign_order(
            episode=episode,
            premises=premises,
            product=Product.DIAMORPHINE,
            draft=OrderDraft(
                dose_mg=dose_mg,
                sessions_per_day=2,
                daily_max_mg=2 * dose_mg,
                interval_minutes=180,
                starts_at=at,
                ends_at=at + timedelta(days=ENDS_SOONER.get(person.given_names, ORDER_DAYS)),
            ),
            routes=[Route.INTRAVENOUS],
            sites=[Site.LEFT_ARM, Site.RIGHT_ARM],
            observation_minutes=20,
            basis="Demo order for an invented person; the dose stands for one reached by titration.",
            oral_plan="methadone in the evening, as ordered apart" if person.given_names == ORAL else "none",
            by=doctor,
            at=at,
        )
