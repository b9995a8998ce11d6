"""Jobs of the worker: reports on schedule and on demand, and the days of urine samples. Thin; codes and ids go in,
nothing about a person.

Every report that is wanted is a row first (ReportRequest), so that a broker or a worker that dies delays it
and loses nothing.
"""

from __future__ import annotations

from celery import shared_task
from django.db import DatabaseError

from hat_clinic.accounts.actions import get_program
from hat_clinic.accounts.queries import list_clinics
from hat_clinic.core.clock import london_date, now
from outcomes.actions.evaluation.build import ReportRefused, build_report, print_report
from outcomes.actions.reports import finish_request, request_report, start_request
from outcomes.actions.urine import draw_urine_days
from outcomes.queries.evaluation.runs import list_clinics_open_before
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.indicators import last_month, next_month

PROGRAM = "report builder"
DRAWER = "urine day drawer"
FAILED = "The program failed while building it. The log of the worker says why; ask for it again when that is mended."


@shared_task(acks_late=True)
def build_last_month() -> int:
    """Ask for the month that has just ended for every clinic open in it, and build. Returns how many."""
    at = now()
    program, month = get_program(name=PROGRAM, at=at), last_month(london_date(at))
    for clinic in list_clinics_open_before(day=next_month(month)):
        request_report(clinic=clinic, month=month, edition=Edition.RESTRICTED, by=program, at=at)
    return build_requested_reports()


@shared_task(acks_late=True)
def build_requested_reports() -> int:
    """Build and print every report that is asked for, oldest asking first. Returns how many were worked off.

    A reason against a report, or a failure of the program, is stored with the asking, in one sentence.
    """
    program, done = get_program(name=PROGRAM, at=now()), 0
    while request := start_request(by=program, at=now()):
        run, failure = None, FAILED
        try:
            run = build_report(
                clinic=request.clinic_id,
                month=request.month,
                edition=Edition(request.edition),
                by=request.requested_by,
                at=now(),
            )
            print_report(run=run.id, by=request.requested_by, at=now())
            failure = ""
        except ReportRefused as refused:
            failure = str(refused)
        finally:
            finish_request(
                request=request, run=None if failure else run, failure=failure, by=program, at=now()
            )
        done += 1
    return done


@shared_task(acks_late=True)
def draw_days() -> int:
    """Draw the day of a urine sample for everybody who has none in their week. Returns how many were drawn.

    Runs every night: each person's week of treatment begins on a day of its own, and a night that was missed is made
    up for. One clinic's trouble does not keep the others' days from being drawn; it fails the job at the end, and
    the clinic's own list of samples says how many people have no day.
    """
    at = now()
    program = get_program(name=DRAWER, at=at)
    drawn, problems = 0, list[Exception]()
    for clinic in list_clinics():
        try:
            drawn += draw_urine_days(clinic=clinic, by=program, at=at)
        except (DatabaseError, OSError, ValueError) as problem:
            problems.append(problem)
    if problems:
        raise problems[0]
    return drawn
