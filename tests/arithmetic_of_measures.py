"""What was measured, reckoned a second time from the files: homes, forms, services, events, money.

As in tests.arithmetic nothing here calls the product, and days are counted one by one.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, timedelta

from tests.arithmetic import TABLE, Row, middle, number, rows_of, share
from tests.arithmetic_around import ArithmeticAround

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


class ArithmeticOfMeasures(ArithmeticAround):
    """Every figure of the report."""

    def figures(self) -> dict[str, Row]:
        return {
            **super().figures(),
            **self.top(),
            **self.housing(),
            **self.health(),
            **self.safety(),
            **self.costs(),
            **self.crime_cost(),
            **self.legacy(),
            **self.deaths(),
            **self.custody(),
            **self.candidates(),
            **self.around(),
            **self.own(),
        }

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
        return found | {"quality.top_start": share(len(forms), people, missing=people - len(forms))}

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
        missing = len(self.starters) - recorded
        return found | {"quality.housing_start": share(recorded, len(self.starters), missing=missing)}

    # --- other health services ---------------------------------------------------------------------------
    def stretches(self, source: str) -> list[tuple[Row, Row]]:
        """Each stretch of a person who started, over by the data cut, with the person."""
        return [
            (row, person)
            for person in self.starters
            for row in rows_of(self.files, "service_use.csv")
            if row["patient_ref"] == person["patient_ref"]
            and row["to"] <= self.as_of
            and row["source"] == source
        ]

    def health(self) -> dict[str, Row]:
        found: dict[str, Row] = {}
        sources = [source for source in ("self_reported", "record") if self.stretches(source)]
        for service in ("ambulance", "ae", "inpatient"):
            for source in sources:
                asked = [(row, person) for row, person in self.stretches(source) if row[service]]
                pre = [row for row, person in asked if row["to"] <= person["started_on"]]
                during = [row for row, person in asked if row["from"] >= person["started_on"]]
                events = [sum(int(row[service]) for row in rows) for rows in (pre, during)]
                years = [
                    sum((row["to"] - row["from"]).days for row in rows) / 365.25 for rows in (pre, during)
                ]
                rates = [n / time if time else None for n, time in zip(events, years, strict=True)]
                ratio = rates[1] / rates[0] if rates[0] and rates[1] is not None else None
                for which, key in enumerate(("pre", "during")):
                    found[f"health.{service}.{key}_rate@{source}"] = {
                        **number(rates[which]),
                        "events": events[which],
                    }
                found[f"health.{service}.rate_ratio@{source}"] = number(ratio)
            if not sources:
                for key in ("pre_rate", "during_rate", "rate_ratio"):
                    found[f"health.{service}.{key}@self_reported"] = number(None)
        return found

    # --- safety ------------------------------------------------------------------------------------------
    def safety(self) -> dict[str, Row]:
        if not self.starters:
            names = ("over_sedation", "overdose.on_site", "overdose.off_site", "naloxone")
            return {f"safety.{name}": number(None) for name in names}
        rows = [row for p in self.starters for row in self.of(p, "events.csv") if row["date"] >= self.opened]
        overdoses = Counter(row["on_site"] for row in rows if row["category"] == "overdose")
        return {
            "safety.over_sedation": number(sum(row["category"] == "over_sedation" for row in rows)),
            "safety.overdose.on_site": number(overdoses["yes"]),
            "safety.overdose.off_site": number(overdoses["no"]),
            "safety.naloxone": number(sum(row["naloxone"] == "yes" for row in rows)),
        }

    # --- money -------------------------------------------------------------------------------------------
    def costs(self) -> dict[str, Row]:
        rows = [
            row
            for row in rows_of(self.files, "costs.csv")
            if date.fromisoformat(f"{row['month']}-01") < self.as_of
        ]
        categories = ("drug", "staff", "premises", "setup", "other")
        spent = {c: sum(float(r["amount_gbp"]) for r in rows if r["category"] == c) for c in categories}
        found = {
            f"cost.programme.{c}": number(spent[c] if any(r["category"] == c for r in rows) else None)
            for c in categories
        }
        for payer in {row["payer"] for row in rows}:
            paid = sum(float(row["amount_gbp"]) for row in rows if row["payer"] == payer)
            found[f"cost.payer.{payer}"] = number(paid)
        years = sum(self.duration(person) for person in self.starters) / 365.25
        is_running = any(row["category"] != "setup" for row in rows)
        running = sum(spent.values()) - spent["setup"]
        has_drug = any(row["category"] == "drug" for row in rows)
        found["cost.drug_per_patient_year"] = number(spent["drug"] / years if years and has_drug else None)
        found["cost.per_patient_year"] = number(running / years if years and is_running else None)
        return found

    def crime_cost(self) -> dict[str, Row]:
        found = {}
        table = {row["code"]: row for row in csv.DictReader(io.StringIO(TABLE.read_text()))}
        for kind in ("response", "social"):
            for which, key in enumerate(("pre", "post")):
                codes = [c for p in self.starters for c in self.offences(p, "police_recorded")[which]]
                costs = [table[code][f"{kind}_cost_gbp_2015_16"] for code in codes]
                known = [int(cost) for cost in costs if cost]
                missing = len(costs) - len(known)
                value = None if not self.starters or (missing and not known) else sum(known)
                found[f"crime_cost.{kind}.{key}"] = {**number(value), "not_costed": missing}
        return found

    # --- as the first reports had it ---------------------------------------------------------------------
    def long_stayers(self) -> list[Row]:
        return [person for person in self.starters if self.duration(person) >= 210]

    def legacy(self) -> dict[str, Row]:
        people, found = self.long_stayers(), {}
        each = [self.offences(person, "police_recorded") for person in people]
        before = sum(len(pre) + len(earlier) for pre, _, earlier in each)
        after = sum(len(post) for _, post, _ in each)
        found["legacy.known_before"] = number(before if people else None)
        found["legacy.recorded_after"] = number(after if people else None)
        found["legacy.none_after"] = share(sum(not post for _, post, _ in each), len(people))
        for item in ("psychological", "physical"):
            pairs = [pair for person in people if (pair := self.month_one(person, item))]
            start, later = (sum(pair[which] for pair in pairs) for which in (0, 1))
            found[f"legacy.{item}_change_percent"] = number(100 * (later - start) / start if start else None)
        homes = [home for person in people if (home := self.home(person, "month1"))]
        homeless = sum(home in ("rough", "emergency", "sofa") for home in homes)
        found["legacy.homeless_month1"] = share(homeless, len(homes))
        first = [home for person in people if (home := self.home(person, "start"))]
        found["legacy.secure_start"] = share(first.count("supported") + first.count("own"), len(first))
        found["legacy.rough_start"] = share(first.count("rough"), len(first))
        everyone = [self.offences(person, "police_recorded") for person in self.starters]
        pre, post = (sum(len(codes[which]) for codes in everyone) for which in (0, 1))
        found["legacy.offending_change_percent"] = number(100 * (post - pre) / pre if pre else None)
        found["legacy.saving_gbp"] = number((pre - post) * 2_100_000 / 541 if self.starters else None)
        return found

    def month_one(self, person: Row, item: str) -> tuple[int, int] | None:
        first = self.start_form(person)
        if first is None:
            return None
        others = [row for row in self.of(person, "top.csv") if row["date"] != first["date"]]
        later = self.nearest(others, self.start_of(person) + timedelta(days=28))
        if later is None or not first[item] or not later[item]:
            return None
        return ANSWER[first[item]], ANSWER[later[item]]
