"""The figures of a cohort folder a second time, straight from its text, by somebody who only read the definitions.

Nothing here calls the product. It is slow and plain on purpose: days are counted one by one.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

Row = dict[str, Any]

DATES = {
    "referred_on",
    "assessed_on",
    "started_on",
    "exited_on",
    "date",
    "due_on",
    "occurred_on",
    "from",
    "to",
}
TABLE = Path(__file__).resolve().parent.parent / "outcomes" / "data" / "offences.csv"


def rows_of(files: Mapping[str, str], name: str) -> list[Row]:
    """The rows of one file, dates as dates and empty cells as None."""
    found: list[Row] = []
    for row in csv.DictReader(io.StringIO(files.get(name, ""))):
        cells: Row = {key: text or None for key, text in row.items()}
        found.append({k: date.fromisoformat(v) if v and k in DATES else v for k, v in cells.items()})
    return found


def days_between(first: date, until: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((until - first).days))


def wilson(k: int, n: int) -> tuple[float, float]:
    """The textbook formula."""
    z = 1.959963984540054
    centre, reach = k + z * z / 2, z * math.sqrt(k * (n - k) / n + z * z / 4)
    return max(0, (centre - reach) / (n + z * z)), min(1, (centre + reach) / (n + z * z))


def share(k: int, n: int, **extras: Any) -> Row:
    interval = wilson(k, n) if n else None
    return {"numerator": k, "denominator": n, "value": k / n if n else None, "interval": interval, **extras}


def number(value: float | None) -> Row:
    return {"value": value}


def middle(values: list[float]) -> float | None:
    return median(values) if values else None


class Arithmetic:
    """One folder and one month; `figures` maps each id to what it must say."""

    def __init__(self, files: Mapping[str, str], month: date) -> None:
        self.files, self.month = files, month
        self.as_of = (month + timedelta(days=31)).replace(day=1)
        self.programme = rows_of(files, "programme.csv")[0]
        self.opened = date.fromisoformat(self.programme["opened_on"])
        self.referred = [p for p in rows_of(files, "patients.csv") if p["referred_on"] < self.as_of]
        self.starters = [p for p in self.referred if self.before(p["started_on"])]
        self.staying = [p for p in self.starters if not self.before(p["exited_on"])]

    def before(self, day: date | None) -> bool:
        return day is not None and day < self.as_of

    def figures(self) -> dict[str, Row]:
        return {
            **self.flow(),
            **self.retention(),
            **self.attendance(),
            **self.urine(),
            **self.offending("police_recorded", "recorded"),
            **self.offending("self_reported", "self_reported"),
            **self.severity(),
            **self.support(),
        }

    # --- flow --------------------------------------------------------------------------------------------
    def flow(self) -> dict[str, Row]:
        idle = [p for p in self.referred if p not in self.starters]
        gone = [p for p in idle if self.before(p["exited_on"])]
        waiting = [p for p in idle if p["eligible"] == "yes" and p not in gone]
        left = [p for p in self.starters if p not in self.staying]
        assessed = [p for p in self.referred if self.before(p["assessed_on"])]
        counts = {
            "referred": len(self.referred),
            "assessed": len(assessed),
            "eligible": sum(p["eligible"] == "yes" for p in self.referred),
            "not_eligible": sum(p["eligible"] == "no" for p in self.referred),
            "undecided": sum(p["eligible"] is None and p not in gone for p in idle),
            "left_before_start": sum(p["eligible"] != "no" for p in gone),
            "waiting": len(waiting),
            "started": len(self.starters),
            "in_treatment": len(self.staying),
            "exited": len(left),
        }
        counts |= {f"exited.{key}": n for key, n in Counter(p["exit_reason"] for p in left).items()}
        counts |= {
            f"referred.{key}": n for key, n in Counter(p["referral_source"] for p in self.referred).items()
        }
        counts |= {
            f"started.{key}": n for key, n in Counter(p["referral_source"] for p in self.starters).items()
        }
        counts |= {
            f"started.{key}": n
            for key, n in Counter(p["area"] for p in self.starters if p.get("area")).items()
        }
        waits = {
            "assessment_days": [(p["assessed_on"] - p["referred_on"]).days for p in assessed],
            "start_days": [(p["started_on"] - p["referred_on"]).days for p in self.starters],
            "waiting_days": [(self.as_of - p["referred_on"]).days for p in waiting],
        }
        found = {f"flow.{key}": {**number(n), "numerator": n} for key, n in counts.items()}
        found |= {f"flow.wait.{key}": number(middle(days)) for key, days in waits.items()}
        found["flow.occupancy"] = self.occupancy()
        # A file tells of nobody who was held against written criteria.
        found["flow.against_criteria"] = share(0, 0, missing=counts["eligible"])
        return found

    def occupancy(self) -> Row:
        last_day, places = self.as_of - timedelta(days=1), int(self.programme["places"])
        for phase in rows_of(self.files, "phases.csv"):
            if phase["from"] <= last_day and (phase["to"] is None or last_day < phase["to"]):
                places = int(phase["places"])
        full = share(min(len(self.staying), places), places)
        if len(self.staying) > places:
            full |= {"numerator": len(self.staying), "value": len(self.staying) / places, "interval": None}
        return full

    # --- retention ---------------------------------------------------------------------------------------
    def duration(self, person: Row) -> int:
        return (min(person["exited_on"] or self.as_of, self.as_of) - person["started_on"]).days

    def retention(self) -> dict[str, Row]:
        found = {"retention.snapshot": share(len(self.staying), len(self.starters))}
        durations = [self.duration(p) for p in self.starters]
        exits = Counter(self.duration(p) for p in self.starters if p not in self.staying)
        for day in (182, 364):
            survival = 1.0
            for exit_day in sorted(exits):
                if exit_day <= day:
                    survival *= 1 - exits[exit_day] / sum(d >= exit_day for d in durations)
            at_risk = sum(d >= day for d in durations)
            found[f"retention.km_{day}"] = {**number(survival if at_risk else None), "at_risk": at_risk}
        return found

    # --- attendance --------------------------------------------------------------------------------------
    def rows_of_starters(self, name: str) -> list[Row]:
        refs = {p["patient_ref"] for p in self.starters}
        return [row for row in rows_of(self.files, name) if row["patient_ref"] in refs]

    def attendance(self) -> dict[str, Row]:
        rows = [row for row in self.rows_of_starters("attendance.csv") if row["date"] < self.as_of]
        month = [row for row in rows if row["date"] >= self.month]
        long = {p["patient_ref"] for p in self.starters if self.duration(p) >= 210}

        def pooled(some: list[Row]) -> Row:
            offered = [row for row in some if row["outcome"] != "excused"]
            attended = sum(row["outcome"] != "missed" for row in offered)
            return share(attended, len(offered), people=len({row["patient_ref"] for row in offered}))

        everything, people = pooled(rows), {row["patient_ref"] for row in rows}
        shares = [pooled([row for row in rows if row["patient_ref"] == ref])["value"] for ref in people]
        found = {
            "attendance.pooled.month": pooled(month),
            "attendance.pooled.cumulative": everything,
            "attendance.strict.cumulative": share(everything["numerator"], len(rows)),
            "attendance.median_person.cumulative": number(middle([s for s in shares if s is not None])),
            "attendance.pooled.retained_30w": pooled([row for row in rows if row["patient_ref"] in long]),
        }
        kinds = Counter(
            (row["outcome"], row["reason"]) for row in month if row["outcome"] in ("missed", "excused")
        )
        found |= {f"attendance.{outcome}.{reason}": number(n) for (outcome, reason), n in kinds.items()}
        found["dosing.median_daily_mg.month"] = number(middle(self.daily_doses(month)))
        return found

    def daily_doses(self, month: list[Row]) -> list[float]:
        means = []
        for person in self.staying:
            given = [row for row in month if row["patient_ref"] == person["patient_ref"] and row["dose_mg"]]
            if given:
                means.append(sum(int(row["dose_mg"]) for row in given) / len({row["date"] for row in given}))
        return means

    # --- urine -------------------------------------------------------------------------------------------
    def urine(self) -> dict[str, Row]:
        rows = [
            row
            for row in self.rows_of_starters("urine.csv")
            if row["assay"] == "street_heroin_marker" and self.opened <= row["due_on"] < self.as_of
        ]

        def samples(some: list[Row]) -> Row:
            kinds = Counter(row["result"] for row in some)
            valid = kinds["negative"] + kinds["positive"]
            extras = {"due": len(some), "void": kinds["void"], "not_taken": kinds["not_taken"]}
            return share(kinds["negative"], valid, missing=len(some) - valid, **extras)

        responders, observed, tested = 0, 0, 0
        followed = [p for p in self.starters if (self.as_of - p["started_on"]).days >= 182]
        for person in followed:
            negative = valid = 0
            for week in range(14, 27):
                slot = set(
                    days_between(*(person["started_on"] + timedelta(days=7 * k) for k in (week - 1, week)))
                )
                results = {
                    row["result"]
                    for row in rows
                    if row["patient_ref"] == person["patient_ref"] and row["due_on"] in slot
                }
                negative += "negative" in results and "positive" not in results
                valid += bool(results & {"negative", "positive"})
            responders += negative >= 7
            tested += valid > 0
            observed += valid > 0 and negative / valid >= 0.5
        taken = sum(row["result"] != "not_taken" for row in rows)
        return {
            "urine.negative_samples.month": samples([row for row in rows if row["due_on"] >= self.month]),
            "urine.negative_samples.cumulative": samples(rows),
            "urine.responders": share(responders, len(followed)),
            "urine.responders_as_observed": share(observed, tested),
            "quality.urine_taken": share(taken, len(rows), missing=0),
        }

    # --- offending ---------------------------------------------------------------------------------------
    def windows(self, person: Row) -> tuple[list[date], list[date]]:
        start = person["started_on"]
        stop = min(start + timedelta(days=365), self.as_of)
        return list(days_between(start - timedelta(days=365), start)), list(days_between(start, stop))

    def at_liberty(self, which: int) -> int:
        free = 0
        for person in self.starters:
            stays = [
                row
                for row in rows_of(self.files, "custody.csv")
                if row["patient_ref"] == person["patient_ref"]
            ]
            free += sum(
                not any(s["from"] <= day and (s["to"] is None or day < s["to"]) for s in stays)
                for day in self.windows(person)[which]
            )
        return free

    def offences(self, person: Row, source: str) -> tuple[list[str], list[str], list[str]]:
        """Codes of the offences before the start, after it, and earlier than either."""
        pre, post = self.windows(person)
        rows = [
            row
            for row in self.rows_of_starters("offences.csv")
            if row["patient_ref"] == person["patient_ref"] and row["source"] == source
        ]
        return (
            [row["offence"] for row in rows if row["occurred_on"] in pre],
            [row["offence"] for row in rows if row["occurred_on"] in post],
            [row["offence"] for row in rows if row["occurred_on"] < pre[0]],
        )

    def offending(self, source: str, word: str) -> dict[str, Row]:
        found: dict[str, Row] = {}
        each = [self.offences(person, source) for person in self.starters]
        people, name = len(self.starters), f"offending.{word}"
        totals = [sum(len(codes[which]) for codes in each) for which in (0, 1)]
        years = [self.at_liberty(which) / 365.25 for which in (0, 1)]
        rates = [total / time if time else None for total, time in zip(totals, years, strict=True)]
        group_of = {row["code"]: row["group"] for row in csv.DictReader(io.StringIO(TABLE.read_text()))}
        for which, key in enumerate(("pre", "post")):
            found[f"{name}.{key}_total"] = number(totals[which] if people else None)
            found[f"{name}.{key}_mean"] = number(totals[which] / people if people else None)
            found[f"{name}.{key}_rate"] = number(rates[which])
            if word == "recorded":
                groups = Counter(group_of[code] for codes in each for code in codes[which])
                for group in ("acquisitive", "violence", "drug", "order"):
                    found[f"{name}.{group}.{key}_total"] = number(groups[group] if people else None)
        ratio = rates[1] / rates[0] if rates[0] and rates[1] is not None else None
        full = sum(len(self.windows(person)[1]) == 365 for person in self.starters)
        found[f"{name}.rate_ratio"] = {**number(ratio), "people_full_followup": full}
        found[f"{name}.none_post"] = share(sum(not codes[1] for codes in each), people)
        found[f"{name}.earlier_total"] = number(sum(len(codes[2]) for codes in each) if people else None)
        return found

    def severity(self) -> dict[str, Row]:
        weights = {row["code"]: row["css_weight"] for row in csv.DictReader(io.StringIO(TABLE.read_text()))}
        found = {}
        for which, key in enumerate(("pre", "post")):
            each = [self.offences(person, "police_recorded")[which] for person in self.starters]
            unknown = sum(not weights[code] for codes in each for code in codes)
            sums = [sum(float(weights[code] or 0) for code in codes) for codes in each]
            value = None if unknown else middle(sums)
            found[f"offending.severity.{key}_median"] = {**number(value), "not_weighted": unknown}
        return found

    # --- support -----------------------------------------------------------------------------------------
    def support(self) -> dict[str, Row]:
        rows = [row for row in self.rows_of_starters("support.csv") if self.month <= row["date"] < self.as_of]
        came = [row for row in rows if row["attended"] == "yes"]
        present = {p["patient_ref"] for p in self.staying}
        reached = {row["patient_ref"] for row in came} & present
        domains = ("housing", "health", "welfare", "employment", "mental_health", "family", "psychosocial")
        counts = {f"sessions.{d}": sum(row["domain"] == d for row in came) for d in domains}
        counts["did_not_attend"] = len(rows) - len(came)
        found = {f"support.{key}.month": number(n if self.starters else None) for key, n in counts.items()}
        found["support.people.month"] = share(len(reached), len(present))
        found["support.per_person.month"] = number(len(came) / len(present) if present else None)
        return found
