"""Wraparound delivered: sessions by month, what they were about, and with whom."""

from collections.abc import Mapping

from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.findings import support_finding
from outcomes.rules.evaluation.pages.blocks import (
    Aside,
    Block,
    Control,
    Found,
    Page,
    Paragraph,
    Table,
    in_two_columns,
)
from outcomes.rules.evaluation.pages.month_charts import month_chart
from outcomes.rules.evaluation.support import Booked, SupportFacts
from outcomes.rules.evaluation.words import decimal, share_of_people, short_month, whole
from outcomes.rules.support import DOMAIN_WORDS

ALONE = "The clinic alone"


def support_page(control: Control, figures: Figures, found: Found) -> Page:
    """What help was given around treatment, and to how many."""
    facts = figures.support
    heading = support_finding(facts)
    blocks: list[Block] = [Paragraph(_opening(facts, found))]
    is_any = any(month.attended or month.not_attended for month in facts.months)
    if is_any:
        blocks += [
            *month_chart("support", heading, figures.disturbed, [month.month for month in facts.months]),
            Paragraph(
                (
                    "Each bar is a month: sessions that people came to at the foot, and above them sessions "
                    "booked that nobody came to."
                ),
                "How to read it.",
            ),
        ]
    if is_any and len(facts.months) > 1:
        blocks.append(
            in_two_columns(
                Table(
                    "Sessions by month",
                    ["Month", "Came", "Did not come"],
                    [
                        [short_month(month.month), whole(month.attended), whole(month.not_attended)]
                        for month in facts.months
                    ],
                )
            )
        )
    if facts.by_domain:
        domains = {str(domain): words for domain, words in DOMAIN_WORDS.items()}
        agencies = {name: name or ALONE for name in facts.by_agency}
        blocks += [
            _table(f"What the sessions of {control.month} were about", "About", facts.by_domain, domains),
            _table(f"With whom, in {control.month}", "With", facts.by_agency, agencies),
        ]
    blocks.append(Aside(_caution(facts), "What it counts."))
    return Page(key="support", running="Wraparound delivered", heading=heading, blocks=blocks)


def _opening(facts: SupportFacts, found: Found) -> str:
    people = found["support.people.month"]
    if people.value is None:
        return people.note or ""
    text = (
        f"In the month {share_of_people(facts.reached, facts.in_treatment)} people in treatment came to at "
        f"least one support session."
    )
    each = found["support.per_person.month"].value
    if each is not None and facts.attended:
        text += (
            f" Sessions attended, those of people who had left included, come to {decimal(each)} for each "
            "person in treatment."
        )
    return text


def _table(caption: str, column: str, booked: Mapping[str, Booked], words: Mapping[str, str]) -> Table:
    """One row for each key that has a session, in the order of `words`."""
    return Table(
        caption,
        [column, "Came", "Did not come", "People who came", "Hours"],
        [
            [
                name,
                whole(booked[key].attended),
                whole(booked[key].not_attended),
                whole(booked[key].people),
                _hours(booked[key]),
            ]
            for key, name in words.items()
            if key in booked
        ],
    )


def _hours(booked: Booked) -> str:
    """Hours of the sessions that say how long they took; a dash where none does."""
    if booked.attended == booked.without_minutes:
        return "–"
    return decimal(booked.minutes / 60)


def _caution(facts: SupportFacts) -> str:
    unknown = sum(booked.without_minutes for booked in facts.by_domain.values())
    text = (
        "Sessions of people who ever started, also after they left. A session that was corrected counts once, "
        "as its last correction says. How much help was given is not whether it worked."
    )
    if unknown == 1:
        return f"{text} 1 session does not say how long it took: hours leave it out."
    if unknown:
        return f"{text} {whole(unknown)} sessions do not say how long they took: hours leave them out."
    return text
