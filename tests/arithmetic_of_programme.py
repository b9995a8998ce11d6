"""What the programme's own pages say, reckoned a second time from the files: deaths, custody, own questions.

As in tests.arithmetic nothing here calls the product, and days are counted one by one.
"""

from __future__ import annotations

from datetime import date, timedelta

from scipy.stats import chi2

from tests.arithmetic import Arithmetic, Row, days_between, middle, number, rows_of, share

CONTACT = {"wanted_has": 1, "wanted_not": 0}
YES_OR_NO = {"yes": 1, "no": 0}


def poisson(events: int, years: float, per: int = 1) -> Row:
    """A rate with its exact interval, by the chi-square form."""
    if not years:
        return number(None)
    low = chi2.ppf(0.025, 2 * events) / 2 if events else 0
    high = chi2.ppf(0.975, 2 * events + 2) / 2
    return {
        "value": per * events / years,
        "interval": (per * low / years, per * high / years),
        "numerator": events,
    }


class ArithmeticOfProgramme(Arithmetic):
    """The figures that the programme around the clinic asks for."""

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

    # --- deaths ------------------------------------------------------------------------------------------
    def last_day(self, person: Row) -> date:
        """The first day on which somebody is no longer observed: that of the death, or the data cut."""
        return self.died(person) or self.as_of

    def died(self, person: Row) -> date | None:
        days = [row["date"] for row in self.of(person, "events.csv") if row["category"] == "death"]
        return min(days) if days else None

    def moment(self, person: Row, day: date) -> str:
        """Where in a person's course a day lies; the day of leaving belongs to the time after."""
        if person not in self.starters or day < person["started_on"]:
            return "before_start"
        left = person["exited_on"] if self.before(person["exited_on"]) else None
        if left is None or day < left:
            return "in_treatment"
        return "after_exit_28d" if (day - left).days < 28 else "after_exit_later"

    def moment_of_death(self, person: Row, day: date) -> str:
        if day == person["exited_on"] and person["exit_reason"] == "died" and person in self.starters:
            return "in_treatment"
        moment = self.moment(person, day)
        return "in_treatment" if moment == "before_start" and person in self.starters else moment

    def deaths(self) -> dict[str, Row]:
        moments = ("before_start", "in_treatment", "after_exit_28d", "after_exit_later")
        deaths, days = dict.fromkeys(moments, 0), dict.fromkeys(moments, 0)
        for person in self.referred:
            died = self.died(person)
            if died and died >= self.opened:
                deaths[self.moment_of_death(person, died)] += 1
            for day in days_between(max(person["referred_on"], self.opened), self.last_day(person)):
                days[self.moment(person, day)] += 1
        found = {}
        for moment in moments:
            people = self.referred if moment == "before_start" else self.starters
            found[f"safety.deaths.{moment}"] = number(deaths[moment] if people else None)
            rate = poisson(deaths[moment], days[moment] / 365.25, per=100)
            found[f"safety.deaths.{moment}.rate"] = rate if people else number(None)
        return found

    # --- custody -----------------------------------------------------------------------------------------
    def custody(self) -> dict[str, Row]:
        rows = [row for row in rows_of(self.files, "custody.csv") if row["from"] < self.as_of]
        found: dict[str, Row] = {}
        for which, key in enumerate(("pre", "post")):
            inside, begun, people, days = 0, 0, 0, 0
            for person in self.starters:
                window = self.windows(person)[which]
                stays = [row for row in rows if row["patient_ref"] == person["patient_ref"]]
                held = [
                    d for d in window if any(s["from"] <= d and (not s["to"] or d < s["to"]) for s in stays)
                ]
                inside, people, days = inside + len(held), people + bool(held), days + len(window)
                begun += sum(stay["from"] in window for stay in stays)
            known, years = bool(rows and self.starters), days / 365.25
            found[f"custody.days.{key}"] = number(inside / years if known else None)
            found[f"custody.stays.{key}_rate"] = poisson(begun, years) if known else number(None)
            found[f"custody.people.{key}"] = number(people if known else None)
        return found

    # --- whom it is for ----------------------------------------------------------------------------------
    def candidates(self) -> dict[str, Row]:
        rows = [
            row
            for row in rows_of(self.files, "offences.csv")
            if row["source"] == "police_recorded" and row["occurred_on"] < self.as_of
        ]
        known = [
            sum(
                row["patient_ref"] == person["patient_ref"]
                and 1 <= (person["referred_on"] - row["occurred_on"]).days <= 730
                for row in rows
            )
            for person in self.referred
        ]
        count = sum(known) if rows and self.referred else None
        return {"candidates.offences_2y": number(count)}

    # --- own questions -----------------------------------------------------------------------------------
    def own(self) -> dict[str, Row]:
        sheets = []
        for person in self.starters:
            rows = self.of(person, "own.csv")
            first = self.nearest([row for row in rows if row["stage"] == "start"], self.start_of(person))
            later = [
                r for r in rows if first and r["date"] > first["date"] and r["stage"] in ("review", "exit")
            ]
            if first and later:
                sheets.append((first, later[-1]))
        found: dict[str, Row] = {}
        due = {"people_due": len(self.starters)}
        spent = [
            tuple(float(row["spend_week_gbp"]) for row in pair)
            for pair in sheets
            if all(row["spend_week_gbp"] for row in pair)
        ]
        changes = [after - before for before, after in spent]
        walsh = [(a + b) / 2 for index, a in enumerate(changes) for b in changes[index:]]
        extras = {**due, "people_paired": len(spent), "missing": len(self.starters) - len(spent)}
        for key, value in (
            ("start", middle([before for before, _ in spent])),
            ("latest", middle([after for _, after in spent])),
            ("change", middle(walsh)),
        ):
            found[f"own.spend_week_gbp.{key}"] = {**number(value), **extras}
        for item, codes in (
            ("public_injecting", YES_OR_NO),
            ("unsafe_disposal", YES_OR_NO),
            ("family_contact", CONTACT),
        ):
            answered = [pair for pair in sheets if all(row[item] for row in pair)]
            pairs = [
                tuple(codes[row[item]] for row in p) for p in answered if all(row[item] in codes for row in p)
            ]
            missing = {**due, "missing": len(self.starters) - len(answered)}
            sums = [sum(pair[which] for pair in pairs) for which in (0, 1)]
            found[f"own.{item}.start"] = {**share(sums[0], len(pairs)), **missing}
            found[f"own.{item}.latest"] = {**share(sums[1], len(pairs)), **missing}
            change = (sums[1] - sums[0]) / len(pairs) if pairs else None
            found[f"own.{item}.change"] = {**number(change), **missing}
        return found
