"""The first page: what this is, for whom, and what it rests on."""

from datetime import timedelta

from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.indicators import is_over
from outcomes.rules.evaluation.pages.blocks import Aside, Block, Control, Facts, Page, Paragraph
from outcomes.rules.evaluation.words import day, sentence_case

PERIOD_RULE = (
    "Figures of the month count the days of the month. All others count everything since the clinic "
    "opened, as it stood at the data cut. Days are Europe/London days."
)
RULE = (
    "Restricted edition: exact numbers, for the public-health commissioner under a signed agreement. No "
    "name, no reference and no row about one person is in it. Do not publish it or pass it on: with so "
    "few people almost every number could point to somebody."
)
PUBLIC_RULE = (
    "Public edition: no number of people from 1 to 7 is in it, and a program tried every sum, share and difference "
    "with the issues before it to find one. It may be passed on."
)
JUSTICE_RULE = (
    "Justice edition: offences, custody, costs, the area, the need and the totals of people in exact numbers, for the "
    "police and crime commissioner, probation and prisons under an agreement. Everything else stands as in the last "
    "public issue. Do not publish it or pass it on."
)
RULES = {Edition.PUBLIC: PUBLIC_RULE, Edition.JUSTICE: JUSTICE_RULE}
NOT_OVER = "The month goes on: this report counts up to its data cut, and a later issue replaces it."
OPEN_SESSIONS = (
    "Some sessions before the data cut have no recorded outcome yet. They are counted as missing, "
    "neither attended nor missed. A later issue may differ."
)


def cover_page(control: Control) -> Page:
    """The cover and control page."""
    last = control.as_of - timedelta(days=1)
    rows = [
        ("Clinic", f"{control.clinic_name} ({control.clinic_code})"),
        ("Edition", sentence_case(control.edition)),
        ("Period", f"{day(control.period.month)} to {day(last)}; data cut {day(control.as_of)}"),
        ("Opened", day(control.period.opened_on)),
        ("Issue", _issue(control)),
        ("Built", f"{day(control.built_on)} by HAT Clinic {control.version}"),
        ("Extract", control.extract_sha256),
    ]
    blocks: list[Block] = [Facts(rows), Paragraph(PERIOD_RULE)]
    if control.is_invented:
        blocks.insert(0, Aside("No row of this report describes a real person.", "Invented people."))
    if control.is_provisional:
        blocks.append(
            Aside(
                OPEN_SESSIONS if is_over(control.period.month, control.built_on) else NOT_OVER, "Provisional."
            )
        )
    blocks.append(Aside(RULES.get(Edition(control.edition), RULE), "Rule applied."))
    return Page(key="cover", running="Cover", heading=f"Evaluation report, {control.month}", blocks=blocks)


def _issue(control: Control) -> str:
    return f"{control.issue}, replaces issue {control.replaces}" if control.replaces else str(control.issue)
