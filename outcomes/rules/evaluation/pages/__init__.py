"""The pages of a report, in their order: each a heading that is its finding, charts, tables and cautions.

Source: Indicators 5 (evaluation).
"""

from collections.abc import Sequence

from outcomes.rules.evaluation.figures import Figures, with_latest_months
from outcomes.rules.evaluation.indicators import Indicator
from outcomes.rules.evaluation.pages.aims import aims_page
from outcomes.rules.evaluation.pages.answers import answers_page
from outcomes.rules.evaluation.pages.area import area_page
from outcomes.rules.evaluation.pages.attendance import attendance_page
from outcomes.rules.evaluation.pages.benchmarks import benchmarks_page
from outcomes.rules.evaluation.pages.blocks import Control, Page, found_of
from outcomes.rules.evaluation.pages.changes import Difference, changes_page
from outcomes.rules.evaluation.pages.costs import costs_page
from outcomes.rules.evaluation.pages.cover import cover_page
from outcomes.rules.evaluation.pages.custody import custody_page
from outcomes.rules.evaluation.pages.flow import flow_page
from outcomes.rules.evaluation.pages.glance import glance_page
from outcomes.rules.evaluation.pages.health import health_page
from outcomes.rules.evaluation.pages.housing import housing_page
from outcomes.rules.evaluation.pages.legacy import legacy_page
from outcomes.rules.evaluation.pages.methods import methods_page
from outcomes.rules.evaluation.pages.offending import offending_page
from outcomes.rules.evaluation.pages.own import own_page
from outcomes.rules.evaluation.pages.retention import retention_page
from outcomes.rules.evaluation.pages.safety import quality_page, safety_page
from outcomes.rules.evaluation.pages.support import support_page
from outcomes.rules.evaluation.pages.unit_costs import unit_costs_page
from outcomes.rules.evaluation.pages.urine import urine_page
from outcomes.rules.evaluation.pages.who_pays import who_pays_page


def list_pages(
    control: Control,
    figures: Figures,
    indicators: Sequence[Indicator],
    differences: Sequence[Difference] = (),
) -> list[Page]:
    """Every page of the restricted edition. A re-issue ends with every figure that changed."""
    found = found_of(indicators)
    figures = with_latest_months(figures)
    as_printed = [figure.to_json() for figure in indicators]
    pages = [
        cover_page(control),
        glance_page(control, figures, found),
        aims_page(figures.aims, as_printed),
        who_pays_page(as_printed),
        flow_page(control, figures, found),
        retention_page(control, figures, found),
        attendance_page(control, figures, found),
        urine_page(control, figures, found),
        offending_page(control, figures, found),
        custody_page(control, figures, found),
        answers_page(control, figures, found),
        own_page(control, figures, found),
        health_page(control, figures, found),
        housing_page(control, figures, found),
        support_page(control, figures, found),
        costs_page(control, figures, found),
        area_page(control, figures, found),
        unit_costs_page(figures.unit_costs),
        safety_page(control, figures, found),
        quality_page(control, figures, found),
        benchmarks_page(found),
        methods_page(),
        legacy_page(control, figures, found),
    ]
    if control.replaces:
        pages.append(changes_page(control, differences))
    return pages
