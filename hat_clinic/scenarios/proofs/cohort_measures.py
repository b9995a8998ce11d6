"""Offences, samples, forms, homes and events of an invented clinic, counted one person at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hat_clinic.scenarios.proofs.cohorts import HALF_YEAR, YEAR, Person
from outcomes.rules.evaluation.attendance import Sessions
from outcomes.rules.evaluation.crime_cost import Costed, CrimeCostFacts
from outcomes.rules.evaluation.custody import CustodyFacts, CustodyWindow
from outcomes.rules.evaluation.health import HealthFacts, Used, UseOfSource
from outcomes.rules.evaluation.housing import HousingFacts, Moment
from outcomes.rules.evaluation.indicators import Source
from outcomes.rules.evaluation.legacy import LegacyFacts, MonthOne
from outcomes.rules.evaluation.own import SPEND, YES_OR_NO, OwnFacts
from outcomes.rules.evaluation.people import PeopleBehind
from outcomes.rules.evaluation.safety import SafetyFacts
from outcomes.rules.evaluation.top import SHOPLIFTING, TopFacts
from outcomes.rules.evaluation.urine import PersonWeeks, Samples, UrineFacts
from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS, YES_NO_ITEMS

UNIT_COST: Mapping[str, int | None] = {"acquisitive": 690, "violence": 4200, "drug": None, "order": 1100}


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Who had started by a day, who of them had been treated long, who had left; starts and ends of follow-up."""

    day: int
    starters: Sequence[Person]
    long: Sequence[Person]
    left: set[int]
    start: Mapping[int, int]
    until: Mapping[int, int]

    def parts(self, person: Person) -> list[tuple[str, str]]:
        """The window and the group of each recorded offence that lies in one."""
        found = [(self._part(person, at), group) for at, group in person.offences]
        return [(part, group) for part, group in found if part]

    def told_parts(self, person: Person) -> list[str]:
        """The window of each offence the person told of."""
        return [part for part in (self._part(person, at) for at in person.told) if part]

    def _part(self, person: Person, at: int) -> str:
        start = self.start[id(person)]
        if at < start - YEAR:
            return "earlier"
        if at < start:
            return "pre"
        return "post" if at < self.until[id(person)] else ""


def sessions_of(cohort: Cohort, people: Sequence[Person]) -> Sessions:
    """Sessions before the day."""
    held = [[came for at, came in person.sessions if at < cohort.day] for person in people]
    return Sessions(
        attended=sum(map(sum, held)),
        offered=sum(map(len, held)),
        excused=0,
        open=0,
        people=sum(map(bool, held)),
    )


def urine_of(cohort: Cohort) -> UrineFacts:
    """Samples before the day, and the weeks of those followed for half a year."""
    results = Counter(
        result for person in cohort.starters for at, result in person.samples if at < cohort.day
    )
    samples = Samples(
        due=results.total(),
        negative=results["negative"],
        positive=results["positive"],
        void=results["void"],
        not_taken=results["not_taken"],
    )
    weeks = []
    for person in cohort.starters:
        start = cohort.start[id(person)]
        if start + HALF_YEAR <= cohort.day:
            seen = [
                result
                for at, result in person.samples
                if 91 <= at - start < HALF_YEAR and result in ("negative", "positive")
            ]
            weeks.append(PersonWeeks(negative=seen.count("negative"), valid=len(seen)))
    return UrineFacts(month=samples, cumulative=samples, weeks=weeks, started=len(cohort.starters), months=[])


def top_of(cohort: Cohort) -> TopFacts:
    """Answers at the start, and the later ones that were given by the day."""
    first = [person.answers[SHOPLIFTING][1] for person in cohort.starters if SHOPLIFTING in person.answers]
    return TopFacts(
        started=len(cohort.starters),
        with_start=sum(bool(person.answers) for person in cohort.starters),
        asked_shoplifting=len(first),
        shoplifted_daily=first.count(28),
        compared=sum(bool(person.answers) for person in cohort.starters),
        pairs={
            item: [
                person.answers[item][1:]
                for person in cohort.starters
                if item in person.answers and person.answers[item][0] < cohort.day
            ]
            for item in (*DAY_ITEMS, *SCORE_ITEMS, *YES_NO_ITEMS)
        },
    )


def housing_of(cohort: Cohort) -> HousingFacts:
    """Where people lived, by the records before the day."""

    def count(people: Sequence[Person]) -> dict[Moment, Counter[str]]:
        return {
            moment: Counter(
                person.homes[moment][1]
                for person in people
                if moment in person.homes and person.homes[moment][0] < cohort.day
            )
            for moment in Moment
        }

    return HousingFacts(
        started=len(cohort.starters), people=count(cohort.starters), people_of_l30=count(cohort.long)
    )


def health_of(cohort: Cohort) -> HealthFacts:
    """Ambulance calls that people told of."""
    asked = [person for person in cohort.starters if person.calls]
    calls = [person.calls for person in asked if person.calls]
    if not calls:
        return HealthFacts(started=len(cohort.starters), by_source={})
    before = Used(events=sum(pre for pre, _, _ in calls), days=180 * len(calls), people=len(calls))
    since = Used(
        events=sum(post for _, post, _ in calls),
        days=sum(days for _, _, days in calls),
        people=len(calls),
    )
    use = UseOfSource(
        pre={"ambulance": before}, during={"ambulance": since}, people_in_both={"ambulance": len(calls)}
    )
    return HealthFacts(started=len(cohort.starters), by_source={Source.SELF_REPORTED: use})


