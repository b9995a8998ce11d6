"""Run a folder of clinical scenarios, each in a scratch database, and say of each whether it went as expected."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hat_clinic.scenarios.reading import Unreadable, read_folder
from hat_clinic.scenarios.running import Verdict, run
from hat_clinic.scenarios.scratch import migrated_database


class Command(BaseCommand):
    help = "Run a folder of clinical scenarios in scratch databases. Only where HAT_DEMO is set."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder of .yaml files, each a list of scenarios")
        parser.add_argument(
            "--only", action="append", default=[], metavar="ID", help="run this one; repeatable"
        )
        parser.add_argument(
            "--told", action="store_true", help="print what the person was told, under each line"
        )
        parser.add_argument("--template", help="copy this migrated database that has a clock_override table")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_DEMO or "DATABASE_OWNER_URL" not in os.environ:
            raise CommandError(
                "Scenarios run where HAT_DEMO and DATABASE_OWNER_URL are set. Nothing was run."
            )
        folder: Path = options["folder"]
        try:
            scenarios = read_folder(folder)
        except Unreadable as problem:
            raise CommandError(str(problem)) from problem
        if options["only"]:
            scenarios = [scenario for scenario in scenarios if scenario.id in options["only"]]
        if not scenarios:
            raise CommandError(f"No scenario is in {folder}.")
        failed = 0
        with contextlib.ExitStack() as stack:
            template = options["template"] or stack.enter_context(migrated_database())
            for scenario in scenarios:
                verdict = run(scenario, template=template)
                failed += not verdict.has_passed
                self._print(verdict, is_told=options["told"])
        self.stdout.write(f"{len(scenarios) - failed} passed, {failed} failed")
        if failed:
            sys.exit(1)

    def _print(self, verdict: Verdict, *, is_told: bool) -> None:
        word = "passed" if verdict.has_passed else "FAILED"
        said = [*verdict.against, *([verdict.doubt] if verdict.doubt else [])]
        against = f" -- {'; '.join(said)}" if said else ""
        self.stdout.write(f"{word}  {verdict.scenario.id}  {verdict.scenario.title}{against}")
        if is_told:
            for sentence in verdict.told:
                self.stdout.write(f"        told: {sentence}")
