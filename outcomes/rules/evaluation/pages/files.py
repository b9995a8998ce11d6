"""Pages that are files too: their tables as comma-separated values, made of the stored document."""

from collections.abc import Mapping
from typing import Any

from outcomes.rules.evaluation.aims import AimsFacts
from outcomes.rules.evaluation.pages.aims import COLUMNS as AIM_COLUMNS
from outcomes.rules.evaluation.pages.aims import list_aim_rows
from outcomes.rules.evaluation.pages.unit_costs import COLUMNS as UNIT_COST_COLUMNS
from outcomes.rules.evaluation.pages.unit_costs import list_unit_cost_rows
from outcomes.rules.evaluation.pages.who_pays import COLUMNS as BODY_COLUMNS
from outcomes.rules.evaluation.pages.who_pays import list_body_rows
from outcomes.rules.evaluation.spreadsheet import to_csv
from outcomes.rules.evaluation.unit_costs import UnitCostsFacts


def list_page_files(
    document: Mapping[str, Any], aims: AimsFacts, unit_costs: UnitCostsFacts
) -> dict[str, tuple[str, str]]:
    """File name, and its content with one sentence on what is in it; a page without rows is no file."""
    figures = document["indicators"]
    files = {
        "who-pays.csv": (
            to_csv(BODY_COLUMNS, list_body_rows(figures)),
            "Each public body: what it paid, and what it counts itself",
        )
    }
    if rows := list_aim_rows(aims, figures):
        files["aims.csv"] = (
            to_csv(AIM_COLUMNS, rows),
            "Each aim of the programme with its figures, one a row",
        )
    if unit_costs.rows:
        files["unit-costs.csv"] = (
            to_csv(UNIT_COST_COLUMNS, list_unit_cost_rows(unit_costs)),
            "What one offence costs each body; an empty cell is not costed",
        )
    return files
