"""Offences a person tells of: what the actions store and refuse, what the table refuses, and the pages."""

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
from outcomes.actions.evaluation.extract import freeze_extract
from outcomes.actions.lines import LineAmended, LineKeyReused, NeverTreatedHere
from outcomes.actions.told_offences import (
    ToldOffenceRefused,
    amend_told_offence,
)
from outcomes.models import ExtractSegment, Offence
from outcomes.rules.support import Correction
from outcomes.rules.told_offences import OffenceTold
from tests.factories import ImportRunFactory, OffenceFactory, PersonFactory
from tests.factories.told_offences import a_told_offence
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)
IMPORTED: dict[str, Any] = dict.fromkeys(["key", "recorded_by", "recorded_at"])


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def today() -> date:
    return london_date(now())


def correct(room: TreatmentRoom, row: Offence, *, by: User, **more: Any) -> Offence:
    given: dict[str, Any] = {
        "said": OffenceTold(on=row.occurred_on, kind="robbery"),
        "correction": Correction.WRONG_KEY,
        "key": uuid.uuid4(),
        **more,
    }
    return amend_told_offence(clinic=room.clinic, offence=row.id, by=by, at=now(), **given)


def counted(room: TreatmentRoom, *, by: User, as_of: date) -> list[str]:
    """Return the kinds of offences that a report of this clinic counts."""
    with transaction.atomic():
        extract = freeze_extract(clinic=room.clinic.id, as_of=as_of, by=by, at=now())
    segments = ExtractSegment.objects.filter(id__in=extract.segment_ids, table_name="offences")
    return sorted(row["offence"] for segment in segments for row in segment.rows)


class TestWritingDown:
    def test_stores_the_kind_the_day_and_who_was_told(self, room, worker, today):
        row = a_told_offence(room.clinic, room.patient.id, by=worker, on=today)

        assert (row.occurred_on, row.type_id, row.recorded_by) == (today, "shoplifting", worker)
        assert (row.source, row.amends) == ("self_reported", None)
        event = AuditEvent.objects.get(event="outcomes.told_offence_recorded")
        assert (event.person, event.object_id, event.actor) == (room.patient.id, str(row.id), worker)
        assert "shoplifting" not in str(event.detail)

    def test_stores_the_same_key_once_and_two_of_one_day_twice(self, room, worker, today):
        key = uuid.uuid4()

        rows = [a_told_offence(room.clinic, room.patient.id, by=worker, on=today, key=key) for _ in range(2)]
        assert rows[0] == rows[1]
        a_told_offence(room.clinic, room.patient.id, by=worker, on=today)

        assert Offence.objects.count() == 2

    def test_refuses_a_key_with_another_kind_or_of_somebody_else(self, room, worker, make_member, today):
        key = uuid.uuid4()
        a_told_offence(room.clinic, room.patient.id, by=worker, on=today, key=key)
        other = make_member(room.clinic, Role.CASE_WORKER, "other")

        with pytest.raises(LineKeyReused, match="sent before with other answers"):
            a_told_offence(room.clinic, room.patient.id, by=worker, on=today, key=key, kind="robbery")
        with pytest.raises(LineKeyReused):
            a_told_offence(room.clinic, room.patient.id, by=other, on=today, key=key)

    def test_refuses_what_cannot_be_and_tells_the_trail(self, room, worker, today):
        with pytest.raises(ToldOffenceRefused, match="has not come yet"):
            a_told_offence(room.clinic, room.patient.id, by=worker, on=today + A_DAY, kind="arson")

        assert not Offence.objects.exists()
        refused = AuditEvent.objects.get(event="outcomes.told_offence_recorded", outcome="refused")
        assert refused.detail["codes"] == ["offence_in_future", "offence_kind_unknown"]

    def test_refuses_somebody_never_accepted_here(self, room, worker, today):
        with pytest.raises(NeverTreatedHere):
            a_told_offence(room.clinic, PersonFactory().id, by=worker, on=today)


