"""The phases of a programme: what the actions store and refuse, what the tables refuse, and the pages."""

from __future__ import annotations

import re
import uuid
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import Phase, User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from outcomes.actions.phases import PhaseRefused, amend_phase, record_phase
from outcomes.actions.programme_lines import ProgrammeAmended, ProgrammeKeyReused
from outcomes.models import PhaseLine
from outcomes.queries.phases import list_phases
from outcomes.rules.phases import PhaseSaid
from outcomes.rules.support import Correction
from referrals.queries.places import get_places
from tests.factories import ClinicFactory, ImportRunFactory, PhaseFactory, PhaseLineFactory
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
TYPED = {
    "name": "Pilot",
    "first_on": "05/03/2025",
    "last_on": "07/03/2025",
    "places": "12",
    "sessions_per_day": "2",
    "funded_by": "Invented Council",
    "funded_until": "31/03/2030",
}


def pilot(first: int = 5, last: int | None = 7, **said: Any) -> PhaseSaid:
    given: dict[str, Any] = {
        "name": "Pilot",
        "first_on": date(2025, 3, first),
        "last_on": last and date(2025, 3, last),
        "places": 12,
        "sessions_per_day": 2,
        "funded_by": "",
        "funded_until": None,
    }
    return PhaseSaid(**given | said)


@pytest.fixture
def clinic():
    return ClinicFactory(opened_on=date(2025, 1, 15), places=15)


@pytest.fixture
def manager(clinic, make_member) -> User:
    return make_member(clinic, Role.MANAGER, "manager")


def enter(clinic, by: User, said: PhaseSaid, key: uuid.UUID | None = None) -> PhaseLine:
    return record_phase(clinic=clinic, said=said, key=key or uuid.uuid4(), by=by, at=now())


def correct(clinic, first: PhaseLine, *, by: User, **more: Any) -> PhaseLine:
    given: dict[str, Any] = {
        "said": pilot(5, 9, places=20),
        "correction": Correction.WRONG_KEY,
        "key": uuid.uuid4(),
        **more,
    }
    return amend_phase(clinic=clinic, line=first.id, by=by, at=now(), **given)


def standing(clinic) -> list[tuple[date, date | None, int]]:
    """Return what every other part of the program reads."""
    return [
        (phase.during.lower, phase.during.upper, phase.places)
        for phase in Phase.objects.filter(clinic=clinic, during__isempty=False).order_by("during")
    ]


def places(clinic, day: int) -> int:
    return get_places(clinic=clinic, on=date(2025, 3, day)).places


class TestEntering:
    def test_makes_the_phase_that_places_are_counted_by_and_tells_the_trail(self, clinic, manager):
        row = enter(clinic, manager, pilot())

        assert standing(clinic) == [(date(2025, 3, 5), date(2025, 3, 8), 12)]
        assert [places(clinic, day) for day in (4, 5, 7, 8)] == [15, 12, 12, 15]
        event = AuditEvent.objects.get(event="outcomes.phase_recorded")
        assert (event.actor, event.object_id) == (manager, str(row.id))

    def test_stores_the_same_key_once_and_refuses_it_with_other_content(self, clinic, manager):
        key = uuid.uuid4()

        first, again = (enter(clinic, manager, pilot(), key) for _ in range(2))

        assert first == again
        with pytest.raises(ProgrammeKeyReused):
            enter(clinic, manager, pilot(places=13), key)
        assert len(standing(clinic)) == 1

    def test_is_refused_on_taken_days_and_told_to_the_trail(self, clinic, manager):
        enter(clinic, manager, pilot())

        with pytest.raises(PhaseRefused, match="some of these days"):
            enter(clinic, manager, pilot(7, 9))

        refused = AuditEvent.objects.get(event="outcomes.phase_recorded", outcome="refused")
        assert refused.detail["codes"] == ["phase_known"]
        assert len(standing(clinic)) == 1

    def test_does_not_mind_the_days_of_another_clinic(self, clinic, manager):
        PhaseLineFactory(from_on=date(2025, 3, 5), to_on=None)

        assert enter(clinic, manager, pilot())


