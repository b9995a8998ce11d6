"""What was measured, reckoned a second time from the files: homes, forms, services, events, money.

As in tests.arithmetic nothing here calls the product, and days are counted one by one.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from tests.arithmetic import Arithmetic, Row, middle, number, rows_of, share

DAYS = tuple(
    f"{name}_days"
    for name in (
        *("alcohol", "opiates", "crack", "cocaine", "amphetamines", "cannabis", "tobacco", "other"),
        *("injecting", "shoplifting", "drug_selling", "paid_work", "education"),
    )
)
SCORES = ("psychological", "physical", "quality_of_life")
YES_OR_NO = ("sharing", "other_theft", "assault", "housing_acute", "eviction_risk")
# What a cell of a form says as a number.
ANSWER = {"yes": 1, "no": 0} | {str(n): n for n in range(29)}


class ArithmeticOfMeasures(Arithmetic):
    """Every figure of the report."""

    def figures(self) -> dict[str, Row]:
        return {**super().figures(), **self.top(), **self.housing()}

    def of(self, person: Row, name: str, day: str = "date") -> list[Row]:
        """The rows of one person before the data cut, earliest first."""
        rows = [row for row in rows_of(self.files, name) if row["patient_ref"] == person["patient_ref"]]
        return sorted((row for row in rows if row[day] < self.as_of), key=lambda row: row[day])

    def nearest(self, rows: list[Row], to: date) -> Row | None:
        """The row on that day, else the first of the days outwards to 14 that has one, the earlier side first."""
        for away in range(15):
            for day in (to - timedelta(days=away), to + timedelta(days=away)):
                for row in rows:
                    if row["date"] == day:
                        return row
        return None

    def start_of(self, person: Row) -> date:
        start: date = person["started_on"]
        return start

    # --- outcome forms -----------------------------------------------------------------------------------
    def start_form(self, person: Row) -> Row | None:
        forms = [row for row in self.of(person, "top.csv") if row["stage"] == "start"]
        return self.nearest(forms, self.start_of(person))

    def last_form(self, person: Row) -> Row | None:
        first = self.start_form(person)
        forms = [
            row
            for row in self.of(person, "top.csv")
            if first and row["date"] > first["date"] and row["stage"] in ("review", "exit")
        ]
        return forms[-1] if forms else None

    def pairs(self, item: str) -> list[tuple[int, int]]:
        found = []
        for first, last in self.forms:
            if first and last and first[item] and last[item]:
                found.append((ANSWER[first[item]], ANSWER[last[item]]))
        return found

    def top(self) -> dict[str, Row]:
        found: dict[str, Row] = {}
        people = len(self.starters)
        self.forms = [(self.start_form(person), self.last_form(person)) for person in self.starters]
        for item in (*DAYS, *SCORES):
            pairs = self.pairs(item)
            changes = [last - first for first, last in pairs]
            walsh = [(a + b) / 2 for index, a in enumerate(changes) for b in changes[index:]]
            extras = {"people_paired": len(pairs), "people_due": people, "missing": people - len(pairs)}
            found[f"top.{item}.start"] = {**number(middle([first for first, _ in pairs])), **extras}
            found[f"top.{item}.latest"] = {**number(middle([last for _, last in pairs])), **extras}
            found[f"top.{item}.change"] = {**number(middle(walsh)), **extras}
            if item in DAYS:
                some = [last for first, last in pairs if first > 0]
                none = [last for first, last in pairs if first == 0]
                found[f"top.{item}.abstinent"] = share(some.count(0), len(some))
                found[f"top.{item}.initiated"] = share(len(none) - none.count(0), len(none))
        for item in YES_OR_NO:
            pairs = self.pairs(item)
            for which, key in enumerate(("start", "latest")):
                found[f"top.{item}.{key}"] = share(sum(pair[which] for pair in pairs), len(pairs))
        forms = [first for first, _ in self.forms if first]
        asked = [form["shoplifting_days"] for form in forms if form["shoplifting_days"]]
        daily = [last for first, last in self.pairs("shoplifting_days") if first == 28]
        found["top.shoplifting_days.daily_at_start"] = share(asked.count("28"), len(asked))
        found["top.shoplifting_days.daily_to_zero"] = share(daily.count(0), len(daily))
        return found | {"quality.top_start": share(len(forms), people)}

    # --- housing -----------------------------------------------------------------------------------------
    def home(self, person: Row, moment: str) -> str | None:
        rows = self.of(person, "housing.csv")
        start = self.start_of(person)
        if moment == "latest":
            found = rows[-1] if rows else None
        else:
            found = self.nearest(rows, start if moment == "start" else start + timedelta(days=28))
        return found["state"] if found else None

    def housing(self) -> dict[str, Row]:
        found = {}
        for moment in ("start", "month1", "latest"):
            homes = Counter(home for p in self.starters if (home := self.home(p, moment)))
            counts = {s: homes[s] for s in ("rough", "emergency", "sofa", "supported", "own", "institution")}
            counts["homeless"] = homes["rough"] + homes["emergency"] + homes["sofa"]
            missing = len(self.starters) - homes.total()
            for state, people in counts.items():
                found[f"housing.{state}.{moment}"] = share(people, homes.total(), missing=missing)
        recorded = sum(self.home(p, "start") is not None for p in self.starters)
        return found | {"quality.housing_start": share(recorded, len(self.starters))}
