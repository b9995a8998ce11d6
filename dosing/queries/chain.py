"""Reading a whole ledger as the texts that are hashed, and verifying it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db import connection

from dosing.rules.chain import COLUMNS, Marks, TextLine, verify_lines
from dosing.rules.register import ChainHead, ChainVerdict

_TIME = "to_char(e.{name} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
_OTHERWISE = {
    "order": "e.order_id::text",
    "occurred_at": _TIME.format(name="occurred_at"),
    "recorded_at": _TIME.format(name="recorded_at"),
    **{
        name: f"e.{name}_id::text"
        for name in ("line", "patient", "prescriber", "entered_by", "witness", "injection")
    },
}
# One statement for lines and head, so that a line written meanwhile raises no false alarm. The head stands beside
# the first line alone: it is the same everywhere, and would be sent a hundred thousand times.
_LINES = f"""
SELECT {", ".join(_OTHERWISE.get(name, f"e.{name}::text") for name in COLUMNS)},
    CASE WHEN e.seq IS NULL OR e.seq = 1 THEN h.seq END,
    CASE WHEN e.seq IS NULL OR e.seq = 1 THEN h.balance END,
    CASE WHEN e.seq IS NULL OR e.seq = 1 THEN h.hash END
FROM public.dosing_registerline l
    LEFT JOIN public.dosing_registerhead h ON h.line_id = l.id
    LEFT JOIN public.dosing_registerentry e ON e.line_id = l.id
WHERE l.id = %s
ORDER BY e.seq
"""  # noqa: S608 - columns of our own
_CUT = len(COLUMNS)
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class VerifiedLine:
    """What verifying one ledger found: the verdict, the head, and what stands at the lines that were asked for."""

    verdict: ChainVerdict
    head: ChainHead | None
    marks: Marks


def verify_line(line_id: uuid.UUID, *, marks: Collection[int] = ()) -> VerifiedLine:
    """Compare every line of one ledger with its hash, line before and balance, and the last with the head."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_LINES, [line_id])
        rows = cursor.fetchmany(_AT_ONCE)
        head = ChainHead(*rows[0][_CUT:]) if rows and rows[0][_CUT] is not None else None
        is_empty = not rows or rows[0][1] is None

        def lines() -> Iterator[TextLine]:
            nonlocal rows
            while rows and not is_empty:
                for row in rows:
                    yield row[:_CUT]
                rows = cursor.fetchmany(_AT_ONCE)

        verdict, found = verify_lines(lines(), head=head, marks=marks)
    if verdict.ok and head is None:
        verdict = ChainVerdict(
            ok=False, count=verdict.count, first_bad_seq=1, reason="the head of the register is missing"
        )
    return VerifiedLine(verdict=verdict, head=head, marks=found)


def read_lines(line_id: uuid.UUID) -> Iterator[TextLine]:
    """Yield the lines of one ledger in the order of their numbers, as the texts that are hashed."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_LINES, [line_id])
        while rows := cursor.fetchmany(_AT_ONCE):
            yield from (row[:_CUT] for row in rows if row[1] is not None)
