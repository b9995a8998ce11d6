"""./hat manage verify_register: is every ledger what was written?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dosing.queries.register import list_registers, verify_register

TAMPERED = 1
CANNOT_TELL = 2


class Command(BaseCommand):
    """Exit 0: every ledger is whole. 1: one is not, and the first bad line is named. 2: it cannot be told."""

    help = (
        "Compare every register line with its hash, the line before it and its balance, and the last line "
        "with the head of the register. Exit 0 intact, 1 tampered, 2 cannot tell."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            verdicts = [(line, verify_register(line.id)) for line in list_registers()]
        except Exception as problem:
            # Whatever went wrong while reading, it is no proof of tampering and none of wholeness.
            raise CommandError(
                f"Cannot tell: the register could not be read ({type(problem).__name__}). Look whether the "
                "database is running and migrated, then run this again.",
                returncode=CANNOT_TELL,
            ) from problem
        for line, verdict in verdicts:
            head = f"{line.clinic_code} {line.title}"
            if verdict.ok:
                self.stdout.write(f"{head}: whole, {verdict.count} line{'' if verdict.count == 1 else 's'}.")
            else:
                self.stdout.write(f"{head}: TAMPERED at line {verdict.first_bad_seq}: {verdict.reason}.")
        if not verdicts:
            self.stdout.write("No register is open: there is nothing to verify.")
        self.stdout.write(
            "Compared without a checkpoint kept elsewhere: a whole register made anew by the owner of the "
            "database would not be seen."
        )
        bad = sum(not verdict.ok for _line, verdict in verdicts)
        if bad:
            raise CommandError(f"{bad} of {len(verdicts)} registers are not whole.", returncode=TAMPERED)
