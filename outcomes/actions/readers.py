"""Writing which editions a class of readers is given, and approving what another wrote."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import ReaderEditions, ReaderEditionsApproval
from outcomes.rules.readers import EditionsSaid, may_approve_editions, may_write_editions


class ReadersRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


class ReadersKeyReused(Exception):
    """The same key came with other answers: nothing was stored."""


def write_reader_editions(
    *, clinic: Clinic, said: EditionsSaid, key: uuid.UUID, by: User, at: datetime
) -> ReaderEditions:
    """Write which editions a class reads from a day on, once; nobody reads more until somebody else approves it.

    Raises ReadersRefused with every reason (the refusal is in the trail), and ReadersKeyReused.
    """

    def work() -> ReaderEditions | Decision:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        fields = {
            "clinic_id": clinic.pk,
            "reader": said.reader.value,
            "from_day": said.from_day,
            "has_restricted": said.has_restricted,
            "has_justice": said.has_justice,
            "source": said.source.strip(),
            "written_by_id": by.pk,
        }
        if stored := ReaderEditions.objects.filter(key=key).first():
            if any(getattr(stored, name) != value for name, value in fields.items()):
                raise ReadersKeyReused(
                    "This form was sent before with other answers. Open a new one and write it there."
                )
            return stored
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "reader": said.reader.value}
        decision = may_write_editions(said, today=london_date(at))
        if not decision.is_allowed:
            record("outcomes.reader_editions_written", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        line = ReaderEditions.objects.create(key=key, written_at=at, **fields)
        record(
            "outcomes.reader_editions_written",
            thing=line,
            editions=sorted(edition.value for edition in said.editions),
            **trail,
        )
        return line

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise ReadersRefused(answer)
    return answer


def approve_reader_editions(
    *, clinic: Clinic, line: uuid.UUID, is_confirmed: bool, by: User, at: datetime
) -> ReaderEditionsApproval:
    """Approve what somebody else wrote, on its first day at the latest; sent again by the same, it changes nothing.

    Raises ReadersRefused (in the trail), and ReaderEditions.DoesNotExist for a line of another clinic.
    """

    def work() -> ReaderEditionsApproval | Decision:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        written = ReaderEditions.objects.get(pk=line, clinic=clinic)
        stored = ReaderEditionsApproval.objects.filter(editions=written).first()
        if stored is not None and stored.approved_by_id == by.pk:
            return stored
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "reader": written.reader}
        decision = may_approve_editions(
            from_day=written.from_day,
            today=london_date(at),
            is_own=written.written_by_id == by.pk,
            is_approved=stored is not None,
            is_confirmed=is_confirmed,
        )
        if not decision.is_allowed:
            record("outcomes.reader_editions_approved", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        approval = ReaderEditionsApproval.objects.create(editions=written, approved_at=at, approved_by=by)
        record("outcomes.reader_editions_approved", thing=written, **trail)
        return approval

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise ReadersRefused(answer)
    return answer
