"""What disturbed the programme: what the actions store and refuse, what the table refuses, and the pages."""

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

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from outcomes.actions.disruptions import (
    DisruptionRefused,
    amend_disruption,
    record_disruption,
)
from outcomes.actions.programme_lines import ProgrammeAmended, ProgrammeKeyReused
from outcomes.models import Disruption
from outcomes.queries.disruptions import list_disruptions, standing_disruptions
from outcomes.rules.disruptions import DisruptionSaid
from outcomes.rules.support import Correction
from tests.factories import ClinicFactory, DisruptionFactory, ImportRunFactory
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
TYPED = {"kind": "closed", "label": "Flood", "first_on": "05/03/2025", "last_on": "07/03/2025"}


def flood(first: int = 5, last: int | None = 7, label: str = "Flood") -> DisruptionSaid:
    return DisruptionSaid(
        first_on=date(2025, 3, first), last_on=last and date(2025, 3, last), kind="closed", label=label
    )


@pytest.fixture
def clinic():
    return ClinicFactory(opened_on=date(2025, 1, 15))


@pytest.fixture
def manager(clinic, make_member) -> User:
    return make_member(clinic, Role.MANAGER, "manager")


def enter(clinic, by: User, said: DisruptionSaid, key: uuid.UUID | None = None) -> Disruption:
    return record_disruption(clinic=clinic, said=said, key=key or uuid.uuid4(), by=by, at=now())


def correct(clinic, first: Disruption, *, by: User, **more: Any) -> Disruption:
    given: dict[str, Any] = {
        "said": flood(5, 9),
        "correction": Correction.WRONG_KEY,
        "key": uuid.uuid4(),
        **more,
    }
    return amend_disruption(clinic=clinic, disruption=first.id, by=by, at=now(), **given)


def standing(clinic) -> list[tuple[date, date | None]]:
    return list(standing_disruptions(clinic).order_by("from_on").values_list("from_on", "to_on"))


class TestEntering:
    def test_stores_the_days_and_tells_the_trail(self, clinic, manager):
        row = enter(clinic, manager, flood())

        assert standing(clinic) == [(date(2025, 3, 5), date(2025, 3, 8))]
        event = AuditEvent.objects.get(event="outcomes.disruption_recorded")
        assert (event.actor, event.object_id) == (manager, str(row.id))

    def test_stores_the_same_key_once_and_refuses_it_with_other_content(self, clinic, manager):
        key = uuid.uuid4()

        first, again = (enter(clinic, manager, flood(), key) for _ in range(2))

        assert first == again
        with pytest.raises(ProgrammeKeyReused):
            enter(clinic, manager, flood(last=None), key)
        assert len(standing(clinic)) == 1

    def test_is_refused_on_taken_days_and_told_to_the_trail(self, clinic, manager):
        enter(clinic, manager, flood())

        with pytest.raises(DisruptionRefused, match="entered already"):
            enter(clinic, manager, flood(7, 9))

        refused = AuditEvent.objects.get(event="outcomes.disruption_recorded", outcome="refused")
        assert refused.detail["codes"] == ["disruption_known"]
        assert len(standing(clinic)) == 1

    def test_does_not_mind_the_days_of_another_clinic(self, clinic, manager):
        DisruptionFactory(from_on=date(2025, 3, 5))

        assert enter(clinic, manager, flood())


