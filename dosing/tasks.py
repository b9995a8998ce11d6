"""Jobs of the worker: a checkpoint within the minute, verification by night, packs for paper. Thin."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.db import DatabaseError

from dosing.actions.checkpoints import SIGNER, make_checkpoints, store_verification
from dosing.actions.downtime import MAKER, make_downtime_pack
from dosing.queries.checkpoints import has_checkpoints, list_checkpoints
from dosing.queries.downtime import as_newest, get_changed_at, get_newest_pack, get_pack_session
from dosing.queries.verification import read_checkpoints, verify_registers
from dosing.rules.checkpoints import as_kept
from dosing.rules.downtime import is_pack_due
from hat_clinic.accounts.actions import get_program
from hat_clinic.accounts.queries import list_clinics
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.kept import append_missing

VERIFIER = "register verifier"
# What a folder that was away for a while is given later.
COPIED_AGAIN = timedelta(days=2)


@shared_task
def sign_checkpoints() -> int:
    """Sign a checkpoint of every ledger that changed, and copy it elsewhere. Returns how many were signed."""
    at = now()
    made = make_checkpoints(by=get_program(name=SIGNER, at=at), at=at)
    copy_checkpoints(at=at)
    return made


def copy_checkpoints(*, at: datetime) -> int:
    """Add what the folder that lies elsewhere has not, one file a day; nothing where no folder is named."""
    if not settings.CHECKPOINT_FOLDER:
        return 0
    folder = Path(settings.CHECKPOINT_FOLDER)
    days: dict[date, list[str]] = {}
    for one in list_checkpoints(since=at - COPIED_AGAIN):
        days.setdefault(london_date(one.said.made_at), []).append(as_kept(one))
    return sum(
        append_missing(folder / f"checkpoints-{day.isoformat()}.jsonl", lines) for day, lines in days.items()
    )


@shared_task
def make_downtime_packs() -> int:
    """Make the paper pack of every clinic whose last grows old or was overtaken. Returns how many were made.

    One clinic's trouble does not keep another's pack from being made; it fails the job at the end.
    """
    at = now()
    made, problems = 0, []
    for clinic in list_clinics():
        try:
            session = get_pack_session(clinic=clinic, at=at)
            newest = as_newest(get_newest_pack(clinic=clinic))
            changed_at = get_changed_at(clinic=clinic)
            if session is not None and is_pack_due(session, newest, changed_at=changed_at, at=at):
                make_downtime_pack(clinic=clinic, by=get_program(name=MAKER, at=at), at=at)
                made += 1
        except (DatabaseError, OSError, ValueError) as problem:
            problems.append(problem)
    if problems:
        raise problems[0]
    return made


@shared_task
def verify_register() -> int:
    """Verify every ledger, with the checkpoints kept elsewhere, and store what was found.

    Returns how many are not whole. A folder that is missing, empty or cannot be read fails the job, and nothing is
    stored: the pages of the controlled-drug lead and the manager then say since when. Only while nothing was ever
    signed may it be empty.
    """
    folder = Path(settings.CHECKPOINT_FOLDER) if settings.CHECKPOINT_FOLDER else None
    must_be_there = folder is not None and (any(folder.glob("*.jsonl")) or has_checkpoints())
    kept, doubts = read_checkpoints(folder) if folder and must_be_there else ([], [])
    found = verify_registers(kept=kept, doubts=doubts)
    at = now()
    store_verification(found=found, by=get_program(name=VERIFIER, at=at), at=at)
    return found.bad
