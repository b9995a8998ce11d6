"""Telling readers by mail that a report was signed off: no figure, no person, one letter for a reader and a report."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.core.mail import EmailMessage
from django.db import IntegrityError, connection, transaction

from hat_clinic.accounts.models import User
from hat_clinic.audit.actions import record
from hat_clinic.core.transactions import take_time
from outcomes.models import NoticeLetter, ReportNotice
from outcomes.queries.notices import still_reads
from outcomes.rules.notices import Telling, letter

# A letter takes some ten exchanges with the server, and each may last EMAIL_TIMEOUT.
LONGEST_LETTER = "180s"


@transaction.atomic(durable=True)
def send_notice(*, notice: uuid.UUID, by: User, at: datetime) -> bool:
    """Send the letter of one notice; False when it was settled before, or the reader does not read that report now.

    False as well while another worker sends it: that one is not waited for. The row that says it was sent is written
    first, in the same transaction, and a mail server that refuses the letter takes it back. The transaction is kept open
    while a slow server answers: were it cut off, a letter that was taken would go out again each minute. A worker that
    dies after the server took the letter and before the row was stored sends it once more, and never loses it. What the
    mail server answers is raised.
    """
    if not _is_mine(notice):
        return False
    told = ReportNotice.objects.select_related("release__run__clinic", "reader")
    found = told.defer("release__run__figures", "release__run__segments").get(pk=notice)
    run = found.release.run
    is_needed = still_reads(user=found.reader, run=run, at=at)
    outcome = Telling.SENT if is_needed else Telling.NOT_NEEDED
    try:
        with transaction.atomic():
            settled = NoticeLetter.objects.create(notice=found, outcome=outcome.value, settled_at=at)
    except IntegrityError:
        return False
    record(
        "outcomes.notice_settled",
        by=by,
        at=at,
        clinic=run.clinic_id,
        thing=settled,
        reader=str(found.reader_id),
        run=str(run.pk),
        why=outcome.value,
    )
    if is_needed:
        subject, text = letter(clinic=run.clinic.name, month=run.month, is_again=run.replaces_id is not None)
        mark = {"Auto-Submitted": "auto-generated"}
        EmailMessage(subject, text, to=[found.reader.email], headers=mark).send()
    return is_needed


def _is_mine(notice: uuid.UUID) -> bool:
    """Take one notice for this transaction, and give it as long as a slow mail server needs; False if it is taken."""
    take_time(LONGEST_LETTER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"notice {notice}"])
        (is_mine,) = cursor.fetchone()
    return bool(is_mine)
