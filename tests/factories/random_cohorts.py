"""Small invented cohorts made of awkward days: exits on the data cut, samples on week edges, stays over windows.

Every cohort passes the checks of the import; a seed gives the same cohort again.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import date, timedelta
from random import Random

from outcomes.rules.cohort.columns import (
    ASSAYS,
    COST_CATEGORIES,
    EXIT_REASONS,
    HOUSING_STATES,
    REASONS,
    REFERRAL_SOURCES,
    SESSIONS_OFFERED,
    STAGES,
    SUPPORT_DOMAINS,
)
from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS, YES_NO_ITEMS

HEADERS = {
    "programme.csv": "clinic_code clinic_name opened_on places sessions_per_day",
    "patients.csv": (
        "patient_ref referred_on referral_source assessed_on eligible started_on exited_on exit_reason area"
    ),
    "attendance.csv": "patient_ref date session outcome dose_mg reason",
    "urine.csv": "patient_ref due_on taken_on assay result",
    "offences.csv": "patient_ref occurred_on offence source",
    "custody.csv": "patient_ref from to",
    "support.csv": "patient_ref date domain attended minutes agency",
    "top.csv": " ".join(("patient_ref date stage", *DAY_ITEMS, *YES_NO_ITEMS, *SCORE_ITEMS)),
    "housing.csv": "patient_ref date state",
    "service_use.csv": "patient_ref from to source ambulance ae inpatient",
    "costs.csv": "month payer category amount_gbp",
    "events.csv": "patient_ref date category on_site naloxone",
    "own.csv": "patient_ref date stage spend_week_gbp public_injecting unsafe_disposal family_contact",
    "phases.csv": "name from to places sessions_per_day",
    "area.csv": "area from to measure count source",
    "need.csv": "as_of area people method source",
}
OFFENCES = ("shoplifting", "theft_from_person", "theft_of_vehicle", "public_order")
LAST_DAY = date(2026, 1, 15)
LENGTHS = (0, 1, 21, 91, 181, 182, 183, 209, 210, 211, 363, 364, 365, 366, 500)


class RandomCohort:
    """One clinic, its folder as text by file name, and the month that its report is made for."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.rows: dict[str, list[tuple[object, ...]]] = defaultdict(list)
        self.opened = self._near(date(2021, 6, 15), 60)
        self.month = (self.opened + timedelta(days=self.random.choice((0, 31, 190, 400, 800)))).replace(day=1)
        self.as_of = (self.month + timedelta(days=31)).replace(day=1)
        self.sessions = SESSIONS_OFFERED[self.random.randint(1, 3)]
        self.code = f"RANDOM{seed}"
        self.rows["programme.csv"].append(
            (self.code, "Invented clinic", self.opened, self.random.randint(1, 5), len(self.sessions))
        )
        if self.random.random() < 0.3:
            self._phases()
        self._costs()
        for number in range(self.random.choice((0, 1, 2, 4, 8))):
            self._person(f"P{number}")
        self._around()

    def files(self) -> dict[str, str]:
        """Every file, an empty one with its header alone."""
        found = {}
        for name, header in HEADERS.items():
            out = io.StringIO(newline="")
            writer = csv.writer(out, lineterminator="\n")
            writer.writerows([header.split(" "), *self.rows[name]])
            found[name] = out.getvalue()
        return found

    def _near(self, day: date, days: int) -> date:
        return day + timedelta(days=self.random.randint(-days, days))

    def _maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def _phases(self) -> None:
        """Two phases that meet on an awkward day, covering every day."""
        turn = self.random.choice(
            (self.as_of - timedelta(days=1), self.as_of, self.as_of + timedelta(days=1))
        )
        first = min(self.opened, turn - timedelta(days=1))
        offered = len(self.sessions)
        self.rows["phases.csv"] += [("one", first, turn, 2, offered), ("two", turn, "", 4, offered)]

    def _around(self) -> None:
        """Counts of months around the opening and the data cut, some missing, and estimates of several years."""
        for measure in ("recorded_all", "drug_deaths"):
            if self._maybe(0.6):
                month = date(self.opened.year - 2, 12, 1)
                while month < self.as_of:
                    after = (month + timedelta(days=31)).replace(day=1)
                    if self._maybe(0.9):
                        count = self.random.randint(0, 300)
                        self.rows["area.csv"].append(
                            ("Invented Town", month, after, measure, count, "invented")
                        )
                    month = after
        for days in self.random.choice(((), (0,), (1, 400), (-1, 30))):
            self.rows["need.csv"].append(
                (self.as_of - timedelta(days=days), "Town", self.random.randint(1, 9), "guess", "invented")
            )

    def _person(self, ref: str) -> None:
        # Before opening, around the data cut, or in between.
        referred = self.random.choice(
            (self._near(self.opened, 30), self._near(self.as_of, 2), self._between())
        )
        assessed = referred + timedelta(days=self.random.choice((0, 5, 30))) if self._maybe(0.7) else None
        eligible = self.random.choice(("yes", "yes", "yes", "", "no"))
        started = self._start(max(referred, assessed or referred, self.opened)) if eligible != "no" else None
        exited = None
        if self._maybe(0.5):
            exited = self._after(started or assessed or referred)
        reason = self.random.choice(EXIT_REASONS) if exited else None
        self.rows["patients.csv"].append(
            (
                ref,
                referred,
                self.random.choice(REFERRAL_SOURCES),
                assessed,
                eligible,
                started,
                exited,
                reason,
                self.random.choice(("Northtown", "Southtown", "")),
            )
        )
        if reason == "died":
            self.rows["events.csv"].append((ref, exited, "death", "no", ""))
        about = started or referred
        self._urine(ref, about)
        self._offences(ref, about)
        self._custody(ref, about)
        self._support(ref)
        self._housing(ref, about)
        self._top(ref, about)
        self._own(ref, about)
        self._use(ref, about)
        self._events(ref, started, exited, reason)
        if started and (exited is None or exited > started) and self._maybe(0.8):
            self._sessions(ref, started, exited)

    def _between(self) -> date:
        return self.opened + timedelta(days=self.random.randint(0, max(1, (self.as_of - self.opened).days)))

    def _start(self, earliest: date) -> date | None:
        """Some days before the data cut that matter, where the person could have started by then."""
        chosen = self.as_of - timedelta(days=self.random.choice((-1, 0, 1, *LENGTHS[3:])))
        if chosen < earliest:
            chosen = earliest + timedelta(days=self.random.choice((0, 3)))
        return chosen if self._maybe(0.85) else None

    def _after(self, day: date) -> date:
        chosen = self.random.choice(
            (
                day + timedelta(days=self.random.choice(LENGTHS)),
                self.as_of + timedelta(days=self.random.choice((-1, 0, 1))),
            )
        )
        return max(chosen, day)

    def _sessions(self, ref: str, started: date, exited: date | None) -> None:
        last = min(exited or self.as_of + timedelta(days=3), self.as_of + timedelta(days=3))
        open_days = [started + timedelta(days=n) for n in range(max(1, (last - started).days))]
        some = set(self.random.sample(open_days, min(len(open_days), 12)))
        some |= {
            day for day in open_days if abs((day - self.month).days) <= 1 or (self.as_of - day).days in (0, 1)
        }
        self.rows["attendance.csv"].append((ref, started, self.sessions[0], "given", 180, ""))
        for day in sorted(some - {started}):
            for session in self.sessions:
                outcome = self.random.choice(
                    ("given", "given", "given_reduced", "withheld", "missed", "excused")
                )
                dosed = outcome.startswith("given")
                dose = self.random.randint(1, 300) if dosed else ""
                why = "" if dosed else self.random.choice(REASONS)
                self.rows["attendance.csv"].append((ref, day, session, outcome, dose, why))

    def _urine(self, ref: str, about: date) -> None:
        edges = [about + timedelta(days=7 * week + shift) for week in range(12, 28) for shift in (-1, 0, 6)]
        edges += [self.month, self.as_of, self.as_of - timedelta(days=1), self.opened - timedelta(days=1)]
        kept = self.random.random()
        for due in (day for day in edges if self._maybe(kept)):
            result = self.random.choice(("negative", "negative", "negative", "positive", "void", "not_taken"))
            assay = ASSAYS[0] if self._maybe(0.9) else ASSAYS[1]
            taken = "" if result == "not_taken" else due + timedelta(days=self.random.choice((0, 1)))
            self.rows["urine.csv"].append((ref, due, taken, assay, result))

    def _offences(self, ref: str, about: date) -> None:
        edges = [about + timedelta(days=days) for days in (-800, -366, -365, -364, -1, 0, 1, 364, 365, 366)]
        edges += [self.as_of + timedelta(days=days) for days in (-1, 0, 1)]
        kept = self.random.choice((0, 0.3, 1))
        codes = OFFENCES[: self.random.choice((2, 4))]
        for day in (day for day in edges if self._maybe(kept)):
            source = "police_recorded" if self._maybe(0.8) else "self_reported"
            self.rows["offences.csv"].append((ref, day, self.random.choice(codes), source))

    def _custody(self, ref: str, about: date) -> None:
        """Stays that touch, lie on a window's edge, cover a whole window, or have not ended."""
        marks = sorted(
            about + timedelta(days=days)
            for days in self.random.sample((-400, -366, -365, -364, -1, 0, 1, 30, 31, 364, 365, 366, 900), 4)
        )
        shape = self.random.choice(("none", "none", "touching", "apart", "open", "all"))
        if shape == "touching":
            stays: list[tuple[date, date | None]] = [(marks[0], marks[1]), (marks[1], marks[2])]
        elif shape == "apart":
            stays = [(marks[0], marks[1]), (marks[2], marks[3])]
        elif shape == "open":
            stays = [(marks[1], None)]
        elif shape == "all":
            stays = [(about - timedelta(days=500), about + timedelta(days=500))]
        else:
            stays = []
        self.rows["custody.csv"] += [
            (ref, first, until and min(until, LAST_DAY)) for first, until in stays if first < LAST_DAY
        ]

    def _housing(self, ref: str, about: date) -> None:
        """Homes on and beside the edges of 14 days about the start and a month later, and at the data cut."""
        edges = {about + timedelta(days=days) for days in (-15, -14, -3, 3, 13, 14, 15, 25, 31, 42, 43, 200)}
        edges |= {self.as_of + timedelta(days=days) for days in (-1, 0)}
        kept = self.random.choice((0, 0.3, 1))
        for day in (day for day in sorted(edges) if self._maybe(kept)):
            self.rows["housing.csv"].append((ref, day, self.random.choice(HOUSING_STATES)))

    def _top(self, ref: str, about: date) -> None:
        """Forms about the start, a month later and later still, with answers left open, at their limits and between."""
        edges = {
            about + timedelta(days=days) for days in (-15, -14, -2, 0, 2, 14, 15, 27, 29, 42, 43, 90, 180)
        }
        edges |= {self.as_of + timedelta(days=days) for days in (-1, 0)}
        kept, answered = self.random.choice((0.2, 0.6, 1)), self.random.choice((0.5, 1))
        for day in (day for day in sorted(edges) if self._maybe(kept)):
            near = abs((day - about).days) <= 15
            stage = "start" if near and self._maybe(0.8) else self.random.choice(STAGES)
            answers: list[object] = [self.random.choice((0, 0, 1, 9, 28, 28)) for _ in DAY_ITEMS]
            answers += [self.random.choice(("yes", "no")) for _ in YES_NO_ITEMS]
            answers += [self.random.choice((0, 7, 20)) for _ in SCORE_ITEMS]
            kept_answers = [answer if self._maybe(answered) else "" for answer in answers]
            self.rows["top.csv"].append((ref, day, stage, *kept_answers))

    def _own(self, ref: str, about: date) -> None:
        """The clinic's own questions on the edges of 14 days about the start and later, some left open."""
        edges = {about + timedelta(days=days) for days in (-15, -14, -2, 0, 2, 14, 15, 60, 120)}
        edges |= {self.as_of + timedelta(days=days) for days in (-1, 0)}
        kept, answered = self.random.choice((0, 0.4, 1)), self.random.choice((0.6, 1))
        for day in (day for day in sorted(edges) if self._maybe(kept)):
            near = abs((day - about).days) <= 15
            stage = "start" if near and self._maybe(0.8) else self.random.choice(STAGES)
            answers = [
                self.random.choice(("0", "35", "120.50", "700")),
                self.random.choice(("yes", "no")),
                self.random.choice(("yes", "no")),
                self.random.choice(("wanted_has", "wanted_has", "wanted_not", "not_wanted", "not_safe")),
            ]
            kept_answers = [answer if self._maybe(answered) else "" for answer in answers]
            self.rows["own.csv"].append((ref, day, stage, *kept_answers))

    def _use(self, ref: str, about: date) -> None:
        """Stretches that end or begin on the day of the start, lie over it, or end about the data cut."""
        marks = ((-60, -30), (-30, -1), (-28, 0), (-10, 10), (-1, 1), (0, 28), (1, 200), (28, 56))
        stretches = [(about + timedelta(days=a), about + timedelta(days=b)) for a, b in marks]
        stretches += [(self.as_of - timedelta(days=20), self.as_of + timedelta(days=n)) for n in (-1, 0, 1)]
        kept, told = self.random.choice((0, 0.3, 1)), self.random.choice((0, 0.7, 1))
        for first, until in (stretch for stretch in stretches if self._maybe(kept)):
            counts = [self.random.choice(("", 0, 0, 1, 3)) for _ in range(3)]
            source = "self_reported" if self._maybe(told) else "record"
            self.rows["service_use.csv"].append((ref, first, until, source, *counts))

    def _events(self, ref: str, started: date | None, exited: date | None, reason: str | None) -> None:
        """Events about the opening and the data cut; deaths after leaving, within 28 days and later."""
        edges = [self.opened + timedelta(days=days) for days in (-1, 0)]
        edges += [self.as_of + timedelta(days=days) for days in (-2, -1, 0)]
        kept = self.random.choice((0, 0.5))
        for day in (day for day in edges if self._maybe(kept)):
            category = self.random.choice(("over_sedation", "overdose", "overdose", "other"))
            given = self.random.choice(("yes", "no", ""))
            self.rows["events.csv"].append((ref, day, category, self.random.choice(("yes", "no")), given))
        if started is None and reason != "died" and self._maybe(0.15):
            died = self.opened + timedelta(days=self.random.choice((-1, 0, 40, 200)))
            self.rows["events.csv"].append((ref, died, "death", "no", "no"))
        if started and exited and reason != "died" and self._maybe(0.5):
            died = exited + timedelta(days=self.random.choice((-1, 0, 1, 27, 28, 29)))
            self.rows["events.csv"].append((ref, died, "death", "no", "no"))

    def _costs(self) -> None:
        """Money of months before opening, up to the month of the report and after it; sometimes only to set up."""
        months = [(self.opened - timedelta(days=40)).replace(day=1), self.opened.replace(day=1)]
        months += [self.month, self.as_of]
        categories = self.random.choice(((), ("setup",), COST_CATEGORIES))
        for month in months:
            for category in categories:
                payer = self.random.choice(("public health", "the prison group"))
                pounds = self.random.choice(("0", "12000.50", "399.9", "7"))
                self.rows["costs.csv"].append((f"{month:%Y-%m}", payer, category, pounds))

    def _support(self, ref: str) -> None:
        """Sessions on and beside the edges of the month, with and without minutes and agency."""
        edges = [self.month + timedelta(days=days) for days in (-1, 0, 1, 14)]
        edges += [self.as_of + timedelta(days=days) for days in (-1, 0)]
        kept = self.random.choice((0, 0.4, 1))
        for day in (day for day in edges if self._maybe(kept)):
            attended = self.random.choice(("yes", "yes", "no"))
            minutes = self.random.choice((15, 45, "")) if attended == "yes" else ""
            agency = self.random.choice(("", "Invented Homes"))
            self.rows["support.csv"].append(
                (ref, day, self.random.choice(SUPPORT_DOMAINS), attended, minutes, agency)
            )