def safety_of(cohort: Cohort, referred: int) -> SafetyFacts:
    """Events before the day, and deaths of those who left so."""
    kinds = Counter(kind for person in cohort.starters for at, kind in person.events if at < cohort.day)
    return SafetyFacts(
        referred=referred,
        started=len(cohort.starters),
        over_sedation=kinds["over_sedation"],
        overdose_on_site=kinds["on_site"],
        overdose_off_site=kinds["off_site"],
        naloxone=kinds["naloxone"],
        deaths_in_treatment=sum(
            person.reason == "died" for person in cohort.starters if id(person) in cohort.left
        ),
        deaths_before_start=0,
        deaths_after_exit_28d=0,
        deaths_after_exit_later=0,
        days_before_start=100,
        days_in_treatment=sum(cohort.day - start for start in cohort.start.values()),
        days_after_exit_28d=28,
        days_after_exit_later=28,
    )


def crime_cost_of(cohort: Cohort) -> CrimeCostFacts:
    """What the offences cost by a small made-up table."""
    groups = [each for person in cohort.starters for each in cohort.parts(person)]

    def cost(part: str) -> Costed:
        costs = [UNIT_COST[group] for found, group in groups if found == part]
        known = [pounds for pounds in costs if pounds is not None]
        return Costed(gbp=sum(known), costed=len(known), not_costed=len(costs) - len(known), verified=True)

    return CrimeCostFacts(
        started=len(cohort.starters),
        by_kind={(kind, part): cost(part) for kind in ("response", "social") for part in ("pre", "post")},
        table_version="ab12",
    )


def legacy_of(cohort: Cohort) -> LegacyFacts:
    """What the first reports counted, of those treated long."""
    parts = [[part for part, _ in cohort.parts(person)] for person in cohort.long]
    scores = {}
    for item in ("psychological", "physical"):
        answers = [person.answers[item] for person in cohort.long if item in person.answers]
        scores[item] = MonthOne(
            people=len(answers),
            start=sum(first for _, first, _ in answers),
            month1=sum(last for _, _, last in answers),
        )
    return LegacyFacts(
        people=len(cohort.long),
        known_before=sum(part != "post" for one in parts for part in one),
        recorded_after=sum(part == "post" for one in parts for part in one),
        people_none_after=sum("post" not in one for one in parts),
        scores=scores,
    )


def custody_of(cohort: Cohort) -> CustodyFacts:
    """Days inside before and since the start."""
    since = {id(person): cohort.until[id(person)] - cohort.start[id(person)] for person in cohort.starters}
    before = [person.inside[0] for person in cohort.starters]
    after = [min(person.inside[1], since[id(person)]) for person in cohort.starters]
    return CustodyFacts(
        rows=1,
        started=len(cohort.starters),
        pre=CustodyWindow(
            days=YEAR * len(before),
            inside=sum(before),
            stays=sum(map(bool, before)),
            people=sum(map(bool, before)),
        ),
        post=CustodyWindow(
            days=sum(since.values()) or 1,
            inside=sum(after),
            stays=sum(map(bool, after)),
            people=sum(map(bool, after)),
        ),
    )


def own_of(cohort: Cohort) -> OwnFacts:
    """Answers to the clinic's own questions, of those who answered twice."""
    answered = [person for person in cohort.starters if person.spent]
    return OwnFacts(
        rows=len(answered),
        started=len(cohort.starters),
        not_asking=0,
        pairs={
            SPEND: [person.spent for person in answered if person.spent],
            YES_OR_NO[0]: [
                (int(first > 0), int(last > 0))
                for first, last in (person.spent or (0, 0) for person in answered)
            ],
        },
    )


def behind_of(cohort: Cohort) -> PeopleBehind:
    """How many people each of these rests on."""
    seen = [set(cohort.parts(person)) for person in cohort.starters]
    offences = {"recorded.either": sum(any(at != "earlier" for at, _ in found) for found in seen)}
    for part in ("pre", "post", "earlier"):
        offences[f"recorded.{part}"] = sum(any(at == part for at, _ in found) for found in seen)
    for part in ("pre", "post"):
        for group in UNIT_COST:
            offences[f"recorded.{group}.{part}"] = sum((part, group) in found for found in seen)
        costed = {(part, group) for group, cost in UNIT_COST.items() if cost is not None}
        offences[f"response.{part}"] = offences[f"social.{part}"] = sum(
            bool(costed & found) for found in seen
        )
    of_long = [{at for at, _ in cohort.parts(person)} for person in cohort.long]
    offences["long.before"] = sum(bool({"pre", "earlier"} & found) for found in of_long)
    offences["long.after"] = sum("post" in found for found in of_long)
    told = [cohort.told_parts(person) for person in cohort.starters]
    for part in ("pre", "post", "earlier"):
        offences[f"self_reported.{part}"] = sum(part in found for found in told)
    offences["self_reported.either"] = sum("pre" in found or "post" in found for found in told)
    kinds = [{kind for at, kind in person.events if at < cohort.day} for person in cohort.starters]
    samples = [[result for at, result in person.samples if at < cohort.day] for person in cohort.starters]
    calls = [person.calls for person in cohort.starters if person.calls]
    return PeopleBehind(
        offences=offences,
        events={
            key: sum(kind in found for found in kinds)
            for key, kind in (
                ("over_sedation", "over_sedation"),
                ("overdose.on_site", "on_site"),
                ("overdose.off_site", "off_site"),
                ("naloxone", "naloxone"),
            )
        },
        samples_due=sum(map(bool, samples)),
        samples_valid=sum("negative" in found or "positive" in found for found in samples),
        sessions=sessions_of(cohort, cohort.starters).people,
        services={
            "health.ambulance.pre@self_reported": sum(pre > 0 for pre, _, _ in calls),
            "health.ambulance.during@self_reported": sum(since > 0 for _, since, _ in calls),
        },
    )
