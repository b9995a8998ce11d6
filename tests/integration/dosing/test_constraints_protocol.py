"""What the tables of drafts and versions of limits refuse, from both sides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dosing.models import ProtocolDraft, ProtocolVersion
from dosing.rules.protocol import LIMITS, NOT_OVER, UNVERIFIED, Protocol, limit_of, numbers_of
from tests.factories import NINE, ClinicFactory, ProtocolDraftFactory, ProtocolVersionFactory
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
MOMENT = timedelta(microseconds=1)


def approved(draft: ProtocolDraft, **changes: Any) -> ProtocolVersion:
    """Insert the version that is approved from a draft as soon as it is written."""
    content: dict[str, Any] = {name: getattr(draft, name) for name in numbers_of(Protocol())}
    moments = {"starts_at": draft.written_at, "approved_at": draft.written_at}
    rest = {"clinic": draft.clinic, "draft": draft, "confirmed": sorted(UNVERIFIED)}
    return ProtocolVersionFactory(**(content | moments | rest | changes))


class TestADraft:
    def test_has_its_number_once_per_clinic(self) -> None:
        first = ProtocolDraftFactory(number=1)
        ProtocolDraftFactory(number=2, clinic=first.clinic)
        ProtocolDraftFactory(number=1)

        with refused_by("protocol_drafts_are_numbered_once"):
            ProtocolDraftFactory(number=1, clinic=first.clinic)

    def test_has_its_reason(self) -> None:
        assert ProtocolDraftFactory(reason="x").pk

        with refused_by("protocol_draft_has_its_reason"):
            ProtocolDraftFactory(reason="")

    @pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
    def test_is_not_looser(self, limit) -> None:
        pairs = [other for pair in NOT_OVER if limit.name in pair for other in pair]

        with refused_by("protocol_draft_is_not_looser_than_the_ceilings"):
            ProtocolDraftFactory(**dict.fromkeys([limit.name, *pairs], limit.most + 1))

    @pytest.mark.parametrize(("smaller", "larger"), NOT_OVER)
    def test_does_not_warn_after_it_blocks(self, smaller: str, larger: str) -> None:
        with refused_by("protocol_draft_warns_before_it_blocks"):
            ProtocolDraftFactory(**{smaller: limit_of(larger).least + 1, larger: limit_of(larger).least})


class TestAVersion:
    def test_starts_when_it_is_approved_or_later(self) -> None:
        ProtocolVersionFactory(starts_at=NINE, approved_at=NINE)
        ProtocolVersionFactory(starts_at=NINE + MOMENT, approved_at=NINE)

        with refused_by("protocol_starts_not_before_its_approval"):
            ProtocolVersionFactory(starts_at=NINE - MOMENT, approved_at=NINE)

    def test_is_approved_from_a_draft_once(self) -> None:
        version = approved(ProtocolDraftFactory())

        with refused_by("dosing_protocolversion_draft_id_key"):
            approved(version.draft)

    def test_is_of_a_draft_of_its_clinic_that_was_written_before(self) -> None:
        with refused_by("protocol_is_of_a_draft_of_its_clinic"):
            approved(ProtocolDraftFactory(), clinic=ClinicFactory())
        with refused_by("protocol_is_of_a_draft_of_its_clinic"):
            approved(ProtocolDraftFactory(written_at=NINE + MOMENT), approved_at=NINE, starts_at=NINE)

    @pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
    def test_has_the_numbers_of_its_draft(self, limit) -> None:
        draft = ProtocolDraftFactory()
        number = getattr(draft, limit.name)
        smaller = {smaller: 1 for smaller, larger in NOT_OVER if larger == limit.name and number == 1}
        other = number - 1 if number > limit.least else number + 1

        with refused_by("protocol_has_the_numbers_of_its_draft"):
            approved(draft, **{limit.name: other}, **smaller)

    @pytest.mark.parametrize("name", sorted(UNVERIFIED))
    def test_is_confirmed_locally(self, name: str) -> None:
        with refused_by("protocol_is_confirmed_locally"):
            approved(ProtocolDraftFactory(), confirmed=sorted(UNVERIFIED - {name}))
