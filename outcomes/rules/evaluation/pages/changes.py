"""Changes since the last issue: every figure that is not what it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from outcomes.rules.evaluation.pages.blocks import Control, Page, Paragraph, Table
from outcomes.rules.evaluation.spreadsheet import to_csv


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One figure whose value, counts or interval changed between two issues."""

    id: str
    source: str
    label: str
    before: str
    after: str


NONE_READ = "No earlier issue was signed off"
NOTHING_LISTED = "Readers of this report saw no earlier issue of this month, so no change is listed."
COMPARED = ("value", "numerator", "denominator", "missing", "suppressed", "note")


def list_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Every figure of two documents that differs, new and dropped ones too, in the order of the later one."""
    old = {_key(figure): figure for figure in before["indicators"]}
    new = {_key(figure): figure for figure in after["indicators"]}
    return [
        Difference(
            id=key[0],
            source=key[1],
            label=(new.get(key) or old[key])["label"],
            before=_shown(old.get(key)),
            after=_shown(new.get(key)),
        )
        for key in [*new, *(key for key in old if key not in new)]
        if _compared(old.get(key)) != _compared(new.get(key))
    ]


def changes_page(control: Control, differences: Sequence[Difference]) -> Page:
    """The last page of a re-issue: what differs from the last issue that was signed off, or that none was."""
    why = [Paragraph(f"Why it was built again: {control.reason}")] if control.reason else []
    if control.compared is None:
        return Page(
            key="changes", running="Changes", heading=NONE_READ, blocks=[*why, Paragraph(NOTHING_LISTED)]
        )
    heading = f"{len(differences)} figures changed since issue {control.compared}"
    if len(differences) == 1:
        heading = f"One figure changed since issue {control.compared}"
    if not differences:
        heading = f"No figure changed since issue {control.compared}"
    return Page(
        key="changes",
        running="Changes",
        heading=heading,
        blocks=[
            *why,
            Paragraph("Records that came in or were amended after the earlier issue make this one differ."),
            *(
                [
                    Table(
                        "Every figure that changed",
                        ["Figure", f"Issue {control.compared}", f"Issue {control.issue}"],
                        [
                            [difference.label, difference.before, difference.after]
                            for difference in differences
                        ],
                    )
                ]
                if differences
                else []
            ),
        ],
    )


def changes_csv(differences: Sequence[Difference], *, reason: str) -> str:
    """Every figure that changed, one a row, with why the report was built again."""
    return to_csv(
        ["id", "source", "label", "before", "after", "why"],
        [[one.id, one.source, one.label, one.before, one.after, reason] for one in differences],
    )


def list_changes_files(
    differences: Sequence[Difference], *, reason: str, about: Sequence[tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    """The sheets of a workbook of changes: file name, and its content with what is in it; `about` names the issues."""
    return {
        "changes.csv": (changes_csv(differences, reason=reason), "Every figure that changed"),
        "about.csv": (
            to_csv(["what", "words"], [*about, ("Figures that changed", len(differences)), ("Why", reason)]),
            "Which two issues are compared, and why there is a new one",
        ),
    }


def _key(figure: Mapping[str, Any]) -> tuple[str, str]:
    return figure["id"], figure["source"]


def _compared(figure: Mapping[str, Any] | None) -> list[Any]:
    return [] if figure is None else [figure[name] for name in COMPARED]


def _shown(figure: Mapping[str, Any] | None) -> str:
    if figure is None:
        return "not there"
    if figure["value"] is None:
        return "–"
    if figure["unit"] == "proportion":
        return (
            f"{figure['numerator']} of {figure['denominator']}"
            if figure["denominator"]
            else str(figure["value"])
        )
    return f"{figure['value']:g}"
