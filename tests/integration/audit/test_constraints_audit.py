"""What the audit trail's table refuses, from both sides."""

from __future__ import annotations

import pytest

from hat_clinic.audit.models import AuditEvent
from tests.factories import NINE
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db


class TestAuditEvent:
    def test_is_named_by_its_room_and_what_was_done(self) -> None:
        assert AuditEvent.objects.create(at=NINE, event="dosing.injection_recorded").pk

    @pytest.mark.parametrize(
        "name", ["injection_recorded", "dosing.", "Dosing.recorded", "dosing.a b", "a.b.c"]
    )
    def test_has_no_other_name(self, name: str) -> None:
        with refused_by("audit_event_is_a_name"):
            AuditEvent.objects.create(at=NINE, event=name)
