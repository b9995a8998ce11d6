"""What is wrong with a cohort folder: one `Problem` is one place and one plain sentence.

A problem shows the offending cell, shortened, and never anything else out of the folder; another row is named
by its line.

Source: cohort files (evaluation), text and files.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from hat_clinic.core.csv_cells import quoted, shown
from outcomes.rules.cohort.columns import FILE_NAMES, FORMAT_OF

__all__ = ["Problem", "in_order", "quoted", "shown"]

_AFTER_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that must be put right before the folder can be imported.

    `line` is the physical line where the row begins, counted from 1, and 0 where the whole file is meant.
    `column` is the name in the header, and empty where no one column is meant. `message` is a sentence.
    """

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        place = self.file or "the folder"
        if self.line:
            place += f" line {self.line}"
        if self.column:
            place += f", {self.column}"
        return f"{place}: {self.message}"


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By file in the order of the formats, then line, then column as the format lists them, then sentence."""
    file_order = {name: index for index, name in enumerate(("", *FILE_NAMES))}
    column_order = {
        (name, column.name): index
        for name, file_format in FORMAT_OF.items()
        for index, column in enumerate(file_format.columns)
    }

    def key(problem: Problem) -> tuple[int, str, int, int, str, str]:
        column = -1 if not problem.column else column_order.get((problem.file, problem.column), _AFTER_ALL)
        return (
            file_order.get(problem.file, _AFTER_ALL),
            problem.file,
            problem.line,
            column,
            problem.column,
            problem.message,
        )

    return tuple(sorted(problems, key=key))
