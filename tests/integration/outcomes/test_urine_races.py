"""Two people at once: one day, one step, one result."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

from django.db import connection

from hat_clinic.core.clock import london_date, now
from outcomes.actions.urine import draw_urine_days
from outcomes.actions.urine_chain import Taken, UrineRefused, take_urine
from outcomes.actions.urine_file import ResultsRefused, import_urine_results
from outcomes.models import UrineDraw, UrineStep
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, a_treatment_room, another
from tests.factories.urine import a_urine_day, in_treatment_for, steps_of


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Let all of them start at the same moment; return what each answered or was refused with."""
    gate = threading.Barrier(len(acts))
    answers: list[object] = []

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            answers.append(act())
        except (UrineRefused, ResultsRefused) as refusal:
            answers.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == len(acts)
    return answers


def a_room() -> TreatmentRoom:
    room = a_treatment_room()
    in_treatment_for(100, room.patient)
    return room


class TestTwoAtOnce:
    def test_draw_one_day(self, own_database: str) -> None:
        room, at = a_room(), now()

        at_once(*[lambda: draw_urine_days(clinic=room.clinic, by=room.nurse, at=at)] * 3)

        assert UrineDraw.objects.filter(patient=room.patient).count() == 1

    def test_take_one_sample(self, own_database: str) -> None:
        room, at = a_room(), now()
        today = london_date(at)
        drawn = a_urine_day(room.clinic, room.patient, today)

        def take(user: object, pin: str, reference: str) -> Callable[[], object]:
            taken = Taken(taken_on=today, was_seen=True, is_sealed=True, reference=reference)
            return lambda: take_urine(
                clinic=room.clinic,
                draw_id=drawn.id,
                taken=taken,
                key=uuid.uuid4(),
                pin=pin,
                terminal_id=room.terminal.id,
                by=user,  # type: ignore[arg-type]  # a nurse of the room
                at=at,
            )

        answers = at_once(take(room.nurse, NURSE_PIN, "A1"), take(room.second_nurse, SECOND_PIN, "A2"))

        assert UrineStep.objects.filter(draw=drawn).count() == 1
        (refusal,) = (one for one in answers if isinstance(one, UrineRefused))
        assert refusal.decision.refusal_codes == ["urine_out_of_order"]

    def test_give_one_label_to_one_person(self, own_database: str) -> None:
        room, at = a_room(), now()
        today = london_date(at)
        people = [room.patient, in_treatment_for(100, another(room).patient)]
        days = [a_urine_day(room.clinic, person, today) for person in people]

        def take(drawn: UrineDraw) -> Callable[[], object]:
            taken = Taken(taken_on=drawn.due_on, was_seen=True, is_sealed=True, reference="A1")
            return lambda: take_urine(
                clinic=room.clinic,
                draw_id=drawn.id,
                taken=taken,
                key=uuid.uuid4(),
                pin=NURSE_PIN,
                terminal_id=room.terminal.id,
                by=room.nurse,
                at=at,
            )

        answers = at_once(*map(take, days))

        assert UrineStep.objects.filter(clinic=room.clinic, reference="A1").count() == 1
        (refusal,) = (one for one in answers if isinstance(one, UrineRefused))
        assert refusal.decision.refusal_codes == ["urine_reference_used"]

    def test_bring_in_one_result(self, own_database: str) -> None:
        room, at = a_room(), now()
        today = london_date(at)
        drawn = a_urine_day(room.clinic, room.patient, today)
        label = steps_of(drawn, "taken", "sent")[0].reference

        def bring(found: str) -> Callable[[], object]:
            data = f"reference,assay,result,reported_on\n{label},street_heroin_marker,{found},{today}\n"
            return lambda: import_urine_results(clinic=room.clinic, data=data.encode(), by=room.nurse, at=at)

        answers = at_once(bring("negative"), bring("positive"), bring("negative"))

        assert UrineStep.objects.filter(draw=drawn, kind="result").count() == 1
        assert any(isinstance(one, ResultsRefused) for one in answers)
