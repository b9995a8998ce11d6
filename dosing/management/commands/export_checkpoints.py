"""./hat manage export_checkpoints: every signed checkpoint, to be kept elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dosing.queries.checkpoints import list_checkpoints
from dosing.rules.checkpoints import as_kept
from hat_clinic.core.kept import append_missing


class Command(BaseCommand):
    help = (
        "Write every signed checkpoint as a line of JSON to a file. Lines that the file has stay and are not written "
        "again. Nobody's name is in them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file to write or to add to")

    def handle(self, *args: Any, **options: Any) -> None:
        checkpoints = list_checkpoints()
        try:
            added = append_missing(options["file"], (as_kept(one) for one in checkpoints))
        except (OSError, UnicodeDecodeError) as problem:
            raise CommandError(
                f"{options['file']} cannot be written ({type(problem).__name__})."
            ) from problem
        self.stdout.write(f"{added} of {len(checkpoints)} checkpoints added to {options['file']}.")
