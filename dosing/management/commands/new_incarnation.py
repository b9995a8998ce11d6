"""./hat manage new_incarnation: a database that was restored begins a new life, with a reason and by two people."""

from __future__ import annotations

import uuid
from getpass import getpass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dosing.actions.checkpoints import IncarnationRefused, start_incarnation
from dosing.queries.verification import read_checkpoints, sort_by_signature
from dosing.rules.checkpoints import SignedCheckpoint
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.queries import get_user_by_email, list_standing_terminals
from hat_clinic.core.clock import now
from hat_clinic.core.kept import KeptUnreadable
from hat_clinic.core.signing import SigningKeyMissing, known_keys


class Command(BaseCommand):
    help = (
        "After a restore from a backup: store why, by which two people, and where every register stands now, signed. "
        "Each of the two types their own PIN. Verify first (verify_register --checkpoint ...), and write what is "
        "missing again from paper afterwards."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--by", required=True, metavar="EMAIL", help="the controlled-drug lead or manager"
        )
        parser.add_argument("--second", required=True, metavar="EMAIL", help="another one, who confirms")
        parser.add_argument("--reason", required=True, help="why, and from when the backup was")
        parser.add_argument(
            "--terminal",
            required=True,
            metavar="NAME",
            help="the name or id of a treatment-room terminal: wrong PINs are counted at it",
        )
        parser.add_argument(
            "--checkpoint",
            type=Path,
            metavar="FILE",
            help="checkpoints kept elsewhere; without it CHECKPOINT_FOLDER, where that is set",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        by, second = get_user_by_email(options["by"]), get_user_by_email(options["second"])
        if by is None or second is None:
            nobody = options["by"] if by is None else options["second"]
            raise CommandError(f"Nobody with an open account has the address {nobody}.")
        terminal_id = _find_terminal(options["terminal"])
        try:
            kept = self._read(options["checkpoint"])
            row = start_incarnation(
                reason=options["reason"],
                second=second,
                pin=getpass(f"PIN of {by.full_name}: "),
                second_pin=getpass(f"PIN of {second.full_name}: "),
                terminal_id=terminal_id,
                kept=kept,
                by=by,
                at=now(),
            )
        except (IncarnationRefused, PinRefused, SigningKeyMissing, KeptUnreadable) as problem:
            raise CommandError(f"No new incarnation was started. {problem}") from problem
        self.stdout.write(f"Incarnation {row.number} began, by {by.full_name} and {second.full_name}.")
        for line_id, seq, _digest in row.lost:
            self.stdout.write(
                f"LOST: register {line_id} had lines up to {seq} before. Write what is missing from paper, marked late."
            )

    def _read(self, path: Path | None) -> list[SignedCheckpoint]:
        """Return what is kept elsewhere, and say what of it was left out because it cannot be trusted."""
        if path is None and settings.CHECKPOINT_FOLDER:
            path = Path(settings.CHECKPOINT_FOLDER)
        if path is None:
            self.stdout.write("No checkpoint kept elsewhere was given: nothing is known of what was lost.")
            return []
        kept, unread = read_checkpoints(path)
        for sentence in (*unread, *sort_by_signature(kept, known_keys())[1]):
            self.stdout.write(f"NOT COUNTED: {sentence}")
        return kept


def _find_terminal(typed: str) -> uuid.UUID:
    standing = list_standing_terminals()
    found = [one for one in standing if typed.strip() in (one.name, str(one.id))]
    if len(found) != 1:
        known = "\n".join(f"  {one.id}  {one.clinic.code} {one.name}" for one in standing)
        raise CommandError(f"Name one terminal, by its id. Those that stand are:\n{known or '  none'}")
    return found[0].id
