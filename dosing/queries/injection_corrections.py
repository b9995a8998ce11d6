"""What else rests on an injection whose milligrams are put right."""

from __future__ import annotations

from datetime import UTC, datetime

from dosing.models import Injection, PaperLine, PatientDay
from dosing.queries.protocol import as_rules_read_it, get_protocol_in_force
from dosing.queries.standing import most_mg
from dosing.queries.visits import get_open_draw
from dosing.rules.injection_corrections import BesideInjection
from dosing.rules.sessions import ROLLING_WINDOW
from hat_clinic.core.clock import london_date


def get_beside_injection(injection: Injection, *, mg: int, was_mg: int, at: datetime) -> BesideInjection:
    """Return what may_say_of_injection asks of all that surrounds an injection. The person is locked by now."""
    session = injection.session_id
    others = Injection.every.filter(session=session).exclude(id=injection.id)
    papers = PaperLine.objects.filter(session=session)
    return BesideInjection(
        is_alone=not others.exists() and not papers.exists(),
        is_drawn=get_open_draw(patient_id=injection.patient_id) is not None,
        over=_over(injection, mg - was_mg, at=at) if mg > was_mg else "",
    )


def _over(injection: Injection, more_mg: int, *, at: datetime) -> str:
    """Name the limit of the day or of the twenty hours that a total would pass with more; empty where none."""
    drawn_at = injection.preparation.prepared_at if injection.preparation else injection.started_at
    day = PatientDay.objects.filter(patient_id=injection.patient_id, on=london_date(drawn_at)).first()
    if day is not None and day.authorised_mg + more_mg > day.maximum_mg:
        return f"the most of the day, {day.maximum_mg} mg,"
    protocol = as_rules_read_it(get_protocol_in_force(clinic_id=injection.session.clinic_id, at=at))
    begun = injection.started_at.astimezone(UTC)
    near = [
        (started_at.astimezone(UTC), mg)
        for started_at, mg in Injection.objects.filter(
            patient_id=injection.patient_id,
            started_at__gt=begun - ROLLING_WINDOW,
            started_at__lt=begun + ROLLING_WINDOW,
        ).values_list("started_at", most_mg())
    ]
    # Every twenty hours that end with a dose and hold this one.
    totals = [
        more_mg + sum(mg for started_at, mg in near if until - ROLLING_WINDOW < started_at <= until)
        for until, _ in near
        if begun <= until < begun + ROLLING_WINDOW
    ]
    if protocol is not None and max(totals, default=0) > protocol.daily_block_mg:
        return f"the most of any 20 hours, {protocol.daily_block_mg} mg,"
    return ""