class TestCorrecting:
    def test_keeps_both_rows_and_counts_the_newer(self, clinic, manager):
        first = enter(clinic, manager, flood())
        key = uuid.uuid4()

        rows = [correct(clinic, first, by=manager, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert standing(clinic) == [(date(2025, 3, 5), date(2025, 3, 10))]
        assert Disruption.objects.count() == 2
        assert AuditEvent.objects.get(event="outcomes.disruption_amended").detail["amends"] == str(first.id)
        with pytest.raises(ProgrammeKeyReused):
            correct(clinic, first, by=manager, key=key, correction=Correction.LEARNED_LATER)
        with pytest.raises(ProgrammeAmended):
            correct(clinic, first, by=manager)

    def test_that_strikes_out_frees_the_days_and_keeps_what_was_written(self, clinic, manager):
        first = enter(clinic, manager, flood())

        struck = correct(clinic, first, by=manager, correction=Correction.ENTERED_TWICE)

        assert (struck.from_on, struck.to_on) == (first.from_on, first.to_on)
        assert standing(clinic) == []
        (entry,) = list_disruptions(clinic=clinic)
        assert (entry.stands.is_struck, len(entry.before)) == (True, 1)
        assert enter(clinic, manager, flood())

    def test_is_refused_onto_the_days_of_another_and_told_to_the_trail(self, clinic, manager):
        first = enter(clinic, manager, flood())
        enter(clinic, manager, flood(9, 10))

        with pytest.raises(DisruptionRefused):
            correct(clinic, first, by=manager)

        assert AuditEvent.objects.get(event="outcomes.disruption_amended", outcome="refused")


class TestTheTable:
    def test_holds_one_row_per_key(self):
        first = DisruptionFactory()

        with refused_by("one_disruption_per_key"):
            DisruptionFactory(key=first.key)

    def test_asks_who_entered_it_unless_it_was_imported(self, clinic):
        nobody = dict.fromkeys(["key", "recorded_by", "recorded_at"])
        run = ImportRunFactory(clinic=clinic)
        for _ in range(2):
            DisruptionFactory(clinic=clinic, import_run=run, **nobody)

        with refused_by("disruption_is_recorded_by_a_person_or_imported"):
            DisruptionFactory(recorded_by=None)

    def test_asks_why_a_line_is_written_again(self):
        first = DisruptionFactory()

        with refused_by("disruption_correction_has_its_reason"):
            DisruptionFactory(clinic=first.clinic, amends=first)

    def test_takes_a_correction_of_the_same_clinic_alone(self):
        first = DisruptionFactory()

        with refused_by("disruption_correction_is_of_the_same_clinic"):
            DisruptionFactory(amends=first, correction="wrong_key")

    def test_holds_one_of_a_kind_at_a_time(self):
        first = DisruptionFactory()
        DisruptionFactory(clinic=first.clinic, kind="reduced")

        with refused_by("one_disruption_of_a_kind_at_a_time"):
            DisruptionFactory(clinic=first.clinic)

    @pytest.mark.parametrize("sql", ["UPDATE {} SET label = ''", "DELETE FROM {}"])
    def test_only_grows(self, sql):
        DisruptionFactory()

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format("outcomes_disruption"))


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
        assert (
            "Nobody has entered a disruption."
            in client.get(self.url("list_disruptions", clinic)).content.decode()
        )
        address = self.url("record_disruption", clinic)
        content = self.opened(client, address, **TYPED)

        answers = [client.post(address, content, follow=True) for _ in range(2)]

        text = answers[1].content.decode()
        assert "The clinic was closed" in text
        assert "5 March 2025 to 7 March 2025" in text
        assert Disruption.objects.count() == 1
        other = client.post(address, content | {"label": "Fire"}).content.decode()
        assert "sent before" in other

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"label": ""}, "Write what happened."),
            ({"kind": ""}, "Tap what was not as usual."),
            ({"first_on": ""}, "Write the first day."),
            ({"last_on": "04/03/2025"}, "The last day is before the first."),
            ({"seal": "x"}, "opened by somebody else"),
        ],
    )
    def test_say_what_is_wrong_and_keep_what_was_typed(self, client, clinic, changes, words):
        address = self.url("record_disruption", clinic)
        content = self.opened(client, address, **TYPED) | changes

        text = client.post(address, content).content.decode()

        assert words in text
        assert all(
            f'value="{content[name]}"' in text for name in ("label", "first_on", "last_on") if content[name]
        )
        assert not Disruption.objects.exists()

    def test_correct_one_show_both_and_say_why_not(self, client, clinic, manager):
        row = enter(clinic, manager, flood())
        address = self.url("amend_disruption", clinic, row.id)
        assert 'value="07/03/2025"' in client.get(address).content.decode()
        content = self.opened(client, address, **TYPED, correction="wrong_key") | {"label": "Burst pipe"}
        for changes, words in (
            ({"correction": ""}, "Tap why it is written again."),
            ({"label": ""}, "Write what happened."),
        ):
            assert words in client.post(address, content | changes).content.decode()

        text = client.post(address, content, follow=True).content.decode()

        assert "Burst pipe" in text
        assert "Before: Flood." in text
        again = self.opened(client, address) | {**content, "key": str(uuid.uuid4())}
        assert "corrected meanwhile" in client.post(address, again).content.decode()
        strange = DisruptionFactory()
        assert client.get(self.url("amend_disruption", clinic, strange.id)).status_code == 404
        assert client.get(self.url("amend_disruption", clinic, uuid.uuid4())).status_code == 404

    def test_show_what_goes_on_and_what_was_imported(self, client, clinic):
        nobody = dict.fromkeys(["key", "recorded_by", "recorded_at"])
        DisruptionFactory(clinic=clinic, import_run=ImportRunFactory(clinic=clinic), **nobody)

        text = client.get(self.url("list_disruptions", clinic)).content.decode()

        assert "on, not over yet" in text
        assert "Taken in from earlier records" in text
