"""Take a clinic's history in from a folder of CSV files: all of it, or nothing and every problem."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hat_clinic.accounts.actions import get_program
from hat_clinic.core.clock import now
from outcomes.actions.cohort import CohortRefused, ImportBusy, import_cohort
from outcomes.queries.cohort import FolderUnreadable
from outcomes.queries.imports import check_folder
from outcomes.rules.cohort.problems import Problem


class Command(BaseCommand):
    help = "Import the records of a clinic from a folder of CSV files. Nothing is stored unless all of it is right."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", type=Path, help="the folder with programme.csv, patients.csv and the others"
        )
        parser.add_argument("--check", action="store_true", help="only check; store nothing")
        parser.add_argument(
            "--invented",
            action="store_true",
            help="mark the clinic's people as invented, on pages and reports",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        at = now()
        folder: Path = options["folder"]
        try:
            if options["check"]:
                checked = check_folder(folder, at=at)
                if checked.problems:
                    raise CohortRefused(tuple(checked.problems))
                counts = dict(checked.counts)
            else:
                by = get_program(name="cohort import", at=at)
                counts = import_cohort(folder=folder, is_invented=options["invented"], by=by, at=at)
        except (FolderUnreadable, ImportBusy) as impossible:
            raise CommandError(str(impossible)) from None
        except CohortRefused as refused:
            self._print_problems(refused.problems)
            raise CommandError(_count(len(refused.problems))) from None
        for name, rows in counts.items():
            self.stdout.write(f"{name}: {rows} row{'' if rows == 1 else 's'}")
        self.stdout.write("Checked; nothing was stored." if options["check"] else "Imported.")

    def _print_problems(self, problems: tuple[Problem, ...]) -> None:
        for problem in problems:
            self.stderr.write(str(problem), self.style.NOTICE)


def _count(problems: int) -> str:
    return f"{problems} problem{'' if problems == 1 else 's'}. Nothing was stored."
