"""./hat manage verify_register: is every ledger what was written, and what its checkpoints tell?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dosing.queries.verification import LineVerdict, RegisterVerdict, read_checkpoints, verify_registers
from dosing.rules.checkpoints import SignedCheckpoint
from hat_clinic.core.clock import LONDON
from hat_clinic.core.kept import KeptUnreadable

TAMPERED = 1
CANNOT_TELL = 2


class Command(BaseCommand):
    """Exit 0: every ledger is whole. 1: one is not, and the first bad line is named. 2: it cannot be told."""

    help = (
        "Compare every register line with its hash, the line before it and its balance, the last line with the head "
        "of the register, and all with the signed checkpoints: those of this database, and with --checkpoint those "
        "kept elsewhere. Exit 0 intact, 1 tampered, 2 cannot tell."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--checkpoint",
            type=Path,
            metavar="FILE",
            help="checkpoints that were kept elsewhere: a file of JSON lines, or a folder of such files",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            kept, doubts = read_checkpoints(options["checkpoint"]) if options["checkpoint"] else ([], [])
            found = verify_registers(kept=kept, doubts=doubts)
        except KeptUnreadable as problem:
            raise CommandError(f"Cannot tell: {problem}", returncode=CANNOT_TELL) from problem
        except Exception as problem:
            # Whatever went wrong while reading, it is no proof of tampering and none of wholeness.
            raise CommandError(
                f"Cannot tell: the register could not be read ({type(problem).__name__}). Look whether the "
                "database is running and migrated, then run this again.",
                returncode=CANNOT_TELL,
            ) from problem
        self._tell(found, kept)
        if found.bad:
            total = len(found.lines) + len(found.vanished)
            raise CommandError(f"{found.bad} of {total} registers are not whole.", returncode=TAMPERED)
        if found.every_doubt:
            raise CommandError("\n".join(["Cannot tell:", *found.every_doubt]), returncode=CANNOT_TELL)

    def _tell(self, found: RegisterVerdict, kept: list[SignedCheckpoint]) -> None:
        for one in found.lines:
            self.stdout.write(f"{one.line.clinic_code} {one.line.title}: {_in_words(one)}")
        for sentence in found.vanished:
            self.stdout.write(f"TAMPERED: {sentence}.")
        if not found.lines:
            self.stdout.write("No register is open: there is nothing to verify.")
        for row in found.incarnations:
            self.stdout.write(
                f"RESTORED: incarnation {row.number} began {row.started_at.astimezone(LONDON):%d/%m/%Y %H:%M}, by "
                f"{row.started_by.full_name} and {row.confirmed_by.full_name}: {row.reason}"
            )
        if kept:
            self.stdout.write(f"Compared with {len(kept)} checkpoints kept elsewhere.")
        else:
            self.stdout.write(
                "Compared without a checkpoint kept elsewhere: a whole register made anew by the owner of the "
                "database, checkpoints taken away, would not be seen."
            )


def _in_words(one: LineVerdict) -> str:
    if not one.verdict.ok:
        return f"TAMPERED at line {one.verdict.first_bad_seq}: {one.verdict.reason}."
    lines = f"{one.verdict.count} line{'' if one.verdict.count == 1 else 's'}"
    lost = f"; {one.lost} checkpoints tell of lines that a restore lost" if one.lost else ""
    return f"whole, {lines}. Agrees with {one.compared} signed checkpoints{lost}."
