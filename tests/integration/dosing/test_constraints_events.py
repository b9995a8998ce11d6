"""What the tables of an emergency refuse, whoever asks, from both sides."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from dosing.models import Emergency, EmergencyIncident, EmergencyLine
from dosing.rules.emergencies import IncidentCategory, LineKind, NaloxoneRoute
from dosing.rules.holds import HoldSeverity
from tests.factories import NINE, HoldFactory
from tests.factories.dosing import InjectionFactory
from tests.factories.emergencies import EmergencyCardFactory, EmergencyFactory, EmergencyLineFactory
from tests.factories.visits import ReleaseFactory
from tests.refusals import refused_by

pytestmark = pytest.mark.usefixtures("unfinished")

GIVEN = {"kind": LineKind.NALOXONE, "micrograms": 400, "route": NaloxoneRoute.IM}


class TestACard:
    def test_is_numbered_once(self) -> None:
        first = EmergencyCardFactory()
        EmergencyCardFactory(clinic=first.clinic, number=2)
        with refused_by("emergency_cards_are_numbered_once"):
            EmergencyCardFactory(clinic=first.clinic)

    @pytest.mark.parametrize("fault", [{"micrograms": 0}, {"route": ""}, {"look_again": ""}, {"to_tell": ""}])
    def test_says_everything(self, fault: dict[str, Any]) -> None:
        EmergencyCardFactory()
        with refused_by("emergency_card_says_everything"):
            EmergencyCardFactory(**fault)


class TestAnEmergency:
    def test_names_the_session_of_its_injection(self) -> None:
        EmergencyFactory()
        with refused_by("emergency_injection_is_of_its_session"):
            EmergencyFactory(session=None)

    def test_is_begun_by_somebody_or_at_a_terminal(self) -> None:
        EmergencyFactory()
        with refused_by("emergency_is_begun_by_somebody_or_at_a_terminal"):
            EmergencyFactory(begun_by=None)

    def test_is_never_changed_nor_is_a_line(self) -> None:
        line = EmergencyLineFactory()
        for change in (
            lambda: Emergency.objects.filter(id=line.emergency_id).update(began_at=NINE),
            lambda: EmergencyLine.objects.filter(id=line.id).update(happened_at=NINE),
            lambda: EmergencyLine.objects.filter(id=line.id).delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


class TestAnIncident:
    def test_is_opened_once_for_each_category_of_an_emergency(self) -> None:
        emergency = EmergencyFactory()
        opened = {"emergency": emergency, "opened_at": NINE, "opened_by": emergency.begun_by}
        EmergencyIncident.objects.create(category=IncidentCategory.EMERGENCY, **opened)
        first = EmergencyIncident.objects.create(category=IncidentCategory.NALOXONE, **opened)
        with refused_by("an_emergency_opens_one_incident_of_a_category"):
            EmergencyIncident.objects.create(category=IncidentCategory.NALOXONE, **opened)
        with pytest.raises(DatabaseError), transaction.atomic():
            EmergencyIncident.objects.filter(id=first.id).delete()


class TestALine:
    def test_of_naloxone_has_dose_and_route_and_no_other_has(self) -> None:
        EmergencyLineFactory(**GIVEN)
        for fault in ({**GIVEN, "micrograms": None}, {**GIVEN, "route": ""}, {"micrograms": 400}):
            with refused_by("emergency_naloxone_has_dose_and_route"):
                EmergencyLineFactory(**fault)

    def test_that_is_a_note_has_words_and_only_it_puts_another_right(self) -> None:
        line = EmergencyLineFactory()
        EmergencyLineFactory(
            emergency=line.emergency, kind=LineKind.NOTE, words="It was 09:12.", corrects=line
        )
        for fault in ({"kind": LineKind.NOTE}, {"corrects": line}):
            with refused_by("emergency_note_is_in_words"):
                EmergencyLineFactory(emergency=line.emergency, **fault)

    def test_puts_a_line_of_its_own_emergency_right(self) -> None:
        other = EmergencyLineFactory()
        with refused_by("emergency_note_corrects_its_own"):
            EmergencyLineFactory(kind=LineKind.NOTE, words="It was 09:12.", corrects=other)

    def test_tells_of_the_past(self) -> None:
        with refused_by("emergency_line_tells_of_the_past"):
            EmergencyLineFactory(written_at=NINE)

    def test_is_by_somebody_or_at_a_terminal(self) -> None:
        with refused_by("emergency_line_is_by_somebody_or_at_a_terminal"):
            EmergencyLineFactory(written_by=None)

    def test_ends_it_once(self) -> None:
        line = EmergencyLineFactory(kind=LineKind.HANDED_OVER)
        for kind in (LineKind.HANDED_OVER, LineKind.LEFT, LineKind.RECOVERED):
            with refused_by("an_emergency_ends_once"):
                EmergencyLineFactory(emergency=line.emergency, kind=kind)

    @pytest.mark.parametrize("is_put_right", [False, True])
    def test_of_recovery_waits_two_hours_after_naloxone(self, is_put_right: bool) -> None:
        given = EmergencyLineFactory(**GIVEN)
        last = given.happened_at
        if is_put_right:
            last += timedelta(minutes=1)
            EmergencyLineFactory(
                emergency=given.emergency,
                kind=LineKind.NOTE,
                words="A minute later.",
                corrects=given,
                happened_at=last,
            )
        ended = {"emergency": given.emergency, "kind": LineKind.RECOVERED}
        with refused_by("emergency_recovery_waits_two_hours"):
            EmergencyLineFactory(happened_at=last + timedelta(hours=2, seconds=-1), **ended)
        EmergencyLineFactory(happened_at=last + timedelta(hours=2), **ended)

    def test_has_a_key_of_its_own(self) -> None:
        key = uuid.uuid4()
        EmergencyLineFactory(key=key)
        with refused_by("dosing_emergencyline_key_key"):
            EmergencyLineFactory(key=key)


class TestLeavingAsWell:
    def test_waits_two_hours_after_naloxone_and_leaving_early_does_not(self) -> None:
        given = EmergencyLineFactory(**GIVEN)
        injection, over = given.emergency.injection, given.happened_at + timedelta(hours=2)
        with refused_by("release_waits_two_hours_after_naloxone"):
            ReleaseFactory(injection=injection, released_at=over - timedelta(seconds=1))
        ReleaseFactory(injection=injection, released_at=over, is_tolerated=False)

        other = EmergencyLineFactory(**GIVEN)
        ReleaseFactory(
            injection=other.emergency.injection,
            released_at=other.happened_at,
            left_early=True,
            reason="taken to hospital",
            is_tolerated=False,
        )

    def test_waits_for_naloxone_given_in_whatever_session(self) -> None:
        injection = InjectionFactory()
        elsewhere = EmergencyFactory(
            injection=None, session=None, patient=injection.patient, clinic=injection.session.clinic
        )
        given = EmergencyLineFactory(emergency=elsewhere, **GIVEN)
        over = given.happened_at + timedelta(hours=2)
        with refused_by("release_waits_two_hours_after_naloxone"):
            ReleaseFactory(injection=injection, released_at=over - timedelta(seconds=1))
        second = EmergencyFactory(
            injection=None, session=None, patient=injection.patient, clinic=injection.session.clinic
        )
        ended = {"emergency": second, "kind": LineKind.RECOVERED}
        with refused_by("emergency_recovery_waits_two_hours"):
            EmergencyLineFactory(happened_at=over - timedelta(seconds=1), **ended)
        EmergencyLineFactory(happened_at=over, **ended)
        ReleaseFactory(injection=injection, released_at=over, is_tolerated=False)


class TestAHold:
    def test_names_who_opened_it_or_its_emergency(self) -> None:
        emergency = EmergencyFactory()
        placed = {
            "check_made": None,
            "codes": ["emergency"],
            "reason": "It began.",
            "opened_by": None,
            "patient": emergency.patient,
            "clinic": emergency.clinic,
        }
        HoldFactory(emergency=emergency, severity=HoldSeverity.REVIEW, **placed)
        with refused_by("hold_names_who_opened_it_or_its_emergency"):
            HoldFactory(**placed)

    def test_stands_once_for_each_severity_of_an_emergency(self) -> None:
        emergency = EmergencyFactory()
        placed = {
            "check_made": None,
            "codes": ["naloxone"],
            "reason": "Given.",
            "emergency": emergency,
            "patient": emergency.patient,
            "clinic": emergency.clinic,
            "opened_by": emergency.begun_by,
        }
        HoldFactory(severity=HoldSeverity.REVIEW, **placed)
        HoldFactory(severity=HoldSeverity.SUSPENSION, **placed)
        with refused_by("an_emergency_holds_once_for_each_severity"):
            HoldFactory(severity=HoldSeverity.SUSPENSION, **placed)

    def test_never_changes_the_event_it_follows_from(self) -> None:
        emergency = EmergencyFactory()
        hold = HoldFactory(
            check_made=None,
            codes=["emergency"],
            reason="It began.",
            emergency=emergency,
            patient=emergency.patient,
            clinic=emergency.clinic,
        )
        with refused_by("hold_is_only_lifted"):
            type(hold).objects.filter(id=hold.id).update(emergency=None)

    def test_is_lifted_only_once_its_emergency_has_ended(self) -> None:
        emergency = EmergencyFactory()
        hold = HoldFactory(
            check_made=None,
            codes=["emergency"],
            reason="It began.",
            emergency=emergency,
            patient=emergency.patient,
            clinic=emergency.clinic,
        )
        lifted = {"lifted_at": NINE, "lifted_by": emergency.begun_by, "lift_reason": "Reviewed."}
        with refused_by("hold_outlasts_its_emergency"):
            type(hold).objects.filter(id=hold.id).update(**lifted)
        EmergencyLineFactory(emergency=emergency, kind=LineKind.HANDED_OVER)
        assert type(hold).objects.filter(id=hold.id).update(**lifted) == 1
