"""What others published of such treatment, as data: each with whom it is about, how it was counted, and by whom.

A published figure is never mixed with one of ours: it stands beside ours with both definitions. Costs differ in
what they cover, so each keeps its scope. What nobody has read in a publication is marked so.

Source: Indicators 5 (evaluation).
"""

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How well a published figure is known."""

    PUBLISHED = "published"
    PRESS = "told in the press or by the provider"
    NOT_CHECKED = "not checked against its source"


@dataclass(frozen=True, kw_only=True, slots=True)
class Benchmark:
    """One published result; `ours` is the figure of this report to read beside it, if there is one."""

    study: str
    about: str
    counted: str
    result: str
    source: str
    standing: Standing
    ours: str | None
    differs: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedCost:
    """One published sum with what it covers."""

    sum: str
    scope: str
    source: str
    standing: Standing


_RIOTT = "RIOTT, Lancet 2010, abstract"
_COCHRANE = "Cochrane Library 2011, CD003410"
_MARSDEN = "Lancet 2009, abstract"

BENCHMARKS = (
    Benchmark(
        study="RIOTT: still in the treatment",
        about="43 people given injectable heroin, in three English clinics",
        counted="In the treatment they were drawn for, at week 26",
        result="38 of 43 (88 %); 81 % on injected and 69 % on oral methadone",
        source=_RIOTT,
        standing=Standing.PUBLISHED,
        ours="retention.km_182",
        differs="Ours estimates who stays 26 weeks from everyone who started; nobody was drawn by lot.",
    ),
    Benchmark(
        study="RIOTT: responders",
        about="127 people: 43 on heroin, 42 on injected and 42 on oral methadone",
        counted="At least half of the weekly urines of weeks 14 to 26 negative for street heroin; adjusted, "
        "with missing tests estimated",
        result="66 % on heroin, 30 % on injected and 19 % on oral methadone",
        source=_RIOTT,
        standing=Standing.PUBLISHED,
        ours="urine.responders",
        differs="Ours counts a missing test as positive and adjusts for nothing.",
    ),
    Benchmark(
        study="Cochrane review: staying in treatment",
        about="1,388 people in four trials",
        counted="Chance of staying, with heroin over without it",
        result="1.44 times (1.19 to 1.75)",
        source=_COCHRANE,
        standing=Standing.PUBLISHED,
        ours="retention.km_364",
        differs="A ratio of two groups. We have no second group, so ours is only the share that stays a year.",
    ),
    Benchmark(
        study="Cochrane review: deaths",
        about="Trials of heroin beside other treatment",
        counted="Chance of dying, with heroin over without it",
        result="0.65 times (0.25 to 1.69): not told apart from no difference",
        source=_COCHRANE,
        standing=Standing.PUBLISHED,
        ours="safety.deaths.in_treatment",
        differs="Ours is a plain count, in treatment only.",
    ),
    Benchmark(
        study="NDTMS: no heroin in the last 28 days",
        about="13,542 people in community opioid treatment in England",
        counted="Told of heroin at the start and of none in a later outcome form",
        result="5,016 of 13,542 (37 %)",
        source=_MARSDEN,
        standing=Standing.PUBLISHED,
        ours=None,
        differs="The page on outcome forms sets our answers side by side. Most of those people took oral medicine, "
        "and had not all failed other treatment.",
    ),
    Benchmark(
        study="Glasgow: still in the service",
        about="15 people who started in the first year",
        counted="Still engaged when the summary was written",
        result="9 of 15 (60 %; 36 to 80 %)",
        source="Health Research Authority, summary of the evaluation of the Glasgow service",
        standing=Standing.PUBLISHED,
        ours="retention.snapshot",
        differs="Both are looks at one day: people who started late had less time to leave.",
    ),
    Benchmark(
        study="Middlesbrough: in treatment at the end of year 1",
        about="14 people who started from October 2019",
        counted="Remained at the end of the first year of the programme",
        result="7 of 14 (50 %; 27 to 73 %)",
        source="First year report",
        standing=Standing.PRESS,
        ours="retention.snapshot",
        differs="A look at one day, not a year from each person's start.",
    ),
)

PUBLISHED_COSTS = (
    PublishedCost(
        sum="£12,000",
        scope="Middlesbrough, a person a year: diamorphine alone",
        source="First year report",
        standing=Standing.PRESS,
    ),
    PublishedCost(
        sum="£250,000",
        scope="Middlesbrough, the whole service for a year, 15 places",
        source="News of the programme",
        standing=Standing.PRESS,
    ),
    PublishedCost(
        sum="£1.2 million",
        scope="Setting a service up; which one is not told",
        source="None read",
        standing=Standing.NOT_CHECKED,
    ),
    PublishedCost(
        sum="£3,966,001",
        scope="Glasgow to December 2022, about 40 % of it setting up; 24 people",
        source="Scottish press, March 2023",
        standing=Standing.PRESS,
    ),
    PublishedCost(
        sum="about £15,000",
        scope="RIOTT clinics, a person a year: the service",
        source="Royal College of Nursing, news of the trial's results",
        standing=Standing.PRESS,
    ),
    PublishedCost(
        sum="£2.1 million",
        scope="Middlesbrough: 541 offences of 6 people, over a time not told; includes wider cost to society",
        source="First year report",
        standing=Standing.PRESS,
    ),
    PublishedCost(
        sum="about £800,000",
        scope="Middlesbrough before the clinic: 351 detected offences of 20 people in two years",
        source="News of the programme",
        standing=Standing.PRESS,
    ),
)