class TestCorrecting:
    def test_keeps_both_lines_and_changes_what_stands(self, clinic, manager):
        first = enter(clinic, manager, pilot())
        key = uuid.uuid4()

        rows = [correct(clinic, first, by=manager, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert standing(clinic) == [(date(2025, 3, 5), date(2025, 3, 10), 20)]
        assert PhaseLine.objects.count() == 2
        assert AuditEvent.objects.get(event="outcomes.phase_amended").detail["amends"] == str(first.id)
        with pytest.raises(ProgrammeKeyReused):
            correct(clinic, first, by=manager, key=key, correction=Correction.LEARNED_LATER)
        with pytest.raises(ProgrammeAmended):
            correct(clinic, first, by=manager)

    def test_that_strikes_out_frees_the_days_and_keeps_what_was_written(self, clinic, manager):
        first = enter(clinic, manager, pilot())

        struck = correct(clinic, first, by=manager, correction=Correction.ENTERED_TWICE)

        assert (struck.from_on, struck.places) == (first.from_on, first.places)
        assert standing(clinic) == []
        assert places(clinic, 5) == 15
        (entry,) = list_phases(clinic=clinic)
        assert (entry.stands.is_struck, len(entry.before)) == (True, 1)
        assert enter(clinic, manager, pilot())

    def test_may_bring_back_what_was_struck_out(self, clinic, manager):
        first = enter(clinic, manager, pilot())
        struck = correct(clinic, first, by=manager, correction=Correction.ENTERED_TWICE)

        correct(clinic, struck, by=manager)

        assert standing(clinic) == [(date(2025, 3, 5), date(2025, 3, 10), 20)]

    def test_is_refused_onto_the_days_of_another_and_told_to_the_trail(self, clinic, manager):
        first = enter(clinic, manager, pilot())
        enter(clinic, manager, pilot(9, 10))

        with pytest.raises(PhaseRefused):
            correct(clinic, first, by=manager)

        assert AuditEvent.objects.get(event="outcomes.phase_amended", outcome="refused")
        assert len(standing(clinic)) == 2


class TestTheTable:
    def test_holds_one_row_per_key(self):
        first = PhaseLineFactory()

        with refused_by("one_phase_line_per_key"):
            PhaseLineFactory(key=first.key)

    def test_asks_who_entered_it_unless_it_was_imported(self, clinic):
        nobody = dict.fromkeys(["key", "recorded_by", "recorded_at"])
        PhaseLineFactory(clinic=clinic, import_run=ImportRunFactory(clinic=clinic), **nobody)

        with refused_by("phase_line_is_recorded_by_a_person_or_imported"):
            PhaseLineFactory(recorded_by=None)

    def test_asks_why_a_line_is_written_again(self):
        first = PhaseLineFactory()

        with refused_by("phase_line_correction_has_its_reason"):
            PhaseLineFactory(clinic=first.clinic, phase_id=first.phase_id, amends=first)

    def test_takes_a_correction_of_the_same_phase_alone(self):
        first, other = PhaseLineFactory(), PhaseLineFactory()

        with refused_by("phase_correction_is_of_the_same_phase"):
            PhaseLineFactory(
                clinic=first.clinic, phase_id=other.phase_id, amends=first, correction="wrong_key"
            )

    def test_ends_after_it_begins(self):
        first = PhaseLineFactory()

        with refused_by("phase_line_runs_forward"):
            PhaseLineFactory(from_on=first.from_on, to_on=first.from_on)

    def test_holds_no_two_on_one_day(self):
        first = PhaseLineFactory()

        with refused_by("phases_of_a_clinic_do_not_overlap"):
            PhaseLineFactory(clinic=first.clinic)

    def test_holds_one_first_line_of_a_phase(self):
        phase = PhaseFactory()
        first = PhaseLineFactory(clinic=phase.clinic, from_on=date(2020, 1, 1), to_on=date(2020, 2, 1))

        with refused_by("one_first_line_per_phase"):
            PhaseLineFactory(clinic=first.clinic, phase_id=first.phase_id)

    def test_changes_a_phase_by_a_line_alone(self):
        phase = PhaseLineFactory().phase

        with refused_by("phase_changes_by_a_line"):
            Phase.objects.filter(id=phase.id).update(places=99)

    @pytest.mark.parametrize("sql", ["UPDATE {} SET name = ''", "DELETE FROM {}"])
    def test_only_grows(self, sql):
        PhaseLineFactory()

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format("outcomes_phaseline"))


class TestThePages:
    @pytest.fixture
    def client(self, manager, sign_in) -> Client:
        return sign_in(Client(), manager)

    def url(self, name: str, clinic, *more: Any) -> str:
        return reverse(f"outcomes:{name}", args=[clinic.code, *more])

    def opened(self, client: Client, address: str, **said: Any) -> dict[str, Any]:
        page = client.get(address).content.decode()
        return {**dict(re.findall(r'name="(seal|key)" value="([^"]+)"', page)), **said}

    def test_enter_one_once_and_list_it(self, client, clinic):
        assert "Nobody has entered a phase." in client.get(self.url("list_phases", clinic)).content.decode()
        address = self.url("record_phase", clinic)
        content = self.opened(client, address, **TYPED)

        answers = [client.post(address, content, follow=True) for _ in range(2)]

        text = answers[1].content.decode()
        assert "5 March 2025 to 7 March 2025" in text
        assert "12 places, 2 sessions a day." in text
        assert "Paid by Invented Council. Paid until 31 March 2030." in text
        assert PhaseLine.objects.count() == 1
        assert "sent before" in client.post(address, content | {"name": "Other"}).content.decode()

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"name": ""}, "Write what it is called."),
            ({"places": ""}, "Write how many places there are."),
            ({"places": "0"}, "Write a whole number"),
            ({"sessions_per_day": ""}, "Tap how many sessions a day has."),
            ({"first_on": ""}, "Write the first day."),
            ({"last_on": "04/03/2025"}, "The last day is before the first."),
            ({"seal": "x"}, "opened by somebody else"),
        ],
    )
    def test_say_what_is_wrong_and_keep_what_was_typed(self, client, clinic, changes, words):
        address = self.url("record_phase", clinic)
        content = self.opened(client, address, **TYPED) | changes

        text = client.post(address, content).content.decode()

        assert words in text
        kept = ("name", "first_on", "last_on", "places", "funded_by", "funded_until")
        assert all(f'value="{content[name]}"' in text for name in kept if content[name])
        assert not PhaseLine.objects.exists()

    def test_correct_one_show_both_and_say_why_not(self, client, clinic, manager):
        row = enter(clinic, manager, pilot())
        address = self.url("amend_phase", clinic, row.id)
        assert 'value="07/03/2025"' in client.get(address).content.decode()
        content = self.opened(client, address, **TYPED, correction="wrong_key") | {"name": "First year"}
        for changes, words in (
            ({"correction": ""}, "Tap why it is written again."),
            ({"name": ""}, "Write what it is called."),
        ):
            assert words in client.post(address, content | changes).content.decode()

        text = client.post(address, content, follow=True).content.decode()

        assert "First year" in text
        assert "Before: Pilot." in text
        again = self.opened(client, address) | {**content, "key": str(uuid.uuid4())}
        assert "corrected meanwhile" in client.post(address, again).content.decode()
        strange = PhaseLineFactory()
        assert client.get(self.url("amend_phase", clinic, strange.id)).status_code == 404
        assert client.get(self.url("amend_phase", clinic, uuid.uuid4())).status_code == 404

    def test_show_what_goes_on_and_what_was_imported(self, client, clinic):
        nobody = dict.fromkeys(["key", "recorded_by", "recorded_at"])
        PhaseLineFactory(clinic=clinic, to_on=None, import_run=ImportRunFactory(clinic=clinic), **nobody)

        text = client.get(self.url("list_phases", clinic)).content.decode()

        assert "on, not over yet" in text
        assert "Taken in from earlier records" in text
