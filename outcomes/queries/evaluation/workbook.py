"""The figures of a report as an OpenDocument workbook: one sheet a table, every cell of a number a number.

odfdo is imported inside the function, so that a web process loads it only when somebody takes changes home.

Source: Indicators 5 (evaluation).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from outcomes.rules.evaluation.spreadsheet import FORMULA_STARTS

# As Python writes numbers, and no longer: a fingerprint is no number, nor is a line of words that reads like one.
NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?(e[-+][0-9]{2})?")


def figures_ods(files: Mapping[str, tuple[str, str]], *, title: str, at: datetime) -> bytes:
    """The comma-separated files of a report as sheets of one workbook, named as they are, in their order.

    Text stays text, also where it looks like a formula: a cell of a workbook says which it is.
    """
    from odfdo import Cell, Document, Row, Table

    book = Document("spreadsheet")
    book.body.clear()
    for name, (text, _) in files.items():
        table = Table(name.removesuffix(".csv"))
        for values in csv.reader(io.StringIO(text, newline="")):
            row = Row()
            for value in values:
                row.append_cell(Cell(_typed(value)))
            table.append_row(row)
        book.body.append(table)
    book.meta.title = title
    book.meta.creation_date = book.meta.date = at.replace(tzinfo=None)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _typed(value: str) -> Any:
    """What a cell holds: nothing, a number, or text without the apostrophe that a spreadsheet of text needs."""
    if not value:
        return None
    if value.startswith("'") and value[1:2] and value[1] in FORMULA_STARTS:
        return value[1:]
    if not NUMBER.fullmatch(value):
        return value
    return int(value) if value.lstrip("-").isdecimal() else float(value)
