"""What may be entered as a disruption."""

from __future__ import annotations

from datetime import date

import pytest

from outcomes.models import Disruption
from outcomes.rules.disruptions import LONGEST_LABEL, DisruptionKind, DisruptionSaid, may_record_disruption

TODAY = date(2026, 11, 24)


def flood(
    first: int = 10, last: int | None = 12, kind: str = "closed", label: str = "Flood"
) -> DisruptionSaid:
    return DisruptionSaid(
        first_on=date(2026, 11, first), last_on=last and date(2026, 11, last), kind=kind, label=label
    )


def codes(said: DisruptionSaid, *standing: DisruptionSaid) -> list[str]:
    return may_record_disruption(said, today=TODAY, standing=standing).refusal_codes


class TestADisruption:
    def test_has_the_kinds_of_the_table_with_words_for_each(self) -> None:
        assert list(DisruptionKind) == Disruption.Kind.values
        assert all(kind.label for kind in DisruptionKind)

    def test_is_stored_to_the_day_after_its_last(self) -> None:
        assert flood(10, 12).to_on == date(2026, 11, 13)
        assert flood(10, None).to_on is None

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            (flood(), []),
            (flood(10, 10), []),
            (flood(24, 24), []),
            (flood(24, None), []),
            (flood(25, None), ["disruption_in_future"]),
            (flood(24, 25), ["disruption_end_in_future"]),
            (flood(10, 9), ["disruption_ends_before"]),
            (flood(label=""), ["disruption_without_label"]),
            (flood(label="x" * LONGEST_LABEL), []),
            (flood(label="x" * (LONGEST_LABEL + 1)), ["disruption_long_label"]),
            (flood(label="Flood\x07"), ["disruption_label_spelling"]),
            (flood(25, None, label=""), ["disruption_in_future", "disruption_without_label"]),
        ],
    )
    def test_is_refused_with_every_reason(self, said: DisruptionSaid, expected: list[str]) -> None:
        assert codes(said) == expected

    @pytest.mark.parametrize(
        ("said", "other", "is_known"),
        [
            (flood(10, 12), flood(13, 14), False),
            (flood(10, 13), flood(13, 14), True),
            (flood(10, None), flood(13, 14), True),
            (flood(14, None), flood(13, 14), True),
            (flood(15, None), flood(13, 14), False),
            (flood(10, 12), flood(13, None), False),
            (flood(20, 21), flood(13, None), True),
            (flood(10, 13), flood(13, 14, kind="reduced"), False),
        ],
    )
    def test_shares_no_day_with_another_of_its_kind(
        self, said: DisruptionSaid, other: DisruptionSaid, is_known: bool
    ) -> None:
        assert (codes(said, other) == ["disruption_known"]) is is_known

    def test_names_the_other_and_its_days(self) -> None:
        closed = may_record_disruption(flood(), today=TODAY, standing=[flood(11, 14)])
        still = may_record_disruption(flood(), today=TODAY, standing=[flood(11, None)])

        assert "from 11 November 2026 to 14 November 2026" in closed.refusals[0].message
        assert "from 11 November 2026 on, and is not over" in still.refusals[0].message
