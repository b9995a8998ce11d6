"""./hat manage export_register: one ledger as a file that anybody can verify with the stand-alone verifier."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dosing.actions.checkpoints import record_export
from dosing.queries.chain import read_lines
from dosing.queries.checkpoints import get_incarnation, list_incarnations, text_of
from dosing.queries.register import find_register, list_registers, name_line
from dosing.rules.chain import exported
from dosing.rules.checkpoints import INCARNATION_VERSION
from dosing.rules.register import fixed_time
from hat_clinic.accounts.queries import get_user_by_email
from hat_clinic.core.clock import now

FORMAT = "hat-register-export/1"


class Command(BaseCommand):
    help = (
        "Write one ledger as JSON lines: a head, one line for each incarnation, and every register line as it is "
        "hashed. Names and addresses are left out; their salted commitment stands in their place."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file to write; it must not be there yet")
        parser.add_argument("--line", required=True, help="the id of the ledger; a wrong one lists them all")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="who takes the copy; it is recorded")

    def handle(self, *args: Any, **options: Any) -> None:
        line, by, at = find_register(options["line"]), get_user_by_email(options["by"]), now()
        if line is None:
            known = "\n".join(f"  {one.id}  {one.clinic_code} {one.title}" for one in list_registers())
            raise CommandError(
                f"There is no register {options['line']}. Those here are:\n{known or '  none'}"
            )
        if by is None or not by.is_active or by.is_service:
            raise CommandError(f"Nobody with an open account has the address {options['by']}.")
        head = {
            "version": FORMAT,
            "origin": line.premises.clinic.code,
            "incarnation": get_incarnation(),
            "line": str(line.id),
            "title": name_line(line).title,
            "exported_at": fixed_time(at),
        }
        lives = [
            {
                "version": INCARNATION_VERSION,
                "text": text_of(row).decode(),
                "key": row.key,
                "signature": row.signature,
            }
            for row in list_incarnations()
        ]
        count = 0
        try:
            with options["file"].open("x", encoding="utf-8") as file:
                for told in (head, *lives):
                    file.write(json.dumps(told) + "\n")
                for entry in exported(read_lines(line.id)):
                    file.write(json.dumps(entry) + "\n")
                    count += 1
        except OSError as problem:
            raise CommandError(
                f"{options['file']} cannot be written ({type(problem).__name__})."
            ) from problem
        record_export(line=line, lines=count, by=by, at=at)
        self.stdout.write(f"{count} lines of {head['title']} written to {options['file']}.")
