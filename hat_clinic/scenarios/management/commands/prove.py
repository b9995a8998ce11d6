"""Run a long proof in scratch databases and write what came of it to docs/measures/."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hat_clinic.core.clock import LONDON
from hat_clinic.scenarios.proofs import disclosure, exactly_once, register, reports
from hat_clinic.scenarios.proofs.measures import page_of
from hat_clinic.scenarios.scratch import migrated_database

# What can be proved: each has a title, sizes and a generator of figures.
PROOFS = {"disclosure": disclosure, "exactly-once": exactly_once, "register": register, "reports": reports}


class Command(BaseCommand):
    help = "Try a promise many times in scratch databases, and write what was measured. Only where HAT_DEMO is set."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=sorted(PROOFS), help="what to prove")
        parser.add_argument(
            "--few", action="store_true", help="try each promise a few times: is the proof itself well?"
        )
        parser.add_argument("--seed", type=int, default=1, help="what the random ledgers begin from")
        parser.add_argument(
            "--to", type=Path, help="the page to write; docs/measures/NAME.md, and none with --few"
        )
        parser.add_argument("--template", help="copy this migrated database that has a clock_override table")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_DEMO or "DATABASE_OWNER_URL" not in os.environ:
            raise CommandError("Proofs run where HAT_DEMO and DATABASE_OWNER_URL are set. Nothing was run.")
        proof, figures, at = PROOFS[options["name"]], [], datetime.now(LONDON)
        with ExitStack() as stack:
            template = options["template"] or stack.enter_context(migrated_database())
            sizes = proof.FEW if options["few"] else proof.FULL
            for figure in proof.prove(template=template, sizes=sizes, seed=options["seed"]):
                figures.append(figure)
                word = "kept" if figure.is_kept else "NOT KEPT"
                self.stdout.write(f"{word}: {figure.what}: {figure.result} ({figure.count})")
        to = options["to"] or (
            None if options["few"] else settings.BASE_DIR / "docs" / "measures" / f"{options['name']}.md"
        )
        if to is not None:
            page = page_of(
                proof.TITLE, figures, seed=options["seed"], commit=_commit(), at=at, remarks=proof.REMARKS
            )
            to.write_text(page, encoding="utf-8")
            self.stdout.write(f"Written to {to}.")
        if not all(figure.is_kept for figure in figures):
            sys.exit(1)


def _commit() -> str:
    """Return the commit that is measured, with a word if files differ from it."""
    try:
        told = subprocess.run(
            ["git", "describe", "--always", "--dirty=, with changes"],  # noqa: S607 - whatever git is there
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return told.stdout.strip()
