"""Methods: one sheet per figure."""

from outcomes.rules.evaluation.definitions import DEFINITIONS
from outcomes.rules.evaluation.indicators import Definition
from outcomes.rules.evaluation.pages.blocks import Block, Page, Paragraph, Sheet, Sheets
from outcomes.rules.evaluation.words import sentence_case

SETS = (
    "R: referred before the data cut. E: of R, those eligible. S: started before the data cut. T: of S, "
    "in treatment at the data cut. L30: of S, treated for 210 days or more."
)
WINDOWS = (
    "All windows include their first day and not their last. Years are 365.25 days. Medians are the "
    "usual ones. Intervals are 95 %. No test of significance is made anywhere. No number is rounded "
    "before the page is printed."
)


def methods_page() -> Page:
    """What every figure means, in the order of the pages; a figure with a place stands for all its kinds."""
    blocks: list[Block] = [Paragraph(SETS, "Sets."), Paragraph(WINDOWS, "Reckoning.")]
    by_domain: dict[str, list[Sheet]] = {}
    for definition in DEFINITIONS:
        by_domain.setdefault(definition.domain, []).append(_sheet(definition))
    blocks += [
        Sheets(sentence_case(domain.replace("_", " ")), sheets) for domain, sheets in by_domain.items()
    ]
    return Page(key="methods", running="Methods", heading="How each figure is worked out", blocks=blocks)


def _sheet(definition: Definition) -> Sheet:
    return Sheet(
        id=definition.id,
        label=definition.label.replace("{}", "…"),
        meaning=definition.meaning,
        scope=f"{definition.group}, {str(definition.source).replace('_', ' ')}, {definition.window}",
        counted=f"{sentence_case(definition.numerator)}, of {definition.denominator}"
        if not definition.denominator.startswith("none")
        else sentence_case(definition.numerator),
        missing=sentence_case(definition.missing),
        method=sentence_case(definition.method),
    )
