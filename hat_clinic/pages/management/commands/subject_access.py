"""Write out everything held about one person: a page to read, the same as data, and the pictures."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.pages.queries.subject_access import (
    find_asker,
    fingerprint_of,
    get_held,
    is_known,
    write_bundle,
)
from patients.queries.harm_checks import get_handing_over


class Command(BaseCommand):
    """Makes one zip file. The file holds a whole record in clear: keep it where the record itself may be kept."""

    help = "Export everything held about one person, by their id, for a privacy officer who is named."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="the person's id, as it stands in the address of their page")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="the privacy officer who asks")
        parser.add_argument(
            "--to", required=True, type=Path, metavar="FILE.zip", help="a file that is not there yet"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            person_id = uuid.UUID(options["person"])
        except ValueError as problem:
            raise CommandError("That is no id.") from problem
        at, target = now(), options["to"]
        by = find_asker(email=options["by"], person_id=person_id, at=at)
        if not is_known(person_id) or by is None:
            raise CommandError(
                "Nothing was exported: no privacy officer of that address works where they are known."
            )
        if target.exists():
            raise CommandError("Nothing was exported: the file is there already.")
        with transaction.atomic():
            # Written before the file: what cannot be recorded is not handed out.
            kept = transaction.savepoint()
            record("pages.record_exported", by=by, at=at, person=person_id)
            held = get_held(person_id=person_id, at=at)
            signed = get_handing_over(person_id=person_id, held=fingerprint_of(held), by=by, at=at)
            refusals = signed.decision.refusals
            if refusals:
                transaction.savepoint_rollback(kept)
                codes = [finding.code for finding in refusals]
                record("pages.record_exported", by=by, at=at, person=person_id, refused=True, codes=codes)
        if refusals:
            raise CommandError(f"Nothing was exported. {' '.join(one.message for one in refusals)}")
        write_bundle(held, target)
        if signed.kept_back:
            self.stdout.write(f"The clinician asks to keep back before it is handed over: {signed.kept_back}")
        self.stdout.write(f"{held.count} rows of {len(held.tables)} tables are in the file.")
