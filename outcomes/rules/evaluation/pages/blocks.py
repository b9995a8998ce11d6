"""What a page is made of. Templates print blocks; no block knows of HTML or PDF."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from outcomes.rules.evaluation.indicators import Indicator, Period
from outcomes.rules.evaluation.pages.widths import HALF, PAGE, column_shares
from outcomes.rules.evaluation.words import month_name

LONDON = ZoneInfo("Europe/London")
Found = Mapping[str, Indicator]


def found_of(indicators: Sequence[Indicator]) -> Found:
    """The figures by id; one of several sources, of other health services, is also found as id@source."""
    return {figure.id: figure for figure in indicators} | {
        f"{figure.id}@{figure.source}": figure for figure in indicators
    }


MOST_ROWS_KEPT_WHOLE = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Control:
    """Which issue this is, and what it rests on.

    `replaces` is the issue before it, `compared` the last before it that was signed off, so that readers had it.
    """

    clinic_code: str
    clinic_name: str
    edition: str
    period: Period
    issue: int
    replaces: int | None
    built_at: datetime
    version: str
    extract_sha256: str
    is_invented: bool
    is_provisional: bool
    reason: str = ""
    compared: int | None = None

    @property
    def built_on(self) -> date:
        """The day in London on which it was built."""
        return self.built_at.astimezone(LONDON).date()

    @property
    def as_of(self) -> date:
        return self.period.as_of

    @property
    def month(self) -> str:
        return month_name(self.period.month)

    @property
    def fingerprint(self) -> str:
        """The two ends of the extract's hash, as printed at the foot of every page."""
        return f"{self.extract_sha256[:4]}…{self.extract_sha256[-4:]}"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text; `lead` is its opening, in bold."""

    text: str
    lead: str = ""
    kind: str = field(default="paragraph", init=False)


@dataclass(frozen=True, slots=True)
class Aside:
    """A caution beside the page's finding."""

    text: str
    lead: str = ""
    kind: str = field(default="aside", init=False)


@dataclass(frozen=True, slots=True)
class Box:
    """The framed caution of the glance page: pairs of bold opening and sentence."""

    title: str
    points: Sequence[tuple[str, str]]
    kind: str = field(default="box", init=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """A list of names and what stands for them."""

    rows: Sequence[tuple[str, str]]
    kind: str = field(default="facts", init=False)


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure at a glance: what it is, n of N, how sure, one sentence."""

    label: str
    figure: str
    how_sure: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Tiles:
    """The tiles of the glance page."""

    tiles: Sequence[Tile]
    kind: str = field(default="tiles", init=False)


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart by name, with the finding as its alternative text."""

    name: str
    finding: str
    kind: str = field(default="chart", init=False)


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers. The first column of every row is its header; `columns` holds all column headers."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    words_in: frozenset[int] = frozenset()
    kind: str = field(default="table", init=False)

    @property
    def is_long(self) -> bool:
        """Whether it may go on on the next page: kept whole it would leave a page empty before it."""
        return len(self.rows) > MOST_ROWS_KEPT_WHOLE

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """Each column header, and whether its column holds words and so stands on the left."""
        return [(column, index == 0 or index in self.words_in) for index, column in enumerate(self.columns)]

    @property
    def shares(self) -> list[int]:
        """The thousandths of the page's width of each column, in print."""
        return column_shares(self.columns, self.rows, words_in=self.words_in, room=PAGE)

    @property
    def half_shares(self) -> list[int]:
        """The same where the table has half of the width."""
        return column_shares(self.columns, self.rows, words_in=self.words_in, room=HALF)

    @property
    def named(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Each row: its header, and its cells each with the header of its column."""
        return [(row[0], list(zip(self.columns[1:], row[1:], strict=True))) for row in self.rows]

    @property
    def lines(self) -> list[tuple[str, list[tuple[str, bool]]]]:
        """Each row: its header, and its cells with whether they hold words."""
        return [
            (row[0], [(cell, index in self.words_in) for index, cell in enumerate(row) if index])
            for row in self.rows
        ]


@dataclass(frozen=True, slots=True)
class Columns:
    """Two halves of one long table beside each other."""

    tables: Sequence[Table]
    kind: str = field(default="columns", init=False)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one figure means, on the methods page."""

    id: str
    label: str
    meaning: str
    scope: str
    counted: str
    missing: str
    method: str


@dataclass(frozen=True, slots=True)
class Sheets:
    """The sheets of one domain."""

    title: str
    sheets: Sequence[Sheet]
    kind: str = field(default="sheets", init=False)


Block = Paragraph | Aside | Box | Facts | Tiles | Chart | Table | Columns | Sheets


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page or run of pages. `heading` is the finding, `running` the short name at the top."""

    key: str
    running: str
    heading: str
    blocks: Sequence[Block]


def in_two_columns(table: Table) -> Columns | Table:
    """A long narrow table as two halves; a short one as it is."""
    if len(table.rows) < 8:
        return table
    half = (len(table.rows) + 1) // 2
    parts = ((table.rows[:half], "first part"), (table.rows[half:], "second part"))
    return Columns(
        [Table(f"{table.caption}, {which}", table.columns, rows, table.words_in) for rows, which in parts]
    )
