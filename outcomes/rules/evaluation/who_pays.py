"""Each public body: what it paid for the programme, and its own units before treatment began and since.

Two things side by side that are never taken from each other: money paid, and calls, offences or days. No saving is
reckoned. Everything is read from figures that the report holds already, so each edition tells here what it tells
elsewhere.

Source: Indicators 5, 7 and 8 (evaluation).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from outcomes.rules.evaluation.findings import Change, change_of_ratio
from outcomes.rules.evaluation.health import SOURCE_WORDS
from outcomes.rules.evaluation.indicators import Source, document_interval
from outcomes.rules.evaluation.words import joined, plural

Figure = Mapping[str, Any]
PAYER = "cost.payer."


@dataclass(frozen=True, slots=True)
class Unit:
    """What a body counts, and the figures that hold it: of the year before, since, and one over the other."""

    words: str
    before: str
    since: str
    ratio: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """One public body: the words that a payer's name holds when it is this one, and what it counts."""

    name: str
    known_by: tuple[str, ...]
    unit: Unit | None = None


# In the order in which a payer's name is looked through: a name belongs to the first body that knows it.
BODIES = (
    Body("Public health and councils", ("public health", "council", "local authority")),
    Body("Probation", ("probation",)),
    Body("Courts", ("court",)),
    Body(
        "Police and police commissioner",
        ("police", "constabulary"),
        Unit(
            "recorded offences",
            "offending.recorded.pre_rate",
            "offending.recorded.post_rate",
            "offending.recorded.rate_ratio",
        ),
    ),
    Body(
        "Prisons and custody",
        ("prison", "custody"),
        Unit("days inside", "custody.days.pre", "custody.days.post"),
    ),
    Body(
        "Ambulance service",
        ("ambulance",),
        Unit(
            "calls",
            "health.ambulance.pre_rate",
            "health.ambulance.during_rate",
            "health.ambulance.rate_ratio",
        ),
    ),
    Body(
        "Hospital, A&E",
        ("a&e", "emergency department"),
        Unit("visits", "health.ae.pre_rate", "health.ae.during_rate", "health.ae.rate_ratio"),
    ),
    Body(
        "Hospital, wards",
        ("hospital", "nhs"),
        Unit(
            "admissions",
            "health.inpatient.pre_rate",
            "health.inpatient.during_rate",
            "health.inpatient.rate_ratio",
        ),
    ),
)
NO_UNIT = "Nothing of its own is counted in these records."
NO_ROWS = "This report does not hold this figure."


@dataclass(frozen=True, kw_only=True, slots=True)
class BodyRow:
    """One row: a body, the payers it stands for with their sums, and one thing it counts by one source.

    A figure that the report does not hold is None. `paid` is None where nobody entered that it paid.
    """

    name: str
    words: str
    payers: tuple[str, ...]
    paid: float | None
    before: Figure | None = None
    since: Figure | None = None
    ratio: Figure | None = None

    @property
    def counts(self) -> bool:
        """Whether anything of its own is counted."""
        return bool(self.words)

    @property
    def title(self) -> str:
        """The body with what it counts."""
        return f"{self.name}: {self.words}" if self.words else self.name

    @property
    def fell(self) -> bool:
        """Whether it fell, by the rule of all findings: enough events, and an interval that lies below 1."""
        if self.ratio is None:
            return False
        events = sum(int(figure["numerator"] or 0) for figure in (self.before, self.since) if figure)
        return change_of_ratio(self.ratio["value"], document_interval(self.ratio), events) is Change.FELL

    @property
    def why_not(self) -> str:
        """Why one of the two times cannot be told; nothing where both can, or where one may not be shown."""
        if not self.counts:
            return NO_UNIT
        for figure in (self.before, self.since):
            if figure is None:
                return NO_ROWS
            if figure["value"] is None and not figure["suppressed"]:
                return str(figure["note"])
        return ""


def list_bodies(figures: Sequence[Figure]) -> list[BodyRow]:
    """Every body that counts something or paid, in their order; payers that are none of them come last."""
    paid: dict[str, dict[str, float]] = {}
    for figure in figures:
        if figure["id"].startswith(PAYER) and figure["value"] is not None:
            payer = figure["id"].removeprefix(PAYER)
            paid.setdefault(body_of(payer), {})[payer] = figure["value"]
    rows = [
        row
        for body in BODIES
        if body.unit or body.name in paid
        for row in _rows(body, figures, paid.get(body.name, {}))
    ]
    others = sorted(set(paid) - {body.name for body in BODIES})
    return rows + [
        BodyRow(name=name, words="", payers=tuple(paid[name]), paid=sum(paid[name].values()))
        for name in others
    ]


def body_of(payer: str) -> str:
    """The name of the body that a payer is, by the words in its name; a payer that none knows is its own."""
    name = payer.casefold()
    return next((body.name for body in BODIES if any(word in name for word in body.known_by)), payer)


def who_pays_finding(rows: Sequence[BodyRow]) -> str:
    """How many bodies paid, and which of their counts fell beyond what chance would give."""
    payers = len({row.name for row in rows if row.paid is not None})
    told = (
        f"{plural(payers, 'public body', 'public bodies')} paid for the programme"
        if payers
        else "No cost is entered, so who paid is not known"
    )
    if not any(row.ratio and row.ratio["interval"] for row in rows):
        return f"{told}; what each counts itself stands beside it"
    fell = [f"{row.words} ({row.name})" for row in rows if row.fell]
    if fell:
        return f"{told}; less since, for each year: {joined(fell)}"
    return f"{told}; of no body’s own count can it be said that it fell"


def _rows(body: Body, figures: Sequence[Figure], payers: Mapping[str, float]) -> Iterator[BodyRow]:
    """One row for each source that tells of what the body counts, or one without a figure."""
    paid = sum(payers.values()) if payers else None
    if body.unit is None:
        yield BodyRow(name=body.name, words="", payers=tuple(payers), paid=paid)
        return
    wanted = {"before": body.unit.before, "since": body.unit.since, "ratio": body.unit.ratio}
    by_source: dict[str, dict[str, Figure]] = {}
    for figure in figures:
        for time, identifier in wanted.items():
            if figure["id"] == identifier:
                by_source.setdefault(figure["source"], {})[time] = figure
    for source, found in by_source.items() or (("", {}),):
        told = SOURCE_WORDS.get(Source(source)) if source and body.unit.before.startswith("health.") else None
        words = f"{body.unit.words}, {told}" if told else body.unit.words
        yield BodyRow(name=body.name, words=words, payers=tuple(payers), paid=paid, **found)
