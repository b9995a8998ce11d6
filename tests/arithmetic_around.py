"""The area, the need and the cost of a place, reckoned a second time from the files, day by day.

As in tests.arithmetic nothing here calls the product.
"""

from __future__ import annotations

from datetime import date, timedelta

from tests.arithmetic import Row, days_between, number, rows_of, share
from tests.arithmetic_of_programme import ArithmeticOfProgramme

MEASURES = ("recorded_all", "recorded_theft", "drug_deaths", "overdose_calls", "needle_finds")


def a_year_of_months_before(day: date) -> tuple[date, date]:
    """The twelve whole months before the month of a day."""
    first = day - timedelta(days=day.day - 1)
    return date(first.year - 1, first.month, 1), first


class ArithmeticAround(ArithmeticOfProgramme):
    """The figures of the programme around the clinic. The counts of these files never share a day."""

    def counted(self, measure: str, first: date, until: date) -> list[Row]:
        return [
            row
            for row in rows_of(self.files, "area.csv")
            if row["measure"] == measure
            and row["from"] >= first
            and row["to"] <= until
            and row["to"] <= self.as_of
        ]

    def around(self) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for which, day in (("last", self.as_of), ("before", self.opened)):
            for measure in MEASURES:
                rows = self.counted(measure, *a_year_of_months_before(day))
                total = sum(int(row["count"]) for row in rows) if rows else None
                found[f"area.{measure}.{which}_12m"] = number(total)
        found["area.cohort_share"] = self.cohort_share()
        found |= self.need()
        found["cost.running_per_place_year"] = number(self.per_place_year())
        return found

    def cohort_share(self) -> Row:
        rows = self.counted("recorded_all", self.opened - timedelta(days=365), self.opened)
        days = {day for row in rows for day in days_between(row["from"], row["to"])}
        recorded = [
            row
            for row in rows_of(self.files, "offences.csv")
            if row["source"] == "police_recorded" and row["occurred_on"] < self.as_of
        ]
        people = {person["patient_ref"] for person in self.starters}
        theirs = sum(row["patient_ref"] in people and row["occurred_on"] in days for row in recorded)
        total = sum(int(row["count"]) for row in rows)
        if not (self.starters and recorded and total):
            return number(None)
        return share(theirs, total)

    def need(self) -> dict[str, Row]:
        known = [
            row for row in rows_of(self.files, "need.csv") if date.fromisoformat(row["as_of"]) < self.as_of
        ]
        if not known:
            return {f"need.{key}": number(None) for key in ("estimate", "referred", "started")}
        people = int(max(known, key=lambda row: row["as_of"])["people"])
        found = {"need.estimate": number(people)}
        for key, those in (("referred", self.referred), ("started", self.starters)):
            found[f"need.{key}"] = (
                {"value": len(those) / people, "interval": None}
                if len(those) > people
                else share(len(those), people)
            )
        return found

    def per_place_year(self) -> float | None:
        phases, places = rows_of(self.files, "phases.csv"), 0
        for day in days_between(self.opened, self.as_of):
            if not phases:
                places += int(self.programme["places"])
            for phase in phases:
                if phase["from"] <= day and (not phase["to"] or day < phase["to"]):
                    places += int(phase["places"])
        spent = [
            float(row["amount_gbp"])
            for row in rows_of(self.files, "costs.csv")
            if row["category"] != "setup" and date.fromisoformat(f"{row['month']}-01") < self.as_of
        ]
        return sum(spent) / (places / 365.25) if spent and places else None
