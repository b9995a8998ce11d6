"""What the table of referrals refuses, from both sides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from patients.models import Episode
from tests.factories import TODAY, EpisodeFactory, ReferralFactory
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db


class TestReferral:
    def test_is_assessed_on_its_day_or_later(self) -> None:
        ReferralFactory(referred_on=TODAY, assessed_on=TODAY)
        ReferralFactory(referred_on=TODAY, assessed_on=None)

        with refused_by("referral_dates_in_order"):
            ReferralFactory(referred_on=TODAY, assessed_on=TODAY - timedelta(days=1))

    @pytest.mark.parametrize(
        "closing", [{"closed_on": TODAY}, {"closed_reason": Episode.ExitReason.DECLINED}]
    )
    def test_is_closed_with_both_date_and_reason(self, closing: dict[str, Any]) -> None:
        ReferralFactory(closed_on=TODAY, closed_reason=Episode.ExitReason.DECLINED)

        with refused_by("referral_closed_has_date_and_reason"):
            ReferralFactory(**closing)

    @pytest.mark.parametrize("is_eligible", [True, None])
    def test_leads_to_an_episode(self, is_eligible: bool | None) -> None:
        assert ReferralFactory(episode=EpisodeFactory(), is_eligible=is_eligible).pk

    def test_of_somebody_not_eligible_leads_to_none(self) -> None:
        ReferralFactory(is_eligible=False)

        with refused_by("no_episode_for_somebody_not_eligible"):
            ReferralFactory(episode=EpisodeFactory(), is_eligible=False)
