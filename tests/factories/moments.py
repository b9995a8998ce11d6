"""The day on which the rows of the factories happen: an ordinary Monday in winter, when London is on UTC."""

from datetime import UTC, date, datetime

TODAY = date(2026, 2, 2)
NINE = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
