"""Draw the day of a urine sample for everybody in treatment who has none in their week."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from outcomes.tasks import draw_days


class Command(BaseCommand):
    help = (
        "Draw the day on which a urine sample is due, for everybody who has none in this week of their treatment. "
        "Run again it draws nobody's day a second time. Which day it is stays untold until it has come."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        drawn = draw_days()
        self.stdout.write(f"{drawn} {'day was' if drawn == 1 else 'days were'} drawn.")
