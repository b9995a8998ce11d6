"""./hat manage new_incarnation: a database that was restored begins a new life, with a reason and by two people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dosing.actions.checkpoints import IncarnationRefused, start_incarnation
from dosing.queries.verification import read_checkpoints
from hat_clinic.accounts.queries import get_user_by_email
from hat_clinic.core.clock import now
from hat_clinic.core.kept import KeptUnreadable
from hat_clinic.core.signing import SigningKeyMissing


class Command(BaseCommand):
    help = (
        "After a restore from a backup: store why, by which two people, and where every register stands now, signed. "
        "Verify first (verify_register --checkpoint ...), and write what is missing again from paper afterwards."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--by", required=True, metavar="EMAIL", help="the controlled-drug lead or manager"
        )
        parser.add_argument("--second", required=True, metavar="EMAIL", help="another one, who confirms")
        parser.add_argument("--reason", required=True, help="why, and from when the backup was")
        parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="checkpoints kept elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        by, second = get_user_by_email(options["by"]), get_user_by_email(options["second"])
        if by is None or second is None:
            nobody = options["by"] if by is None else options["second"]
            raise CommandError(f"Nobody with an open account has the address {nobody}.")
        try:
            kept = read_checkpoints(options["checkpoint"])[0] if options["checkpoint"] else []
            row = start_incarnation(reason=options["reason"], second=second, kept=kept, by=by, at=now())
        except (IncarnationRefused, SigningKeyMissing, KeptUnreadable) as problem:
            raise CommandError(f"No new incarnation was started. {problem}") from problem
        self.stdout.write(f"Incarnation {row.number} began, by {by.full_name} and {second.full_name}.")
        for line_id, seq, _digest in row.lost:
            self.stdout.write(
                f"LOST: register {line_id} had lines up to {seq} before. Write what is missing from paper, marked late."
            )
