"""Write out everything held about one person: a page to read, the same as data, and the pictures."""

from __future__ import annotations

import json
import uuid
import zipfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.printing import static_file
from hat_clinic.pages.queries.subject_access import as_json, as_page, find_asker, get_held, is_known


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
            record("pages.record_exported", by=by, at=at, person=person_id)
            held = get_held(person_id=person_id, at=at)
        target.touch(mode=0o600, exist_ok=False)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr("read-me-first.html", as_page(held))
            bundle.writestr("export.css", static_file("hat/export.css").read_bytes())
            bundle.writestr("record.json", json.dumps(as_json(held), indent=1, ensure_ascii=False))
            for name, content in sorted(held.files.items()):
                bundle.writestr(f"pictures/{name}", content)
        self.stdout.write(f"{held.count} rows of {len(held.tables)} tables are in the file.")
