"""When the service or the area was not as usual: a named band on every chart of months, and days of follow-up in it.

Source: Indicators 8 (evaluation).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from outcomes.rules.evaluation.words import joined, of, plural, short_day

KIND_WORDS = {
    "closed": "the clinic was closed",
    "reduced": "the clinic did less than usual",
    "area_wide": "the whole area was disturbed",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Disturbance:
    """One period, half-open; `ends_on` is None where it had not ended by the data cut."""

    starts_on: date
    ends_on: date | None
    kind: str
    label: str

    @property
    def words(self) -> str:
        """What happened, from when to when, and what was not as usual."""
        if self.ends_on is None:
            days = f"from {short_day(self.starts_on)} on"
        else:
            last = self.ends_on - timedelta(days=1)
            days = short_day(last)
            if last != self.starts_on:
                days = f"{short_day(self.starts_on)} to {days}"
        return f"{self.label}, {days} ({KIND_WORDS[self.kind]})"


@dataclass(frozen=True, kw_only=True, slots=True)
class DisturbedFacts:
    """The periods before the data cut, the first first, and the days of follow-up that lie in one, of all there are."""

    periods: tuple[Disturbance, ...] = ()
    follow_days: int = 0
    inside_days: int = 0


@dataclass(frozen=True, slots=True)
class Band:
    """A period on a chart of months: its number, and the places of the first and the last month that it touches."""

    number: int
    first: int
    last: int
    words: str


def bands_of(periods: Sequence[Disturbance], months: Sequence[date]) -> tuple[Band, ...]:
    """The periods that touch the months of a chart, numbered; `months` are first days, one after another."""
    bands: list[Band] = []
    for period in periods:
        places = [place for place, month in enumerate(months) if _touches(period, month)]
        if places:
            bands.append(Band(len(bands) + 1, places[0], places[-1], period.words))
    return tuple(bands)


def _touches(period: Disturbance, month: date) -> bool:
    after = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return period.starts_on < after and (period.ends_on is None or period.ends_on > month)


def bands_in_words(bands: Sequence[Band]) -> str:
    """What the striped months of a chart are; nothing where there is no band."""
    if not bands:
        return ""
    return f"Striped months were not as usual: {'; '.join(f'{band.number} {band.words}' for band in bands)}."


def with_bands(finding: str, bands: Sequence[Band]) -> str:
    """The finding of a chart, followed by what its bands are: its alternative text."""
    return f"{finding}. {bands_in_words(bands)}" if bands else finding


def follow_up_caution(facts: DisturbedFacts) -> str:
    """What share of the follow-up lies in days that were not as usual; nothing where no such day is known."""
    if not facts.periods:
        return ""
    labels = joined(list(dict.fromkeys(period.label for period in facts.periods)))
    if not facts.follow_days:
        return f"{labels}: nobody was followed yet."
    if not facts.inside_days:
        return f"{labels}: none of the {plural(facts.follow_days, 'day', 'days')} of follow-up lies in them."
    return (
        f"{of(facts.inside_days, facts.follow_days)} days of follow-up lie in them: {labels}. What changed then may be "
        "theirs."
    )
