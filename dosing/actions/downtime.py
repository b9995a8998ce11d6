"""Making packs on paper. Nothing here is on the dosing path: no dose waits for a pack."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from dosing.models import DowntimeFile, DowntimePack
from dosing.queries.downtime import (
    DowntimeSheet,
    get_downtime_sheet,
    print_downtime_pack,
)
from dosing.rules.downtime import FILES_KEPT
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record, record_look

MADE = "dosing.downtime_pack_made"
SEEN = "dosing.downtime_pack_seen"
# The program that makes packs, for the worker.
MAKER = "paper pack maker"


class NoSessions(Exception):
    """The clinic holds no sessions, so there is nothing a pack could be for."""


def make_downtime_pack(*, clinic: Clinic, by: User, at: datetime) -> DowntimePack:
    """Make a pack of the session that is open or comes next, straight from the database, and keep its file.

    The number comes first, in a transaction of its own, because it stands on every line; no transaction stands open
    while the file is made. Raises NoSessions. Source: clinical rule 46.
    """
    sheet = get_downtime_sheet(clinic=clinic, maker=by, at=at)
    if sheet is None:
        raise NoSessions
    with transaction.atomic(durable=True):
        pack = _number(sheet, clinic=clinic, by=by, at=at)
    content = print_downtime_pack(sheet, pack=pack)
    with transaction.atomic(durable=True):
        DowntimeFile.objects.create(pack=pack, pdf=content, sha256=hashlib.sha256(content).hexdigest())
        emptied = _empty_older(pack, by=by, at=at)
        record(MADE, by=by, at=at, clinic=clinic.id, thing=pack, people=len(sheet.people), emptied=emptied)
    return pack


def _number(sheet: DowntimeSheet, *, clinic: Clinic, by: User, at: datetime) -> DowntimePack:
    """Add the row of a pack under the clinic's next number. Runs in the caller's transaction."""
    # Not the whole row: acts of the room that point at the clinic do not wait.
    Clinic.objects.select_for_update(no_key=True).get(id=clinic.id)
    last = DowntimePack.objects.filter(clinic=clinic).aggregate(last=Max("number"))["last"]
    return DowntimePack.objects.create(
        clinic=clinic,
        number=(last or 0) + 1,
        service_date=sheet.key.service_date,
        slot=sheet.key.slot,
        people=list(sheet.people),
        made_at=at,
        made_by=by,
    )


def _empty_older(pack: DowntimePack, *, by: User, at: datetime) -> int:
    """Empty the files of a session but the newest three, and those of sessions before. In the caller's transaction."""
    whole = DowntimeFile.objects.filter(pack__clinic=pack.clinic_id, emptied_at__isnull=True)
    same = whole.filter(pack__service_date=pack.service_date, pack__slot=pack.slot)
    kept = list(same.order_by("-pack__number").values_list("pk", flat=True)[:FILES_KEPT])
    # Not one that was made meanwhile: a slow print ends after the next session's pack.
    older = whole.filter(pack__number__lt=pack.number)
    return older.exclude(pk__in=kept).update(pdf=b"", emptied_at=at, emptied_by=by)


def record_downtime_print(*, pack: DowntimePack, people: Sequence[uuid.UUID], by: User, at: datetime) -> None:
    """Record that somebody took a pack out of the program: one look for each person on it, before it leaves."""
    with transaction.atomic(durable=True):
        detail = {"pack": str(pack.id)}
        record_look(SEEN, by=by, at=at, clinic=pack.clinic_id, people=people, detail=detail)
