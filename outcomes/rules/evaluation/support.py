"""Help around treatment: sessions attended by what they were about, people reached, and sessions nobody came to.

Source: Indicators 3, 7 and 8 (evaluation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from outcomes.rules.evaluation.indicators import (
    NOBODY_STARTED,
    Definition,
    Group,
    Indicator,
    Period,
    Source,
    Window,
    count,
    make,
    proportion,
)
from outcomes.rules.support import DOMAIN_WORDS

NOBODY_IN_TREATMENT = "Nobody was in treatment at the data cut."


@dataclass(frozen=True, kw_only=True, slots=True)
class Booked:
    """Sessions booked with people who started: attended, and not; the people who came, and the time it took.

    `without_minutes` counts the attended sessions that do not say how long they took.
    """

    attended: int = 0
    not_attended: int = 0
    people: int = 0
    minutes: int = 0
    without_minutes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthOfSupport:
    """One month of the chart."""

    month: date
    attended: int
    not_attended: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SupportFacts:
    """Support of people who started, by domain and by agency in the month, and by month since opening.

    `reached` counts people in treatment at the data cut with an attended session in the month. The agency ""
    stands for the clinic alone.
    """

    started: int
    in_treatment: int
    reached: int
    by_domain: Mapping[str, Booked]
    by_agency: Mapping[str, Booked]
    months: Sequence[MonthOfSupport]

    @property
    def attended(self) -> int:
        return sum(booked.attended for booked in self.by_domain.values())

    @property
    def not_attended(self) -> int:
        return sum(booked.not_attended for booked in self.by_domain.values())


PEOPLE = Definition(
    id="support.people.month",
    label="People in treatment who came to a support session, this month",
    meaning=(
        "People in treatment at the data cut who came to at least one support session in the month, whatever "
        "it was about."
    ),
    group=Group.IN_TREATMENT,
    source=Source.CLINIC_RECORD,
    window=Window.MONTH,
    unit="proportion",
    numerator="people with an attended support session in the month",
    denominator="people in treatment at the data cut",
    missing="none: a session is logged or was not held",
    method="Wilson 95 %",
)
SESSIONS = Definition(
    id="support.sessions.<domain>.month",
    label="Support sessions attended this month: {}",
    meaning=(
        "Sessions attended in the month, by what they were about, of people who ever started; also after they "
        "left. A session that was corrected counts as its last correction says, once."
    ),
    group=Group.STARTED,
    source=Source.CLINIC_RECORD,
    window=Window.MONTH,
    unit="sessions",
    numerator="support sessions attended",
    denominator="none: a count",
    missing="none: a session is logged or was not held",
    method="a count, no interval",
)
DID_NOT_ATTEND = Definition(
    id="support.did_not_attend.month",
    label="Support sessions that the person did not come to, this month",
    meaning="Sessions booked in the month with people who ever started, and not attended.",
    group=Group.STARTED,
    source=Source.CLINIC_RECORD,
    window=Window.MONTH,
    unit="sessions",
    numerator="support sessions not attended",
    denominator="none: a count",
    missing="none: a session is logged or was not held",
    method="a count, no interval",
)
PER_PERSON = Definition(
    id="support.per_person.month",
    label="Support sessions attended for each person in treatment, this month",
    meaning=(
        "All support sessions attended in the month by people who ever started, divided by the people in "
        "treatment at the data cut."
    ),
    group=Group.IN_TREATMENT,
    source=Source.CLINIC_RECORD,
    window=Window.MONTH,
    unit="sessions_per_person",
    numerator="support sessions attended",
    denominator="people in treatment at the data cut",
    missing="none: a session is logged or was not held",
    method="a mean, no interval",
)
DEFINITIONS = (PEOPLE, SESSIONS, DID_NOT_ATTEND, PER_PERSON)


def list_support_indicators(facts: SupportFacts, period: Period) -> list[Indicator]:
    """Every figure of the help around treatment. Counts of nobody are null, not nought. Indicators 3 and 8."""
    return [
        proportion(
            PEOPLE,
            period,
            facts.reached,
            facts.in_treatment,
            empty=NOBODY_IN_TREATMENT if facts.started else NOBODY_STARTED,
        ),
        *(
            _of_starters(SESSIONS, period, facts, booked.attended, key=str(domain), words=words.lower())
            for domain, words in DOMAIN_WORDS.items()
            for booked in [facts.by_domain.get(domain, Booked())]
        ),
        _of_starters(DID_NOT_ATTEND, period, facts, facts.not_attended),
        _per_person(facts, period),
    ]


def _of_starters(
    definition: Definition,
    period: Period,
    facts: SupportFacts,
    number: int,
    key: str | None = None,
    words: str | None = None,
) -> Indicator:
    if not facts.started:
        return make(definition, period, key=key, words=words, note=NOBODY_STARTED)
    return count(definition, period, number, key=key, words=words)


def _per_person(facts: SupportFacts, period: Period) -> Indicator:
    if not facts.in_treatment:
        return make(PER_PERSON, period, note=NOBODY_IN_TREATMENT if facts.started else NOBODY_STARTED)
    return make(
        PER_PERSON,
        period,
        value=facts.attended / facts.in_treatment,
        numerator=facts.attended,
        denominator=facts.in_treatment,
    )
