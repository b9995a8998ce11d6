"""Flow, as a diagram that closes."""

from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.findings import flow_finding
from outcomes.rules.evaluation.flow import EXIT_REASONS, SOURCE_WORDS
from outcomes.rules.evaluation.pages.blocks import (
    Aside,
    Block,
    Chart,
    Columns,
    Control,
    Found,
    Page,
    Paragraph,
    Table,
)
from outcomes.rules.evaluation.words import FEW_PEOPLE, day, decimal, of, percent, plural, whole


def flow_page(control: Control, figures: Figures, found: Found) -> Page:
    """Where everybody who was referred is now."""
    flow = figures.flow
    heading = flow_finding(flow, control.as_of)
    blocks: list[Block] = [Paragraph(_opening(figures))]
    if flow.referred:
        blocks.append(Chart("flow", heading))
    blocks += [
        Columns(
            [
                Table(
                    "Where everybody referred is now",
                    ["Referred", "People"],
                    [
                        ["Found not eligible", whole(flow.not_eligible)],
                        ["Not decided on", whole(flow.undecided)],
                        ["Left before a start", whole(flow.left_before_start)],
                        ["Eligible, waiting", whole(flow.waiting)],
                        ["Started", whole(flow.started)],
                        ["All referred", whole(flow.referred)],
                    ],
                ),
                Table(
                    "Where everybody who started is now",
                    ["Started", "People"],
                    [
                        ["In treatment", whole(flow.in_treatment)],
                        *[
                            [f"Left: {words}", whole(flow.exited_by_reason.get(reason, 0))]
                            for reason, words in EXIT_REASONS.items()
                        ],
                        ["All who started", whole(flow.started)],
                    ],
                ),
            ]
        ),
        Columns([_waiting(control, figures), *_who_came(figures)]),
        Paragraph(_before_they_came(figures, found), "Before they came."),
        Aside(_places(found), "Places."),
        Aside(_against_criteria(found), "Criteria."),
    ]
    return Page(key="flow", running="Flow", heading=heading, blocks=blocks)


def _opening(figures: Figures) -> str:
    if not figures.flow.referred:
        return "The tables below will fill as people are referred."
    return (
        "Each bar is as wide as its number of people and stands under the bar it is part of, so nobody "
        "is counted twice and nobody is left out. A person who came back counts once."
    )


def _waiting(control: Control, figures: Figures) -> Table:
    flow = figures.flow
    return Table(
        "Waiting, in days, the middle person",
        ["From referral", "People", "Days"],
        [
            ["To assessment", whole(flow.assessed), _days(flow.assessment_days)],
            ["To start", whole(flow.started), _days(flow.start_days)],
            [f"To {day(control.as_of)}, still waiting", whole(flow.waiting), _days(flow.waiting_days)],
        ],
    )


def _who_came(figures: Figures) -> list[Table]:
    """Return who referred people, and where those who started live."""
    flow = figures.flow
    tables: list[Table] = []
    if flow.referred_by_source:
        rows = [
            [words, whole(flow.referred_by_source[key]), whole(flow.started_by_source.get(key, 0))]
            for key, words in SOURCE_WORDS.items()
            if key in flow.referred_by_source
        ]
        tables.append(Table("Who referred them", ["Referred by", "Referred", "Started"], rows))
    if flow.started_by_area:
        rows = [[area, whole(people)] for area, people in sorted(flow.started_by_area.items())]
        if unknown := flow.started - sum(flow.started_by_area.values()):
            rows.append(["Not recorded", whole(unknown)])
        tables.append(Table("Where those who started came from", ["Area", "Started"], rows))
    return tables


def _before_they_came(figures: Figures, found: Found) -> str:
    offences = found["candidates.offences_2y"]
    if offences.value is None:
        return offences.note or ""
    return (
        f"Police recorded {plural(int(offences.value), 'offence', 'offences')} in the two years before the referral, "
        f"by {of(figures.candidates.people, figures.flow.referred)} people referred. {offences.note}"
    )


def _days(days: float | None) -> str:
    if days is None:
        return "–"
    return decimal(days, 0 if days == int(days) else 1)


def _against_criteria(found: Found) -> str:
    """Return how many were accepted by a clinician who overrode the criteria."""
    taken = found["flow.against_criteria"]
    if not taken.denominator:
        return f"{taken.note}{_not_held(taken.missing, '')}"
    accepted = of(int(taken.numerator or 0), int(taken.denominator))
    return (
        f"{accepted} people who were held against written criteria were accepted although a criterion was not met or "
        f"not known. A clinician decided each, with a written reason.{_not_held(taken.missing, ' more')}"
    )


def _not_held(people: int, more: str) -> str:
    if not people:
        return ""
    who = f"1{more} person was" if people == 1 else f"{whole(people)}{more} people were"
    return f" {who} found eligible and not held against criteria: none were in force, or records were brought in."


def _places(found: Found) -> str:
    occupancy = found["flow.occupancy"]
    if occupancy.value is None:
        return occupancy.note or ""
    in_use = of(int(occupancy.numerator or 0), int(occupancy.denominator or 0))
    share = f" ({percent(occupancy.value)})" if (occupancy.denominator or 0) >= FEW_PEOPLE else ""
    return f"{in_use} places{share} were in use at the data cut."
