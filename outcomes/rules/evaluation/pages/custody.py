"""Custody: days inside and stays, a year before each start beside up to a year after it."""

from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.findings_of_programme import custody_finding
from outcomes.rules.evaluation.pages.blocks import Aside, Block, Chart, Control, Found, Page, Paragraph, Table
from outcomes.rules.evaluation.pages.cells import NONE, number_cell, rate_cell
from outcomes.rules.evaluation.words import of, share_of_people, whole

MEASURES = (("Before", "pre"), ("After", "post"))


def custody_page(control: Control, figures: Figures, found: Found) -> Page:
    """What the records hold of time inside, for those who pay for prisons and police cells."""
    facts = figures.custody
    heading = custody_finding(facts)
    blocks: list[Block] = [Paragraph(_opening(figures, found))]
    if facts.started and facts.rows:
        blocks += [
            Chart("custody", heading),
            Paragraph(
                "Dots: stays begun for each person-year, with the 95 % interval. Open: before. Filled: after.",
                "How to read it.",
            ),
            Table(
                "Custody before and after the start",
                ["Measure", *(name for name, _ in MEASURES)],
                [
                    [
                        "Days inside",
                        *(whole(found[f"custody.days.{key}"].numerator or 0) for _, key in MEASURES),
                    ],
                    [
                        "Days inside for each person-year",
                        *(number_cell(found[f"custody.days.{key}"]) for _, key in MEASURES),
                    ],
                    [
                        "Stays begun",
                        *(whole(found[f"custody.stays.{key}_rate"].numerator or 0) for _, key in MEASURES),
                    ],
                    [
                        "Stays begun for each person-year (95 % interval)",
                        *(rate_cell(found[f"custody.stays.{key}_rate"]) for _, key in MEASURES),
                    ],
                    ["People with any day inside", *(_people(figures, found, key) for _, key in MEASURES)],
                ],
            ),
        ]
    blocks.append(
        Aside(
            "Before: the year before each start. After: up to a year from the start, in treatment or not. Only stays "
            "that somebody wrote down are here. People come when things are at their worst, so part of any fall would "
            "have come anyway.",
            "What it does not show.",
        )
    )
    return Page(key="custody", running="Custody", heading=heading, blocks=blocks)


def _opening(figures: Figures, found: Found) -> str:
    first = found["custody.days.pre"]
    if first.value is None:
        return first.note or ""
    shorter = figures.followed.started - figures.followed.full_followup
    text = "Prison and police custody together, as the person or another service told."
    if shorter:
        text += f" {of(shorter, figures.followed.started)} people were followed for less than a year."
    return text


def _people(figures: Figures, found: Found, key: str) -> str:
    people = found[f"custody.people.{key}"].value
    return NONE if people is None else share_of_people(int(people), figures.custody.started)
