"""Make the evaluation report of one month, and write it to a file."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hat_clinic.accounts.actions import get_program
from hat_clinic.core.clock import now
from outcomes.actions.evaluation.build import ReportRefused, build_report, print_report
from outcomes.queries.evaluation.runs import find_clinic, list_clinic_codes
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.indicators import document_text
from outcomes.rules.evaluation.spreadsheet import figures_csv

PROGRAM = "evaluation report command"
PRINTED = ("pdf", "html", "ods")
FORMATS = ("json", "csv", *PRINTED)


class Command(BaseCommand):
    help = "Make the evaluation report of one clinic and month. The same records give the same report again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clinic", required=True, help="the clinic's code, such as MBRO")
        parser.add_argument("--month", required=True, help="the month as YYYY-MM, such as 2020-10")
        parser.add_argument(
            "--edition",
            default="restricted",
            help="restricted, public after a quarter, or justice after a month",
        )
        parser.add_argument("--format", default="json", help=", ".join(FORMATS))
        parser.add_argument("--output", required=True, type=Path, help="the file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        edition, form = _edition(options["edition"]), _format(options["format"])
        month, output = _month(options["month"]), _output(options["output"])
        clinic = _clinic(options["clinic"])
        at = now()
        by = get_program(name=PROGRAM, at=at)
        try:
            run = build_report(clinic=clinic, month=month, edition=edition, by=by, at=at)
        except ReportRefused as refused:
            raise CommandError(str(refused)) from None
        if form in PRINTED:
            files = {file.kind: bytes(file.content) for file in print_report(run=run.id, by=by, at=at)}
            content = files[form]
        else:
            content = _text(run.figures, form).encode()
        _write(output, content)
        self.stdout.write(
            f"Issue {run.issue} of {options['clinic']} {month:%Y-%m}, {edition} edition: {output}"
        )


def _text(document: Mapping[str, Any], form: str) -> str:
    if form == "csv":
        return figures_csv(document)
    return document_text(document)


def _edition(text: str) -> Edition:
    try:
        return Edition(text)
    except ValueError:
        known = ", ".join(Edition)
        raise CommandError(f"There is no edition called {text!r}. Choose one of: {known}.") from None


def _format(text: str) -> str:
    if text not in FORMATS:
        raise CommandError(f"This version does not write {text!r}. Choose one of: {', '.join(FORMATS)}.")
    return text


def _month(text: str) -> date:
    try:
        if len(text) != len("YYYY-MM"):
            raise ValueError(text)
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise CommandError(f"{text!r} is not a month. Write it as year and month, such as 2020-10.") from None


def _output(path: Path) -> Path:
    try:
        if path.is_dir():
            raise CommandError(f"{path} is a folder. Name the file to write.")
        if path.exists() and not path.is_file():
            raise CommandError(f"{path} is not an ordinary file, and would be replaced. Name another file.")
        if not path.parent.is_dir():
            raise CommandError(f"There is no folder {path.parent}. Make it first, or name another file.")
    except OSError as error:
        raise _unwritable(path, error) from None
    return path


def _clinic(code: str) -> UUID:
    clinic = find_clinic(code=code)
    if clinic:
        return clinic.id
    codes = ", ".join(list_clinic_codes())
    known = f"The codes are: {codes}." if codes else "No clinic is here yet: import a cohort first."
    raise CommandError(f"No clinic has the code {code!r}. {known}")


def _write(output: Path, content: bytes) -> None:
    """The whole file or none: written beside its place, then moved there."""
    try:
        with tempfile.NamedTemporaryFile(dir=output.parent, prefix=".report-", delete=False) as file:
            written = Path(file.name)
            try:
                file.write(content)
                file.flush()
                written.chmod(0o640)
                written.replace(output)
            except OSError:
                written.unlink()
                raise
    except OSError as error:
        raise _unwritable(output, error) from None


def _unwritable(path: Path, error: OSError) -> CommandError:
    return CommandError(f"{path} could not be written: {error.strerror}. Choose another place.")
