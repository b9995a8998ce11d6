"""Invented agreements of the reconstructed clinic with those outside who read its reports."""

from __future__ import annotations

import uuid
from datetime import datetime

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date
from outcomes.actions.readers import approve_reader_editions, write_reader_editions
from outcomes.models import ReaderEditions
from outcomes.rules.readers import EditionsSaid, Reader

# Who is given more than the public edition: the restricted one, the justice one, and by what invented paper.
AGREEMENTS = (
    (Reader.COMMISSIONER, True, True, "Grant agreement with Public Health South Tees (invented)"),
    (Reader.BOARD, True, True, "Decision of the programme's board (invented)"),
    (Reader.POLICE_COMMISSIONER, False, True, "Grant agreement with the police commissioner (invented)"),
    (Reader.PROBATION, False, True, "Agreement to share figures with probation (invented)"),
    (Reader.PRISON_GROUP, False, True, "Agreement to share figures with the prison group (invented)"),
    (Reader.EVALUATOR, True, True, "Contract with the university that evaluates (invented)"),
)


def agree_with_readers(*, clinic: Clinic, by: User, approver: User, at: datetime) -> None:
    """Let one write what each class of readers is given from today on and another approve it, once for each class."""
    today = london_date(at)
    for reader, has_restricted, has_justice, source in AGREEMENTS:
        if ReaderEditions.objects.filter(clinic=clinic, reader=reader.value, approval__isnull=False).exists():
            continue
        line = write_reader_editions(
            clinic=clinic,
            said=EditionsSaid(
                reader=reader,
                from_day=today,
                has_restricted=has_restricted,
                has_justice=has_justice,
                source=source,
            ),
            key=uuid.uuid4(),
            by=by,
            at=at,
        )
        approve_reader_editions(clinic=clinic, line=line.pk, is_confirmed=True, by=approver, at=at)
