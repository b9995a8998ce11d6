"""Jobs of the worker: reports on demand and on schedule. Thin; ids go in, nothing about a person."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from celery import shared_task

from hat_clinic.accounts.actions import get_program
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import london_date, now
from outcomes.actions.evaluation.build import build_report, print_report
from outcomes.queries.evaluation.runs import list_clinics_open_before
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.indicators import last_month, next_month

PROGRAM = "report schedule"


@shared_task(name="outcomes.build_and_print_report", acks_late=True)
def build_and_print_report(clinic: str, month: str, edition: str, by: str) -> str:
    """Build and print the report somebody asked for; asked twice, it is made once. Returns the run's id."""
    user = User.objects.get(pk=UUID(by))
    run = build_report(
        clinic=UUID(clinic), month=date.fromisoformat(month), edition=Edition(edition), by=user, at=now()
    )
    print_report(run=run.id, by=user, at=now())
    return str(run.id)


@shared_task(name="outcomes.build_last_month", acks_late=True)
def build_last_month() -> int:
    """Ask for the month that has just ended, for every clinic that was open in it. Returns how many."""
    at = now()
    program = get_program(name=PROGRAM, at=at)
    month = last_month(london_date(at))
    clinics = list_clinics_open_before(day=next_month(month))
    for clinic in clinics:
        build_and_print_report.delay(
            str(clinic), month.isoformat(), Edition.RESTRICTED.value, str(program.id)
        )
    return len(clinics)
