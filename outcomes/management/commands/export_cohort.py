"""Write the records of a clinic as a folder for an independent evaluator: approved by two people, under pseudonyms."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hat_clinic.accounts.actions import get_program
from hat_clinic.core.clock import london_date, now
from outcomes.actions.exports import ExportDoesNotFit, ExportRefused, MadeExport, make_export
from outcomes.queries.evaluation.runs import find_clinic, list_clinic_codes
from outcomes.queries.exports import ExportRow, list_exports

PROGRAM = "cohort export"


class Command(BaseCommand):
    help = "Write an approved export of a clinic's records into a new folder, in the form that import_cohort takes in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("clinic", help="the clinic's code, such as MBRO")
        parser.add_argument("folder", type=Path, help="the folder to write; it must not be there yet")
        parser.add_argument(
            "--export", type=uuid.UUID, help="which approved export, where more than one waits to be written"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        at = now()
        clinic = find_clinic(code=options["clinic"])
        if clinic is None:
            known = ", ".join(list_clinic_codes()) or "there is none yet"
            raise CommandError(f"No clinic has the code {options['clinic']!r}. The codes: {known}.")
        target = _new_folder(options["folder"])
        ready = [
            one for one in list_exports(clinic=clinic, reader=None, today=london_date(at)) if one.is_ready
        ]
        chosen = _choose(ready, options["export"])
        by = get_program(name=PROGRAM, at=at)
        try:
            with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as beside:
                written = Path(beside) / "folder"
                made = make_export(
                    clinic=clinic,
                    export=chosen.id,
                    key=settings.EXPORT_KEY or b"",
                    write=lambda files: _write(written, files),
                    by=by,
                    at=at,
                )
                written.rename(target)
        except ExportRefused as refused:
            raise CommandError(str(refused)) from None
        except ExportDoesNotFit as unfit:
            for problem in unfit.problems:
                self.stderr.write(str(problem), self.style.NOTICE)
            raise CommandError(
                f"{unfit} in the clinic's records, so that the folder could not be taken in anywhere. "
                "Put them right; nothing was written."
            ) from None
        except OSError as error:
            raise CommandError(
                f"{target} could not be written: {error.strerror}. Choose another place."
            ) from None
        self._tell(made, chosen, target)

    def _tell(self, made: MadeExport, chosen: ExportRow, target: Path) -> None:
        for name, rows in made.counts.items():
            self.stdout.write(f"{name}: {rows} row{'' if rows == 1 else 's'}")
        for what, rows in made.untold.items():
            self.stdout.write(f"not in the folder: {rows} {what}")
        self.stdout.write(
            f"{made.people} people are in it; {made.left_out} were left out, whose consent to the evaluation does "
            "not stand."
        )
        self.stdout.write(f"Written for {chosen.recipient}: {target}")


def _new_folder(path: Path) -> Path:
    if path.exists() or path.is_symlink():
        raise CommandError(f"{path} is there already. Name a folder that is not there yet.")
    if not path.parent.is_dir():
        raise CommandError(f"There is no folder {path.parent}. Make it first, or name another.")
    return path


def _choose(ready: list[ExportRow], wanted: uuid.UUID | None) -> ExportRow:
    if wanted is not None:
        ready = [one for one in ready if one.id == wanted]
    if not ready:
        raise CommandError(
            "No approved export waits to be written. Somebody asks for one on the page "
            "“Records for an evaluator”, and a colleague approves it there."
        )
    if len(ready) > 1:
        lines = "".join(f"\n  --export {one.id}  for {one.recipient}" for one in ready)
        raise CommandError(f"{len(ready)} approved exports wait to be written. Choose one:{lines}")
    return ready[0]


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """All files anew, also where a try before was undone; only their owner and group read them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o750)
    for name, content in files.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o640)
