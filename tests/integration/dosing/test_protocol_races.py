"""Two people at the limits of one clinic at the same moment, on real connections."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from dosing.actions.orders import SentPage
from dosing.actions.protocol import approve_protocol, draft_protocol
from dosing.models import ProtocolDraft, ProtocolVersion
from dosing.queries.protocol import as_limits_seen
from dosing.rules.protocol import UNVERIFIED, Protocol, numbers_of
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.factories.protocol import a_draft
from tests.factories.treatment import a_clinic, a_member_of_staff
from tests.integration.dosing.test_injection_races import at_once


@pytest.mark.race
class TestTwoLeadsAtTheSameMoment:
    def test_approve_one_version_with_one_number_and_the_others_are_told(self, own_database: str) -> None:
        clinic = a_clinic()
        leads = [a_member_of_staff(clinic, Role.CLINICAL_LEAD, name=name) for name in ("Lena", "Femi")]
        for expected in (1, 2):
            draft = a_draft(clinic, by=leads[0], at=now())
            seen = as_limits_seen(clinic_id=clinic.id)

            def one_try(by: User, draft: ProtocolDraft = draft, seen: str = seen) -> Any:
                at = now()
                return lambda: approve_protocol(
                    clinic=clinic,
                    draft_id=draft.id,
                    confirmed=UNVERIFIED,
                    starts_at=at,
                    page=SentPage(key=uuid.uuid4(), seen=seen, starts_at_once=True),
                    by=by,
                    at=at,
                )

            answers = at_once(*(one_try(by) for by in leads * 2))

            kinds = sorted(type(answer).__name__ for answer in answers)
            assert kinds == ["ProtocolRefused"] * 3 + ["ProtocolVersion"], answers
            refused = [answer for answer in answers if not isinstance(answer, ProtocolVersion)]
            assert all(answer.is_stale for answer in refused)
            assert ProtocolVersion.objects.filter(clinic=clinic).count() == expected

    def test_pressing_the_same_button_get_the_same_answer(self, own_database: str) -> None:
        clinic = a_clinic()
        lead = a_member_of_staff(clinic, Role.CLINICAL_LEAD, name="Lena")
        page = SentPage(key=uuid.uuid4(), seen=as_limits_seen(clinic_id=clinic.id))
        at = now()

        answers = at_once(
            *[
                lambda: draft_protocol(
                    clinic=clinic,
                    numbers=numbers_of(Protocol()),
                    reason="Review.",
                    page=page,
                    by=lead,
                    at=at,
                )
            ]
            * 4
        )

        assert len({answer.id for answer in answers}) == 1, answers
        assert ProtocolDraft.objects.filter(clinic=clinic).count() == 1
