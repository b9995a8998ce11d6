"""Results of urine samples as browsers send them: entered from a desk, and put right with a reason."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from hat_clinic.accounts.rules import AT_TERMINAL, FULL_SIGN_IN, Permission
from hat_clinic.audit.models import AuditEvent
from outcomes.models import UrineDraw, UrineStep
from tests.factories.treatment import TreatmentRoom
from tests.factories.urine import steps_of
from tests.factories.urine_pages import Visitor, events, result
from tests.pages import shown

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)
A_WEEK = timedelta(days=7)


@pytest.fixture
def room(treated: TreatmentRoom) -> TreatmentRoom:
    return treated


@pytest.fixture
def today(this_day: date) -> date:
    return this_day


@pytest.fixture
def desk(nurse_at_desk: Visitor) -> Visitor:
    return nurse_at_desk


class TestAResult:
    def test_is_entered_from_a_desk(self, room, desk, drawn, today) -> None:
        steps_of(drawn, "taken", "sent")
        answer = desk.send("enter_urine_result", drawn.id, **result(today))

        assert "Saved: the result of sample" in shown(answer)
        step = UrineStep.objects.get(kind="result")
        assert (step.assay, step.found, step.recorded_by) == ("street_heroin_marker", "negative", room.nurse)

    def test_twice_stores_once(self, desk, drawn, today) -> None:
        steps_of(drawn, "taken", "sent")
        content = desk.seal("enter_urine_result", drawn.id) | result(today)
        answers = [desk.client.post(desk.url("enter_urine_result", drawn.id), content) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [302, 302]
        assert UrineStep.objects.filter(kind="result").count() == 1

    def test_of_the_routine_screen_says_that_it_counts_nowhere(self, room, desk, drawn, today) -> None:
        steps_of(drawn, "taken", "sent")
        desk.send("enter_urine_result", drawn.id, **result(today, assay="generic_opiate", found="positive"))

        page = desk.read("see_urine", room.patient.id)
        assert "Positive on the prescribed medicine, always." in page
        assert "no result that counts yet" in page

    def test_of_the_same_test_again_is_refused_in_a_sentence(self, desk, drawn, today) -> None:
        steps_of(drawn, "taken", "sent", "result", found="positive")

        answer = desk.send("enter_urine_result", drawn.id, **result(today))

        assert "has a result for “Street-heroin marker” already" in shown(answer)
        assert UrineStep.objects.get(kind="result").found == "positive"

    def test_of_another_test_stands_beside_it(self, desk, drawn, today) -> None:
        steps_of(drawn, "taken", "sent", "result")
        desk.send("enter_urine_result", drawn.id, **result(today, assay="cocaine"))

        assert UrineStep.objects.filter(kind="result").count() == 2

    def test_of_a_sample_that_was_not_sent_is_refused(self, desk, drawn, today) -> None:
        steps_of(drawn, "taken")
        content = desk.seal("enter_urine_result", drawn.id) | result(today)

        answer = desk.client.post(desk.url("enter_urine_result", drawn.id), content)

        assert "it cannot be written down as tested" in shown(answer)
        assert events("outcomes.urine_result_entered") == ["refused"]

    def test_is_not_entered_with_a_pin_alone(self) -> None:
        assert Permission.ENTER_URINE_RESULT in FULL_SIGN_IN
        assert Permission.SIGN_URINE in AT_TERMINAL

    def test_stands_nowhere_in_the_trail(self, desk, drawn, today) -> None:
        steps_of(drawn, "taken", "sent")
        desk.send("enter_urine_result", drawn.id, **result(today, found="positive"))

        told = AuditEvent.objects.filter(event__startswith="outcomes.urine").values_list("detail", flat=True)
        assert "positive" not in str(list(told))

    def test_with_a_page_of_somebody_else_is_refused(self, room, desk, at_desk, drawn, today) -> None:
        steps_of(drawn, "taken", "sent")
        opened = desk.seal("enter_urine_result", drawn.id)
        second = at_desk(room.second_nurse)

        answer = second.client.post(second.url("enter_urine_result", drawn.id), opened | result(today))

        assert "opened by somebody else" in shown(answer)
        assert not UrineStep.objects.filter(kind="result").exists()


class TestPuttingAResultRight:
    def correct(self, desk: Visitor, drawn: UrineDraw, today: date, **changes: str) -> Any:
        step = UrineStep.objects.filter(draw=drawn, kind="result").order_by("number").first()
        assert step is not None
        said = {"found": "negative", "reported_on": f"{today:%d/%m/%Y}", "words": "Misread."}
        return desk.send("amend_urine_result", step.id, **(said | changes))

    def test_leaves_both_to_be_read(self, room, desk, drawn, today) -> None:
        *_, first = steps_of(drawn, "taken", "sent", "result", found="positive")

        page = shown(self.correct(desk, drawn, today))

        assert "the correction stands" in page
        assert "put right below" in page and "Corrected: Misread." in page
        correction = UrineStep.objects.get(amends=first)
        assert (correction.found, correction.words) == ("negative", "Misread.")
        assert events("outcomes.urine_result_amended") == ["done"]

    def test_that_was_put_right_already_is_refused(self, desk, drawn, today) -> None:
        steps_of(drawn, "taken", "sent", "result", found="positive")
        self.correct(desk, drawn, today)

        answer = self.correct(desk, drawn, today, found="void")

        assert "Somebody corrected this result meanwhile." in shown(answer)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"words": ""}, "Write why the result is written again."),
            ({"found": "positive"}, "Nothing differs from the result that stands."),
            ({"reported_on": "1/1/2199"}, "A result is reported on the day"),
            ({"reported_on": "soon"}, "Write the day as day/month/year"),
        ],
    )
    def test_says_what_stands_against_it(self, desk, drawn, today, changes, words) -> None:
        steps_of(drawn, "taken", "sent", "result", found="positive")

        assert words in shown(self.correct(desk, drawn, today, **changes))
        assert UrineStep.objects.filter(kind="result").count() == 1

    def test_twice_stores_once(self, desk, drawn, today) -> None:
        *_, first = steps_of(drawn, "taken", "sent", "result", found="positive")
        url = desk.url("amend_urine_result", first.id)
        content = desk.seal("amend_urine_result", first.id)
        content |= {"found": "negative", "reported_on": f"{today:%d/%m/%Y}", "words": "Misread."}

        assert [desk.client.post(url, content).status_code for _ in range(2)] == [302, 302]
        assert UrineStep.objects.filter(kind="result").count() == 2

    def test_of_a_page_opened_by_somebody_else_is_refused(self, room, desk, at_desk, drawn, today) -> None:
        *_, first = steps_of(drawn, "taken", "sent", "result", found="positive")
        content = desk.seal("amend_urine_result", first.id)
        content |= {"found": "negative", "reported_on": f"{today:%d/%m/%Y}", "words": "Misread."}
        second = at_desk(room.second_nurse)

        answer = second.client.post(second.url("amend_urine_result", first.id), content)

        assert "opened by somebody else" in shown(answer)

    def test_of_a_step_that_is_no_result_is_missing(self, desk, drawn) -> None:
        step = steps_of(drawn, "taken")[0]

        assert desk.client.get(desk.url("amend_urine_result", step.id)).status_code == 404
