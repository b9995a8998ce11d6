"""Jobs of the worker: reports on schedule and on demand, and the days of urine samples. Thin; codes and ids go in,
nothing about a person.

Every report that is wanted is a row first (ReportRequest), so that a broker or a worker that dies delays it
and loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from uuid import UUID

from celery import chord, shared_task
from django.db import DatabaseError

from hat_clinic.accounts.actions import get_program
from hat_clinic.accounts.queries import list_clinics
from hat_clinic.core.clock import london_date, now
from outcomes.actions.evaluation.build import ReportRefused, build_report, print_report
from outcomes.actions.networks import freeze_rollup, take_part
from outcomes.actions.notices import send_notice
from outcomes.actions.reports import (
    finish_request,
    note_printing,
    put_off_request,
    schedule_report,
    start_request,
)
from outcomes.actions.rollup_failures import put_off_rollup
from outcomes.actions.urine import draw_urine_days
from outcomes.queries.evaluation.runs import list_clinics_open_before
from outcomes.queries.notices import list_waiting_notices
from outcomes.queries.rollup_failures import list_due_rollups
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.schedule import CATCH_UP, list_due

PROGRAM = "report builder"
POST = "report post"
DRAWER = "urine day drawer"
FAILED = "The program failed while building it. The log of the worker says why."


@shared_task(acks_late=True)
def build_last_month() -> int:
    """Ask for the month that has just ended for every clinic open in it, and build. Returns how many."""
    _ask_for_due(months=1)
    return build_requested_reports()


@shared_task(acks_late=True)
def build_missed_months() -> int:
    """Ask for what the schedule missed in the last months, while nobody beat or no worker was there, and build."""
    _ask_for_due(months=CATCH_UP)
    return build_requested_reports()


def _ask_for_due(*, months: int) -> None:
    at = now()
    program, today = get_program(name=PROGRAM, at=at), london_date(at)
    for clinic in list_clinics_open_before(day=today):
        for month, edition in list_due(opened_on=clinic.opened_on, today=today, months=months):
            schedule_report(clinic=clinic, month=month, edition=edition, by=program, at=at)


@shared_task(acks_late=True)
def build_requested_reports() -> int:
    """Build and print every report that is asked for, oldest asking first. Returns how many were worked off.

    A reason against a report is stored with the asking, in one sentence. After a failure of the program it is tried
    again, later each time; nothing that is half done is shown to anybody outside, because only a printed report is
    signed off.
    """
    program, done = get_program(name=PROGRAM, at=now()), 0
    while request := start_request(by=program, at=now()):
        run, failure, is_over = None, FAILED, False
        try:
            run = build_report(
                clinic=request.clinic_id,
                month=request.month,
                edition=Edition(request.edition),
                reason=request.reason,
                asked_at=request.requested_at,
                by=request.requested_by,
                at=now(),
            )
            note_printing(request=request, by=program, at=now())
            print_report(run=run.id, by=request.requested_by, at=now())
            failure, is_over = "", True
        except ReportRefused as refused:
            failure, is_over = str(refused), True
        finally:
            if is_over:
                finish_request(
                    request=request, run=None if failure else run, failure=failure, by=program, at=now()
                )
            else:
                put_off_request(request=request, failure=failure, by=program, at=now())
        done += 1
    return done


@shared_task(acks_late=True)
def build_requested_rollups() -> int:
    """Begin to put together what is asked for of groups of clinics. Returns how many were begun.

    A job for each clinic, and one after all of them. Only ids travel; what a job found is a row. One that is begun
    twice, or delivered twice, stores nothing new. One job that fails lets the one after all of them not begin: why is
    stored, and the whole is tried again, later each time.
    """
    waiting = list_due_rollups(at=now())
    for request, clinics in waiting:
        chord(take_rollup_part.s(str(request), str(clinic)) for clinic in clinics)(
            finish_rollup.si(str(request))
        )
    return len(waiting)


@shared_task(acks_late=True, ignore_result=False)
def take_rollup_part(request: str, clinic: str) -> None:
    """Take the frozen figures of one clinic for a group."""
    with _put_off_on_failure(request, clinic=UUID(clinic)):
        at = now()
        take_part(request=UUID(request), clinic=UUID(clinic), by=get_program(name=PROGRAM, at=at), at=at)


@shared_task(acks_late=True)
def finish_rollup(request: str) -> None:
    """Put the parts together and freeze them."""
    with _put_off_on_failure(request, clinic=None):
        at = now()
        freeze_rollup(request=UUID(request), by=get_program(name=PROGRAM, at=at), at=at)


@contextmanager
def _put_off_on_failure(request: str, *, clinic: UUID | None) -> Iterator[None]:
    """Store that what happens inside failed, for whoever waits for it; the failure goes on to the log."""
    is_done = False
    try:
        yield
        is_done = True
    finally:
        if not is_done:
            at = now()
            program = get_program(name=PROGRAM, at=at)
            put_off_rollup(request=UUID(request), clinic=clinic, by=program, at=at)


@shared_task(acks_late=True)
def send_notices() -> int:
    """Tell by mail who has a new report to read. Returns how many letters were sent.

    A letter that the mail server refuses keeps no other back; a mail server that does not answer ends the round. Both
    fail the job at its end, what was not sent waits as a row, and the next round in a minute tries it again.
    """
    at = now()
    program, sent = get_program(name=POST, at=at), 0
    problems = list[Exception]()
    for notice in list_waiting_notices(at=at):
        try:
            sent += send_notice(notice=notice, by=program, at=now())
        except (SMTPRecipientsRefused, SMTPDataError) as problem:
            problems.append(problem)
        except (OSError, SMTPException) as problem:
            problems.append(problem)
            break
    if problems:
        raise problems[0]
    return sent


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
