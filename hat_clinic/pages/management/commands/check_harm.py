"""Let a clinician read everything held about one person, and sign that handing it over does nobody serious harm."""

from __future__ import annotations

import uuid
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.pages.queries.subject_access import (
    find_asker,
    fingerprint_of,
    get_held,
    is_known,
    write_bundle,
)
from patients.actions.harm_checks import HarmCheckRefused, sign_harm_check
from patients.rules.harm_checks import LONGEST_WORDS

CLINICIANS = (Role.DOCTOR, Role.CLINICAL_LEAD)


class Command(BaseCommand):
    """First --read writes the record and tells its fingerprint; then --sign takes that, and the clinician's password."""

    help = "Read everything held about one person before it is handed over, then sign for exactly that."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="the person's id, as it stands in the address of their page")
        parser.add_argument(
            "--by", required=True, metavar="EMAIL", help="the doctor or clinical lead who reads"
        )
        act = parser.add_mutually_exclusive_group(required=True)
        act.add_argument("--read", type=Path, metavar="FILE.zip", help="a file that is not there yet")
        act.add_argument("--sign", metavar="FINGERPRINT", help="of what was read")
        parser.add_argument(
            "--keep-back", default="", metavar="WORDS", help="what is to be taken out, and why"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            person_id = uuid.UUID(options["person"])
        except ValueError as problem:
            raise CommandError("That is no id.") from problem
        at = now()
        by = find_asker(email=options["by"], person_id=person_id, at=at, roles=CLINICIANS)
        if not is_known(person_id) or by is None:
            raise CommandError("No doctor or clinical lead of that address works where they are known.")
        if len(options["keep_back"]) > LONGEST_WORDS:
            raise CommandError(f"Say what is kept back in at most {LONGEST_WORDS} letters.")
        target = options["read"]
        if target is not None:
            if target.exists():
                raise CommandError("Nothing was written: the file is there already.")
            record("pages.record_read_before_export", by=by, at=at, person=person_id)
            held = get_held(person_id=person_id, at=at)
            write_bundle(held, target)
            self.stdout.write(f"Read the file, then sign for it: --sign {fingerprint_of(held)}")
            return
        try:
            sign_harm_check(
                person_id=person_id,
                read=options["sign"],
                held=fingerprint_of(get_held(person_id=person_id, at=at)),
                kept_back=options["keep_back"].strip(),
                password=getpass(f"Password of {by.full_name}: "),
                by=by,
                at=at,
            )
        except HarmCheckRefused as refusal:
            raise CommandError(f"Nothing was signed. {refusal}") from refusal
        self.stdout.write("Signed. It stands for 30 days, and until something else is written in the record.")
