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
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZipFile, ZipInfo

from hat_clinic.core.collector import no_search_for_circles
from outcomes.rules.evaluation.spreadsheet import FORMULA_STARTS

# As Python writes numbers, and no longer: a fingerprint is no number, nor is a line of words that reads like one.
NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?(e[-+][0-9]{2})?")

_BLANKS = {"\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}  # which a reader of XML would take for a space


@no_search_for_circles()
def figures_ods(files: Mapping[str, tuple[str, str]], *, title: str, at: datetime) -> bytes:
    """The comma-separated files of a report as sheets of one workbook, named as they are, in their order.

    Text stays text, also where it looks like a formula: a cell of a workbook says which it is.
    """
    from odfdo import Document, Element

    book = Document("spreadsheet")
    book.body.clear()
    for name, (text, _) in files.items():
        sheet = quoteattr(name.removesuffix(".csv"))
        # Read in one go: an object of the library for every cell costs ten times as much.
        book.body.append(Element.from_tag(f"<table:table table:name={sheet}>{_rows(text)}</table:table>"))
    book.meta.title = title
    book.meta.creation_date = book.meta.date = at.replace(tzinfo=None)
    buffer = io.BytesIO()
    book.save(buffer)
    return _of_one_time(buffer, at)


def _of_one_time(packed: io.BytesIO, at: datetime) -> bytes:
    """The same archive with one time for all its parts instead of that of the packing."""
    buffer = io.BytesIO()
    with ZipFile(packed) as old, ZipFile(buffer, "w") as new:
        for part in old.infolist():
            again = ZipInfo(part.filename, at.timetuple()[:6])
            again.compress_type = part.compress_type
            new.writestr(again, old.read(part))
    return buffer.getvalue()


def _rows(text: str) -> str:
    """The lines of a comma-separated file as the rows of a sheet."""
    return "".join(
        f"<table:table-row>{''.join(map(_cell, values))}</table:table-row>"
        for values in csv.reader(io.StringIO(text, newline=""))
    )


def _cell(value: str) -> str:
    """What a comma-separated file holds between two commas as a cell that says what it is."""
    typed = _typed(value)
    if typed is None:
        return "<table:table-cell/>"
    shown = quoteattr(str(typed), _BLANKS)
    kind, names = "string", ["office:string-value"]
    if not isinstance(typed, str):
        kind, names = "float", ["office:value", "calcext:value"]
    held = " ".join(f"{name}={shown}" for name in names)
    return (
        f'<table:table-cell office:value-type="{kind}" calcext:value-type="{kind}" {held}>'
        f"<text:p>{escape(str(typed), _BLANKS)}</text:p></table:table-cell>"
    )


def _typed(value: str) -> str | int | float | None:
    """What a cell holds: nothing, a number, or text without the apostrophe that a spreadsheet of text needs."""
    if not value:
        return None
    if value.startswith("'") and value[1:2] and value[1] in FORMULA_STARTS:
        return value[1:]
    if not NUMBER.fullmatch(value):
        return value
    return int(value) if value.lstrip("-").isdecimal() else float(value)
