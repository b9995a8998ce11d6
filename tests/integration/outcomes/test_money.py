"""Money and work: what the actions store and refuse, what the table refuses, and the pages."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.lines import LineAmended, LineKeyReused, NeverTreatedHere
from outcomes.actions.money import (
    MoneyRefused,
    amend_money,
)
from outcomes.models import MoneyLine
from outcomes.queries.money import MoneyPage, get_money_page, money_said_in
from outcomes.rules.money import MoneySaid, MoneyTopic
from outcomes.rules.support import Correction
from tests.factories import MoneyLineFactory, PersonFactory
from tests.factories.money import a_debt, a_money_line
from tests.factories.treatment import TreatmentRoom, a_treatment_room, another
from tests.factories.urine_pages import Visitor
from tests.pages import shown
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)
SOME_DAY = date(2025, 3, 2)


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def today() -> date:
    return london_date(now())


@pytest.fixture
def page_of(room):
    def get() -> MoneyPage:
        page = get_money_page(clinic=room.clinic, person_id=room.patient.id)
        assert page is not None
        return page

    return get


@pytest.fixture
def write(room, worker):
    def line(topic: str, state: str, **more: Any) -> MoneyLine:
        return a_money_line(room.clinic, room.patient.id, topic, state, by=more.pop("by", worker), **more)

    return line


@pytest.fixture
def correct(room, worker):
    def again(row: MoneyLine, said: MoneySaid | None = None, **more: Any) -> MoneyLine:
        given: dict[str, Any] = {"correction": Correction.WRONG_KEY, "key": uuid.uuid4(), **more}
        return amend_money(
            clinic=room.clinic, line=row.id, said=said or money_said_in(row), by=worker, at=now(), **given
        )

    return again


def words(page: MoneyPage, topic: MoneyTopic) -> list[str]:
    return [version.words for part in page.parts if part.topic is topic for version in part.now]


class TestRecording:
    def test_stores_how_it_stands_and_tells_the_trail_the_topic_only(self, room, worker, write, today):
        row = write("work", "seeking")

        assert (row.topic, row.state, row.since_on, row.pounds) == ("work", "seeking", today, None)
        event = AuditEvent.objects.get(event="outcomes.money_recorded")
        assert (event.person, event.object_id, event.actor) == (room.patient.id, str(row.id), worker)
        assert event.detail == {"topic": "work"}

    def test_stores_the_same_key_once(self, write):
        key = uuid.uuid4()

        rows = [write("debt", "owed", kind="rent", pounds=240, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert MoneyLine.objects.count() == 1

    def test_refuses_a_key_with_other_content_or_of_somebody_else(self, room, write, make_member):
        key = uuid.uuid4()
        write("work", "seeking", key=key)

        with pytest.raises(LineKeyReused, match="sent before with other answers"):
            write("work", "sick", key=key)
        with pytest.raises(LineKeyReused):
            write("work", "seeking", key=key, by=make_member(room.clinic, Role.CASE_WORKER, "other"))

    def test_refuses_a_day_that_is_taken_and_tells_the_trail(self, write):
        write("work", "seeking")

        with pytest.raises(MoneyRefused, match="Correct that line instead"):
            write("work", "sick")

        refused = AuditEvent.objects.get(event="outcomes.money_recorded", outcome="refused")
        assert refused.detail == {"topic": "work", "codes": ["money_day_taken"]}

    def test_takes_two_benefits_and_two_debts_on_one_day(self, room, worker, write, page_of):
        write("benefit", "claimed", kind="pip")
        write("benefit", "awarded", kind="universal_credit")
        for _ in range(2):
            a_debt(room.clinic, room.patient.id, by=worker)

        assert len(words(page_of(), MoneyTopic.BENEFIT)) == 2
        assert len(page_of().debts) == 2

    def test_refuses_somebody_never_accepted_here(self, room, worker):
        with pytest.raises(NeverTreatedHere):
            a_debt(room.clinic, PersonFactory().id, by=worker)

    def test_refuses_the_debt_of_somebody_else(self, write):
        strange = MoneyLineFactory(topic="debt", state="owed", kind="rent")

        with pytest.raises(MoneyRefused, match="Tap one that stands in the list"):
            write("debt", "paid", about=strange.id)


class TestADebt:
    def test_is_never_zero_where_nobody_knows(self, room, worker, page_of):
        a_debt(room.clinic, room.patient.id, by=worker)
        assert (page_of().owed, page_of().without_sum) == (None, 1)

        a_debt(room.clinic, room.patient.id, by=worker, pounds=240)
        a_debt(room.clinic, room.patient.id, by=worker, pounds=60, kind="fine")

        assert (page_of().owed, page_of().without_sum) == (300, 1)

    def test_stands_as_its_newest_line_says(self, room, worker, write, page_of, today):
        debt = a_debt(room.clinic, room.patient.id, by=worker, pounds=240, on=SOME_DAY)
        write("debt", "plan", about=debt.id, pounds=200, on=today - A_DAY)
        assert (page_of().owed, page_of().debts[0].now.words) == (200, "Rent: paid off by a plan")

        write("debt", "paid", about=debt.id)

        assert (page_of().owed, page_of().debts[0].is_open) == (None, False)

    def test_that_was_struck_out_counts_for_nothing_with_all_its_lines(
        self, room, worker, write, correct, page_of
    ):
        debt = a_debt(room.clinic, room.patient.id, by=worker, pounds=240)
        write("debt", "plan", about=debt.id, pounds=200)

        correct(debt, correction=Correction.WRONG_PERSON)

        assert (page_of().owed, page_of().debts) == (None, ())


class TestCorrecting:
    def test_adds_a_row_that_counts_and_leaves_the_first(self, write, correct, page_of, today):
        first = write("work", "seeking")

        second = correct(first, MoneySaid(topic=MoneyTopic.WORK, state="sick", on=today))

        first.refresh_from_db()
        assert (first.state, second.state, second.amends) == ("seeking", "sick", first)
        assert words(page_of(), MoneyTopic.WORK) == ["Too ill to work"]
        event = AuditEvent.objects.get(event="outcomes.money_amended")
        assert event.detail == {"topic": "work", "amends": str(first.id), "correction": "wrong_key"}

    def test_that_strikes_out_keeps_the_words_and_frees_the_day(self, write, correct, page_of, today):
        first = write("work", "seeking")
        said = MoneySaid(topic=MoneyTopic.WORK, state="sick", on=today)

        struck = correct(first, said, correction=Correction.ENTERED_TWICE)

        assert struck.state == "seeking"
        assert words(page_of(), MoneyTopic.WORK) == []
        assert write("work", "retired").state == "retired"

    def test_is_stored_once_by_its_key(self, write, correct):
        first, key = write("bank", "missing"), uuid.uuid4()

        rows = [correct(first, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert MoneyLine.objects.count() == 2

    def test_is_refused_where_somebody_was_first(self, write, correct):
        first = write("papers", "missing")
        correct(first)

        with pytest.raises(LineAmended, match="corrected meanwhile"):
            correct(first)

    def test_is_refused_onto_the_day_of_another_and_told_to_the_trail(self, write, correct, today):
        write("work", "seeking")
        first = write("work", "sick", on=today - A_DAY)

        with pytest.raises(MoneyRefused, match="Correct that line instead"):
            correct(first, MoneySaid(topic=MoneyTopic.WORK, state="sick", on=today))

        assert AuditEvent.objects.get(event="outcomes.money_amended", outcome="refused")

    def test_does_not_move_a_line_to_another_topic(self, write, correct, today):
        first = write("work", "seeking")

        with pytest.raises(MoneyRefused, match="Strike this line out"):
            correct(first, MoneySaid(topic=MoneyTopic.BANK, state="there", on=today))


class TestTheTable:
    def test_holds_one_row_per_key(self):
        first = MoneyLineFactory()

        with refused_by("one_money_line_per_key"):
            MoneyLineFactory(key=first.key)

    def test_asks_why_a_line_is_written_again(self):
        first = MoneyLineFactory()

        with refused_by("money_correction_has_its_reason"):
            MoneyLineFactory(clinic=first.clinic, patient=first.patient, amends=first)

    @pytest.mark.parametrize(
        ("constraint", "row"),
        [
            ("money_state_is_of_its_topic", {"state": "awarded"}),
            ("money_kind_is_of_its_topic", {"kind": "rent"}),
            ("money_kind_is_of_its_topic", {"topic": "benefit", "state": "awarded"}),
            ("debt_begins_open", {"topic": "debt", "kind": "rent", "state": "paid"}),
            ("sum_is_of_an_open_debt", {"topic": "debt", "kind": "rent", "state": "owed", "pounds": 0}),
            ("sum_is_of_an_open_debt", {"pounds": 5}),
        ],
    )
    def test_refuses_what_cannot_be(self, constraint, row):
        with refused_by(constraint):
            MoneyLineFactory(**row)

    def test_lets_only_a_debt_go_on(self):
        first = MoneyLineFactory()

        with refused_by("only_a_debt_goes_on"):
            MoneyLineFactory(clinic=first.clinic, patient=first.patient, about=first)

    def test_takes_no_correction_of_another_persons_line(self):
        first = MoneyLineFactory()

        with refused_by("money_correction_is_of_the_same_person"):
            MoneyLineFactory(clinic=first.clinic, amends=first, correction="wrong_key")

    def test_takes_no_line_about_another_persons_debt(self):
        debt = MoneyLineFactory(topic="debt", kind="rent", state="owed")

        with refused_by("money_line_is_about_the_same_person"):
            MoneyLineFactory(clinic=debt.clinic, topic="debt", state="paid", about=debt)

    def test_holds_one_line_of_the_same_on_a_day(self):
        first = MoneyLineFactory()

        with refused_by("one_money_line_per_day"):
            MoneyLineFactory(clinic=first.clinic, patient=first.patient, state="sick")

    @pytest.mark.parametrize("sql", ["UPDATE {} SET state = 'sick'", "DELETE FROM {}"])
    def test_only_grows(self, sql):
        MoneyLineFactory()

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format("outcomes_moneyline"))


class TestADebtThatIsOver:
    def test_stays_over_once_the_line_it_began_with_is_corrected(self, write, correct, page_of):
        debt = write("debt", "owed", kind="rent", pounds=240)
        write("debt", "paid", about=debt.id)
        assert not page_of().debts[0].is_open

        correct(debt, replace(money_said_in(debt), pounds=250))

        assert [one.is_open for one in page_of().debts] == [False]
        assert page_of().owed is None

    def test_does_not_begin_after_what_became_of_it(self, write, correct, today):
        debt = write("debt", "owed", kind="rent", on=today - 3 * A_DAY)
        again = correct(debt, replace(money_said_in(debt), on=today - 2 * A_DAY))
        write("debt", "paid", about=debt.id, on=today - A_DAY)

        with pytest.raises(MoneyRefused, match="Another line of this debt stands on"):
            correct(again, replace(money_said_in(again), on=today))


class TestThePages:
    @pytest.fixture
    def room(self, treated) -> TreatmentRoom:
        return treated

    @pytest.fixture
    def visitor(self, worker, at_desk) -> Visitor:
        return at_desk(worker)

    def filled(self, visitor: Visitor, name: str, *parts: Any, **changes: str) -> dict[str, str]:
        form = visitor.client.get(visitor.url(name, *parts)).context["form"]
        fixed = {field: str(form[field].value()) for field in ("seal", "key")}
        return {**fixed, "state": "owed", "kind": "rent", "on": "02/03/2025", "pounds": "240", **changes}

    def test_record_a_debt_and_show_it(self, room, visitor):
        where = (room.patient.id, "debt")
        content = self.filled(visitor, "record_money", *where)

        answers = [
            visitor.client.post(visitor.url("record_money", *where), content, follow=True) for _ in range(2)
        ]

        assert MoneyLine.objects.get().pounds == 240
        text = shown(answers[0])
        assert "Known to be owed: <strong>£240</strong>" in text
        assert "Rent: owed, no plan, £240, since 2 March 2025" in text
        assert AuditEvent.objects.filter(event="outcomes.money_seen", person=room.patient.id).exists()

    def test_leave_the_sum_empty_where_nobody_knows(self, room, visitor):
        where = (room.patient.id, "debt")
        content = self.filled(visitor, "record_money", *where, pounds="")

        text = shown(visitor.client.post(visitor.url("record_money", *where), content, follow=True))

        assert MoneyLine.objects.get().pounds is None
        assert "nobody knows how much" in text
        assert "£0" not in text

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"state": ""}, "Tap how it stands."),
            ({"kind": ""}, "Tap what the debt is for."),
            ({"on": ""}, "Write since which day."),
            ({"on": "March"}, "Write the day as day/month/year"),
            ({"on": "02/03/2199"}, "That day has not come yet."),
            ({"pounds": "a lot"}, "Write whole pounds in digits"),
            ({"pounds": "0"}, "leave it empty where nobody knows"),
            ({"state": "paid"}, "A debt begins as owed"),
            ({"seal": "of nobody"}, "opened by somebody else"),
        ],
    )
    def test_say_what_is_wrong_and_keep_what_was_typed(self, room, visitor, changes, sentence):
        where = (room.patient.id, "debt")
        content = self.filled(visitor, "record_money", *where, **changes)

        text = shown(visitor.client.post(visitor.url("record_money", *where), content))

        assert sentence in text
        assert content["key"] in text
        assert content["pounds"] in text
        assert not MoneyLine.objects.exists()

    def test_say_that_a_form_was_sent_before(self, room, visitor):
        url = visitor.url("record_money", room.patient.id, "debt")
        content = self.filled(visitor, "record_money", room.patient.id, "debt")
        visitor.client.post(url, content)

        assert "sent before with other answers" in shown(visitor.client.post(url, content | {"kind": "fine"}))

    def test_correct_a_line_and_show_both(self, room, worker, visitor):
        debt = a_debt(room.clinic, room.patient.id, by=worker, pounds=240, on=SOME_DAY)
        paid = a_money_line(room.clinic, room.patient.id, "debt", "paid", by=worker, about=debt.id)
        where = (room.patient.id, paid.id)
        form = visitor.client.get(visitor.url("amend_money", *where)).context["form"]
        assert [value for value, _ in form.fields["about"].choices] == [str(debt.id)]
        assert "kind" not in form.fields

        content = self.filled(
            visitor,
            "amend_money",
            *where,
            state="written_off",
            on=f"{paid.since_on:%d/%m/%Y}",
            pounds="",
            about=str(debt.id),
            correction="learned_later",
        )
        text = shown(visitor.client.post(visitor.url("amend_money", *where), content, follow=True))

        assert "Rent: written off" in text
        assert "Before: Rent: paid in full" in text
        assert "learned more later" in text

    def test_say_why_a_correction_is_refused(self, room, worker, visitor, correct):
        row = a_debt(room.clinic, room.patient.id, by=worker, on=SOME_DAY)
        url = visitor.url("amend_money", room.patient.id, row.id)
        content = self.filled(visitor, "amend_money", room.patient.id, row.id, correction="wrong_key")

        for changes, sentence in (
            ({"seal": "x"}, "opened by somebody else"),
            ({"on": "02/03/2199"}, "That day has not come yet."),
            ({"correction": ""}, "Tap why it is written again."),
        ):
            assert sentence in shown(visitor.client.post(url, content | changes))
        correct(row)
        assert "corrected meanwhile" in shown(visitor.client.post(url, content))

    def test_do_not_take_the_form_of_another_topic_or_person(self, room, visitor):
        content = self.filled(visitor, "record_money", room.patient.id, "debt")

        for where in ((room.patient.id, "work"), (another(room).patient.id, "debt")):
            answer = visitor.client.post(visitor.url("record_money", *where), content)
            assert "opened by somebody else" in shown(answer)
        assert not MoneyLine.objects.exists()

    def test_know_no_other_topic_nobody_who_was_never_here_and_no_line_of_somebody_else(self, room, visitor):
        strange = MoneyLineFactory(clinic=room.clinic)

        for url in (
            visitor.url("record_money", room.patient.id, "gold"),
            visitor.url("see_money", PersonFactory().id),
            visitor.url("amend_money", room.patient.id, strange.id),
        ):
            assert visitor.client.get(url).status_code == 404
