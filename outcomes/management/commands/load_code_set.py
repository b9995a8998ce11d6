"""Load one version of the national dataset's fields and codes into a clinic, out of a CSV file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hat_clinic.accounts.actions import get_program
from hat_clinic.core.clock import now
from outcomes.actions.ndtms import CodeSetRefused, load_code_set
from outcomes.queries.evaluation.runs import find_clinic
from outcomes.rules.ndtms import STATEMENT, CodeSetSaid, CodeSetUnreadable


class Command(BaseCommand):
    help = "Load a code set of the national dataset. Nothing is stored unless the whole file can be read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("clinic", help="the clinic's code")
        parser.add_argument("file", type=Path, help="the CSV file")
        parser.add_argument("--dataset", required=True, help="the name of the dataset")
        parser.add_argument("--release", required=True, help="its version")
        parser.add_argument("--valid-from", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
        parser.add_argument("--source", required=True, help="where the file comes from")
        parser.add_argument(
            "--verified-by", default="", help="who checked it; left out, every file says “not verified”"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        at = now()
        clinic = find_clinic(code=options["clinic"])
        if clinic is None:
            raise CommandError("There is no clinic of that code.")
        said = CodeSetSaid(
            dataset=options["dataset"],
            version=options["release"],
            valid_from=options["valid_from"],
            source=options["source"],
            verified_by=options["verified_by"],
        )
        try:
            content = options["file"].read_bytes()
            load_code_set(
                clinic=clinic, said=said, content=content, by=get_program(name="code sets", at=at), at=at
            )
        except OSError as error:
            raise CommandError(f"The file cannot be opened: {error.strerror}.") from None
        except (CodeSetRefused, CodeSetUnreadable) as refused:
            raise CommandError(f"Nothing was loaded. {refused}") from None
        verified = f"verified by {said.verified_by}" if said.verified_by else "not verified"
        self.stdout.write(f"Loaded: {said.dataset}, version {said.version}, {verified}. {STATEMENT}")