class TestCorrecting:
    def test_adds_a_row_that_counts_and_leaves_the_first(self, room, worker, today):
        first = a_told_offence(room.clinic, room.patient.id, by=worker, on=today)

        second = correct(room, first, by=worker)

        first.refresh_from_db()
        assert (first.type_id, second.type_id, second.amends) == ("shoplifting", "robbery", first)
        assert counted(room, by=worker, as_of=today + A_DAY) == ["robbery"]
        event = AuditEvent.objects.get(event="outcomes.told_offence_amended")
        assert event.detail == {"amends": str(first.id), "correction": "wrong_key"}

    def test_that_strikes_out_keeps_the_words_and_counts_for_nothing(self, room, worker, today):
        first = a_told_offence(room.clinic, room.patient.id, by=worker, on=today)

        struck = correct(room, first, by=worker, correction=Correction.WRONG_PERSON)

        assert struck.type_id == "shoplifting"
        assert counted(room, by=worker, as_of=today + A_DAY) == []

    def test_is_stored_once_by_its_key(self, room, worker, today):
        first = a_told_offence(room.clinic, room.patient.id, by=worker, on=today)
        key = uuid.uuid4()

        rows = [correct(room, first, by=worker, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert Offence.objects.count() == 2

    def test_is_refused_where_somebody_was_first(self, room, worker, today):
        first = a_told_offence(room.clinic, room.patient.id, by=worker, on=today)
        correct(room, first, by=worker)

        with pytest.raises(LineAmended, match="corrected meanwhile"):
            correct(room, first, by=worker)

    def test_is_refused_onto_a_day_to_come_and_told_to_the_trail(self, room, worker, today):
        first = a_told_offence(room.clinic, room.patient.id, by=worker, on=today)

        with pytest.raises(ToldOffenceRefused):
            correct(room, first, by=worker, said=OffenceTold(on=today + A_DAY, kind="robbery"))

        assert AuditEvent.objects.get(event="outcomes.told_offence_amended", outcome="refused")

    def test_is_never_of_what_police_recorded(self, room, worker, today):
        recorded = an_imported_offence(room, today, source="police_recorded")

        with pytest.raises(Offence.DoesNotExist):
            correct(room, recorded, by=worker)


def an_imported_offence(room: TreatmentRoom, on: date, *, source: str) -> Offence:
    run = ImportRunFactory(clinic=room.clinic)
    return OffenceFactory(
        clinic_id=room.clinic.id,
        person_id=room.patient.id,
        occurred_on=on,
        source=source,
        import_run_id=run.id,
        **IMPORTED,
    )


class TestTheTable:
    def test_holds_one_row_per_key(self):
        first = OffenceFactory()

        with refused_by("one_offence_per_key"):
            OffenceFactory(key=first.key)

    def test_asks_who_was_told_unless_it_was_imported(self):
        with refused_by("offence_is_told_to_a_person_or_imported"):
            OffenceFactory(recorded_by=None)

    def test_takes_nothing_that_police_recorded_from_a_person(self):
        with refused_by("offence_is_told_to_a_person_or_imported"):
            OffenceFactory(source="police_recorded")

    def test_asks_why_an_offence_is_written_again(self):
        first = OffenceFactory()

        with refused_by("offence_correction_has_its_reason"):
            OffenceFactory(clinic_id=first.clinic_id, person_id=first.person_id, amends=first, correction="")

    def test_takes_no_correction_of_another_persons_offence_or_of_what_police_recorded(self, room, today):
        first = OffenceFactory()
        recorded = an_imported_offence(room, today, source="police_recorded")

        with refused_by("offence_correction_is_of_the_same_person"):
            OffenceFactory(clinic_id=first.clinic_id, amends=first, correction="wrong_key")
        with refused_by("offence_correction_is_of_the_same_person"):
            OffenceFactory(
                clinic_id=room.clinic.id, person_id=room.patient.id, amends=recorded, correction="wrong_key"
            )

    @pytest.mark.parametrize("sql", ["UPDATE {} SET type_id = 'robbery'", "DELETE FROM {}"])
    def test_only_grows(self, sql):
        OffenceFactory()

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format("outcomes_offence"))


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
        return {"key": key, "seal": seal[1], "kind": "theft_other", "on": "02/03/2025", **changes}

    def test_write_an_offence_down_and_show_it(self, client, room):
        url = self.url("record_told_offence", room)
        content = self.opened(client, url)

        answers = [client.post(url, content, follow=True) for _ in range(2)]

        assert Offence.objects.count() == 1
        assert "Other theft, 2 March 2025" in answers[0].content.decode()
        assert AuditEvent.objects.filter(event="outcomes.told_offences_seen", person=room.patient.id).exists()

    def test_show_nothing_that_police_recorded(self, client, room, today):
        an_imported_offence(room, today, source="police_recorded")
        told = an_imported_offence(room, today, source="self_reported")

        page = client.get(self.url("see_told_offences", room)).context["page"]

        assert [entry.stands.id for entry in page.entries] == [told.id]

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"kind": ""}, "Choose what it was."),
            ({"kind": "arson"}, "Choose what it was from the list."),
            ({"on": ""}, "Write on which day."),
            ({"on": "March"}, "Write the day as day/month/year"),
            ({"on": "02/03/2199"}, "That day has not come yet."),
            ({"on": "02/03/1925"}, "before this person was born"),
            ({"seal": "of nobody"}, "opened by somebody else"),
        ],
    )
    def test_say_what_is_missing_and_keep_what_was_typed(self, client, room, changes, words):
        url = self.url("record_told_offence", room)
        content = self.opened(client, url, **changes)

        text = client.post(url, content).content.decode()

        assert words in text
        assert content["key"] in text
        assert not content["on"] or content["on"] in text
        assert not Offence.objects.exists()

    def test_answer_an_empty_post_with_a_reason(self, client, room, worker, today):
        row = a_told_offence(room.clinic, room.patient.id, by=worker, on=today)

        for url in (self.url("record_told_offence", room), self.url("amend_told_offence", room, row.id)):
            assert "opened by somebody else" in client.post(url).content.decode()

    def test_say_that_a_form_was_sent_before(self, client, room):
        url = self.url("record_told_offence", room)
        content = self.opened(client, url)
        client.post(url, content)

        text = client.post(url, content | {"kind": "robbery"}).content.decode()

        assert "sent before with other answers" in text

    def test_correct_an_offence_and_show_both(self, client, room, worker):
        row = a_told_offence(room.clinic, room.patient.id, by=worker, on=date(2025, 3, 2))
        url = self.url("amend_told_offence", room, row.id)
        content = self.opened(client, url, correction="learned_later", on="05/03/2025")

        text = client.post(url, content, follow=True).content.decode()

        assert "Other theft, 5 March 2025" in text
        assert "Before: Shoplifting, 2 March 2025" in text
        assert "learned more later" in text

    def test_say_why_a_correction_is_refused(self, client, room, worker):
        row = a_told_offence(room.clinic, room.patient.id, by=worker, on=date(2025, 3, 2))
        url = self.url("amend_told_offence", room, row.id)
        content = self.opened(client, url, correction="wrong_key")

        for changes, words in (
            ({"seal": "x"}, "opened by somebody else"),
            ({"on": "02/03/2199"}, "That day has not come yet."),
            ({"correction": ""}, "Tap why it is written again."),
        ):
            assert words in client.post(url, content | changes).content.decode()
        correct(room, row, by=worker)
        assert "corrected meanwhile" in client.post(url, content).content.decode()

    def test_know_nobody_who_was_never_here_and_no_offence_of_somebody_else_or_of_the_police(
        self, client, room, today
    ):
        strange = OffenceFactory(clinic_id=room.clinic.id)
        recorded = an_imported_offence(room, today, source="police_recorded")

        for row in (strange, recorded):
            assert client.get(self.url("amend_told_offence", room, row.id)).status_code == 404
        unknown = reverse("outcomes:see_told_offences", args=[room.clinic.code, PersonFactory().id])
        assert client.get(unknown).status_code == 404
