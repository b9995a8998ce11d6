"""Where somebody lives: what the actions store and refuse, what the table refuses, and the pages."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.housing import (
    HousingRefused,
    amend_housing,
)
from outcomes.actions.lines import LineAmended, LineKeyReused, NeverTreatedHere
from outcomes.models import HousingRecord
from outcomes.queries.housing import get_housing_page, standing_housing
from outcomes.rules.housing import HousingSaid
from outcomes.rules.support import Correction
from tests.factories import HousingRecordFactory, ImportRunFactory, PersonFactory
from tests.factories.housing import a_housing_line
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def today() -> date:
    return london_date(now())


def correct(room: TreatmentRoom, row: HousingRecord, *, by: User, **more: Any) -> HousingRecord:
    given: dict[str, Any] = {
        "said": HousingSaid(on=row.recorded_on, state="own"),
        "correction": Correction.WRONG_KEY,
        "key": uuid.uuid4(),
        **more,
    }
    return amend_housing(clinic=room.clinic, housing=row.id, by=by, at=now(), **given)


def standing(room: TreatmentRoom) -> list[tuple[date, str]]:
    rows = standing_housing(room.clinic, room.patient.id)
    return sorted(rows.values_list("recorded_on", "state"))


class TestRecording:
    def test_stores_the_place_the_day_and_who_said_so(self, room, worker, today):
        row = a_housing_line(room.clinic, room.patient.id, by=worker, on=today)

        assert (row.recorded_on, row.state, row.recorded_by, row.amends) == (today, "sofa", worker, None)
        event = AuditEvent.objects.get(event="outcomes.housing_recorded")
        assert (event.person, event.object_id, event.actor) == (room.patient.id, str(row.id), worker)
        assert "sofa" not in str(event.detail)

    def test_stores_the_same_key_once(self, room, worker, today):
        key = uuid.uuid4()

        rows = [a_housing_line(room.clinic, room.patient.id, by=worker, on=today, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert HousingRecord.objects.count() == 1

    def test_refuses_a_key_with_another_place_or_of_somebody_else(self, room, worker, make_member, today):
        key = uuid.uuid4()
        a_housing_line(room.clinic, room.patient.id, by=worker, on=today, key=key)
        other = make_member(room.clinic, Role.CASE_WORKER, "other")

        with pytest.raises(LineKeyReused, match="sent before with other answers"):
            a_housing_line(room.clinic, room.patient.id, by=worker, on=today, key=key, state="own")
        with pytest.raises(LineKeyReused):
            a_housing_line(room.clinic, room.patient.id, by=other, on=today, key=key)

    def test_refuses_a_day_that_is_taken_and_tells_the_trail(self, room, worker, today):
        a_housing_line(room.clinic, room.patient.id, by=worker, on=today)

        with pytest.raises(HousingRefused, match="Correct that line instead"):
            a_housing_line(room.clinic, room.patient.id, by=worker, on=today, state="own")

        assert standing(room) == [(today, "sofa")]
        refused = AuditEvent.objects.get(event="outcomes.housing_recorded", outcome="refused")
        assert refused.detail["codes"] == ["housing_day_taken"]

    def test_refuses_somebody_never_accepted_here(self, room, worker, today):
        with pytest.raises(NeverTreatedHere):
            a_housing_line(room.clinic, PersonFactory().id, by=worker, on=today)


class TestCorrecting:
    def test_adds_a_row_that_counts_and_leaves_the_first(self, room, worker, today):
        first = a_housing_line(room.clinic, room.patient.id, by=worker, on=today)

        second = correct(room, first, by=worker)

        first.refresh_from_db()
        assert (first.state, second.state, second.amends) == ("sofa", "own", first)
        assert standing(room) == [(today, "own")]
        event = AuditEvent.objects.get(event="outcomes.housing_amended")
        assert event.detail == {"amends": str(first.id), "correction": "wrong_key"}

    def test_corrects_imported_history_too(self, room, worker, today):
        first = HousingRecordFactory(
            clinic=room.clinic,
            patient=room.patient,
            recorded_on=today,
            import_run=ImportRunFactory(clinic=room.clinic),
            **dict.fromkeys(["key", "recorded_by", "recorded_at"]),
        )

        correct(room, first, by=worker)

        assert standing(room) == [(today, "own")]

    def test_that_strikes_out_keeps_the_words_and_frees_the_day(self, room, worker, today):
        first = a_housing_line(room.clinic, room.patient.id, by=worker, on=today)

        struck = correct(room, first, by=worker, correction=Correction.WRONG_PERSON)
        assert (struck.state, standing(room)) == ("sofa", [])
        a_housing_line(room.clinic, room.patient.id, by=worker, on=today, state="rough")

        assert standing(room) == [(today, "rough")]

    def test_is_stored_once_by_its_key(self, room, worker, today):
        first = a_housing_line(room.clinic, room.patient.id, by=worker, on=today)
        key = uuid.uuid4()

        rows = [correct(room, first, by=worker, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert HousingRecord.objects.count() == 2

    def test_is_refused_where_somebody_was_first(self, room, worker, today):
        first = a_housing_line(room.clinic, room.patient.id, by=worker, on=today)
        correct(room, first, by=worker)

        with pytest.raises(LineAmended, match="corrected meanwhile"):
            correct(room, first, by=worker)

    def test_is_refused_onto_the_day_of_another_and_told_to_the_trail(self, room, worker, today):
        a_housing_line(room.clinic, room.patient.id, by=worker, on=today)
        first = a_housing_line(room.clinic, room.patient.id, by=worker, on=today - A_DAY)

        with pytest.raises(HousingRefused, match="Correct that line instead"):
            correct(room, first, by=worker, said=HousingSaid(on=today, state="own"))

        assert AuditEvent.objects.get(event="outcomes.housing_amended", outcome="refused")


class TestTheTable:
    def test_holds_one_row_per_key(self, today):
        first = HousingRecordFactory(recorded_on=today)

        with refused_by("one_housing_record_per_key"):
            HousingRecordFactory(recorded_on=today, key=first.key)

    def test_asks_who_recorded_it_unless_it_was_imported(self):
        with refused_by("housing_is_recorded_by_a_person_or_imported"):
            HousingRecordFactory(recorded_by=None)

    def test_asks_why_a_line_is_written_again(self, today):
        first = HousingRecordFactory(recorded_on=today)

        with refused_by("housing_correction_has_its_reason"):
            HousingRecordFactory(
                clinic=first.clinic, patient=first.patient, recorded_on=today, amends=first, correction=""
            )

    def test_takes_no_correction_of_another_persons_line(self, today):
        first = HousingRecordFactory(recorded_on=today)

        with refused_by("housing_correction_is_of_the_same_person"):
            HousingRecordFactory(clinic=first.clinic, amends=first, correction="wrong_key")

    @pytest.mark.parametrize("sql", ["UPDATE {} SET state = 'own'", "DELETE FROM {}"])
    def test_only_grows(self, sql):
        HousingRecordFactory()

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format("outcomes_housingrecord"))


class TestThePages:
    @pytest.fixture
    def client(self, worker, sign_in) -> Client:
        return sign_in(Client(), worker)

    def url(self, name: str, room: TreatmentRoom, *more: uuid.UUID) -> str:
        return reverse(f"outcomes:{name}", args=[room.clinic.code, room.patient.id, *more])

    def opened(self, client: Client, url: str, **changes: str) -> dict[str, str]:
        answer = client.get(url)
        seal = re.search(r'name="seal" value="([^"]+)"', answer.content.decode())
        assert seal is not None
        key = str(answer.context["form"]["key"].value())
        return {"key": key, "seal": seal[1], "state": "supported", "on": "02/03/2025", **changes}

    def test_record_a_line_and_show_it(self, client, room):
        url = self.url("record_housing", room)
        content = self.opened(client, url)

        answers = [client.post(url, content, follow=True) for _ in range(2)]

        assert HousingRecord.objects.count() == 1
        text = answers[0].content.decode()
        assert "Now: <strong>Supported housing</strong>, since 2 March 2025." in text
        assert AuditEvent.objects.filter(event="outcomes.housing_seen", person=room.patient.id).exists()

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"state": ""}, "Tap where they live."),
            ({"on": ""}, "Write since which day."),
            ({"on": "March"}, "Write the day as day/month/year"),
            ({"on": "02/03/2199"}, "That day has not come yet."),
            ({"on": "02/03/1925"}, "before this person was born"),
            ({"seal": "of nobody"}, "opened by somebody else"),
        ],
    )
    def test_say_what_is_missing_and_keep_what_was_typed(self, client, room, changes, words):
        url = self.url("record_housing", room)
        content = self.opened(client, url, **changes)

        text = client.post(url, content).content.decode()

        assert words in text
        assert content["key"] in text
        assert not content["on"] or content["on"] in text
        assert not HousingRecord.objects.exists()

    def test_answer_an_empty_post_with_a_reason(self, client, room, worker):
        row = a_housing_line(room.clinic, room.patient.id, by=worker, on=date(2025, 3, 2))

        for url in (self.url("record_housing", room), self.url("amend_housing", room, row.id)):
            assert "opened by somebody else" in client.post(url).content.decode()

    def test_say_that_a_form_was_sent_before(self, client, room):
        url = self.url("record_housing", room)
        content = self.opened(client, url)
        client.post(url, content)

        assert (
            "sent before with other answers" in client.post(url, content | {"state": "own"}).content.decode()
        )

    def test_correct_a_line_and_show_both(self, client, room, worker):
        row = a_housing_line(room.clinic, room.patient.id, by=worker, on=date(2025, 3, 2))
        url = self.url("amend_housing", room, row.id)
        content = self.opened(client, url, correction="learned_later", on="05/03/2025")

        text = client.post(url, content, follow=True).content.decode()

        assert "Supported housing, since 5 March 2025" in text
        assert "Before: With friends, no home, since 2 March 2025" in text
        assert "learned more later" in text

    def test_say_why_a_correction_is_refused(self, client, room, worker):
        row = a_housing_line(room.clinic, room.patient.id, by=worker, on=date(2025, 3, 2))
        url = self.url("amend_housing", room, row.id)
        content = self.opened(client, url, correction="wrong_key")

        for changes, words in (
            ({"seal": "x"}, "opened by somebody else"),
            ({"on": "02/03/2199"}, "That day has not come yet."),
            ({"correction": ""}, "Tap why it is written again."),
        ):
            assert words in client.post(url, content | changes).content.decode()
        correct(room, row, by=worker)
        assert "corrected meanwhile" in client.post(url, content).content.decode()

    def test_do_not_take_the_form_of_another_person(self, client, room):
        other = a_treatment_room()
        content = self.opened(client, self.url("record_housing", room))

        assert client.post(self.url("record_housing", other), content).status_code == 404
        assert not HousingRecord.objects.exists()

    def test_know_nobody_who_was_never_here_and_no_line_of_somebody_else(self, client, room):
        strange = HousingRecordFactory(clinic=room.clinic)

        assert client.get(self.url("amend_housing", room, strange.id)).status_code == 404
        unknown = reverse("outcomes:see_housing", args=[room.clinic.code, PersonFactory().id])
        assert client.get(unknown).status_code == 404

    def test_tell_where_they_live_now_by_the_newest_line_that_counts(self, room, worker, today):
        a_housing_line(room.clinic, room.patient.id, by=worker, on=today - 9 * A_DAY, state="rough")
        newest = a_housing_line(room.clinic, room.patient.id, by=worker, on=today)
        correct(room, newest, by=worker, correction=Correction.ENTERED_TWICE)

        page = get_housing_page(clinic=room.clinic, person_id=room.patient.id)

        assert page is not None
        assert page.now is not None
        assert page.now.state == "Sleeping rough"
        assert len(page.entries) == 2
