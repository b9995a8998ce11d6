"""Who may sign a report off, and which reports somebody reads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.releases import (
    Audience,
    ReleaseFacts,
    may_release_report,
)

WELL = ReleaseFacts(
    may_sign=True,
    has_built=False,
    has_asked=False,
    is_newest=True,
    is_released=False,
    is_printed=True,
    is_same=True,
    is_read=True,
)


class TestMayReleaseReport:
    def test_has_nothing_against_one_that_was_read_by_somebody_else(self):
        assert may_release_report(WELL).findings == ()

    @pytest.mark.parametrize(
        ("fact", "code"),
        [
            ("may_sign", "release_role"),
            ("has_built", "release_own"),
            ("has_asked", "release_own"),
            ("is_newest", "release_replaced"),
            ("is_released", "release_again"),
            ("is_printed", "release_not_printed"),
            ("is_same", "release_other_hash"),
            ("is_read", "release_unread"),
        ],
    )
    def test_gives_each_reason_of_its_own(self, fact, code):
        decision = may_release_report(replace(WELL, **{fact: not getattr(WELL, fact)}))

        assert decision.refusal_codes == [code]
        assert not decision.is_allowed

    def test_gives_every_reason_at_once(self):
        facts = replace(WELL, has_asked=True, is_printed=False, is_read=False)

        assert may_release_report(facts).refusal_codes == [
            "release_own",
            "release_not_printed",
            "release_unread",
        ]


class TestAnAudience:
    def test_inside_reads_everything(self):
        assert Audience(is_inside=True, editions=frozenset()).may_read(Edition.JUSTICE, is_released=False)

    @pytest.mark.parametrize(
        ("edition", "is_released", "reads"),
        [
            (Edition.RESTRICTED, True, True),
            (Edition.RESTRICTED, False, False),
            (Edition.PUBLIC, True, False),
        ],
    )
    def test_outside_reads_released_reports_of_its_editions(self, edition, is_released, reads):
        audience = Audience(is_inside=False, editions=frozenset({Edition.RESTRICTED}))

        assert audience.may_read(edition, is_released=is_released) is reads
