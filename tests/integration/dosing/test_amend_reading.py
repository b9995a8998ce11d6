"""A reading put right: a later row beside the first, signed, and everything that counts reads the later one."""

from __future__ import annotations

import random
import uuid
from typing import Any

import pytest

from dosing.actions.corrections import amend_reading
from dosing.actions.observation import NoSuchVisit
from dosing.actions.putting_right import CorrectionRefused, SignedWhy
from dosing.models import Correction, Emergency, Hold, Reading, Visit
from dosing.queries.history import get_dose_history
from dosing.queries.observation import get_watched
from dosing.queries.visits import get_newest_reading
from dosing.rules.checks import Readings, Sedation
from dosing.rules.corrections import CorrectedFor
from dosing.rules.history import GivenDose
from dosing.rules.observation import Escalation, escalation_of, watch_until
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, a_treatment_room
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_observation import Bedside, bedside, codes

__all__ = ["bedside"]

WELL = {"sedation": Sedation.ALERT, "breaths": 14, "oxygen": 97, "pulse": 70}


def why(bedside: Bedside, pin: str = NURSE_PIN, **changes: Any) -> SignedWhy:
    content: dict[str, Any] = {
        "reason": CorrectedFor.WRONG_KEY,
        "words": "",
        "pin": pin,
        "terminal_id": bedside.room.terminal.id,
        "key": uuid.uuid4(),
    }
    return SignedWhy(**(content | changes))


def amend(bedside: Bedside, first: Reading, signed: SignedWhy | None = None, **changes: Any) -> Reading:
    by = changes.pop("by", bedside.room.nurse)
    clinic = changes.pop("clinic", bedside.room.clinic)
    return amend_reading(
        clinic=clinic,
        reading_id=first.id,
        readings=Readings(**(WELL | changes)),
        unable_reason="",
        why=signed or why(bedside),
        by=by,
        at=now(),
    )


def read(bedside: Bedside, minute: int = 2, **changes: Any) -> Reading:
    bedside.read_at(minute, **changes)
    return bedside.readings().get(minute=minute, amends=None)


class TestAReadingPutRight:
    def test_stands_beside_the_first_which_stays(self, bedside: Bedside) -> None:
        first = read(bedside, pulse=75)

        second = amend(bedside, first, pulse=65)

        first.refresh_from_db()
        assert (first.pulse, second.pulse, second.amends, second.taken_at) == (75, 65, first, first.taken_at)
        correction = Correction.objects.get(reading=second)
        assert (correction.corrected_by, correction.reason) == (bedside.room.nurse, "wrong_key")
        event = AuditEvent.objects.get(event="dosing.reading_amended")
        assert event.detail == {"amends": str(first.id), "correction": "wrong_key"}

    def test_may_be_another_nurses(self, bedside: Bedside) -> None:
        first = read(bedside, pulse=75)

        second = amend(bedside, first, why(bedside, SECOND_PIN), by=bedside.room.second_nurse)

        assert second.taken_by == bedside.room.second_nurse

    def test_does_not_free_its_minute(self, bedside: Bedside) -> None:
        amend(bedside, read(bedside, pulse=75))

        assert {taken.minute for taken in get_watched(visit=bedside.visit()).readings} == {2}
        assert bedside.visit().next_due_minute == 5

    def test_sent_twice_is_once(self, bedside: Bedside) -> None:
        first, signed = read(bedside, pulse=75), why(bedside)

        assert amend(bedside, first, signed) == amend(bedside, first, signed)

        assert Correction.objects.count() == 1
        with pytest.raises(CorrectionRefused) as refused:
            amend(bedside, first, signed, breaths=16)
        assert codes(refused) == {"key_reused"}

    def test_is_the_last_of_a_chain_that_does_not_branch(self, bedside: Bedside) -> None:
        first = read(bedside, pulse=75)
        second = amend(bedside, first, pulse=65)

        with pytest.raises(CorrectionRefused) as refused:
            amend(bedside, first, pulse=60)
        third = amend(bedside, second, pulse=60)

        assert codes(refused) == {"amended_meanwhile"} and refused.value.is_stale
        assert get_newest_reading(visit=bedside.visit()) == third

    def test_needs_the_own_pin(self, bedside: Bedside) -> None:
        first = read(bedside, pulse=75)

        with pytest.raises(PinRefused):
            amend(bedside, first, why(bedside, SECOND_PIN))

        assert not Correction.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "code"),
        [({"pulse": 75}, "nothing_changed"), ({"reason": CorrectedFor.OTHER}, "no_words")],
        ids=["the same", "another reason without words"],
    )
    def test_says_something_else_and_why(self, bedside: Bedside, changes: dict[str, Any], code: str) -> None:
        first = read(bedside, pulse=75)
        signed = why(bedside, **{name: changes.pop(name) for name in ("reason",) if name in changes})

        with pytest.raises(CorrectionRefused) as refused:
            amend(bedside, first, signed, **changes)

        assert codes(refused) == {code} and not refused.value.is_stale
        assert AuditEvent.objects.get(event="dosing.reading_amended").detail["codes"] == [code]

    def test_is_of_its_own_day(self, bedside: Bedside) -> None:
        first = read(bedside, pulse=75)
        bedside.clock.pass_by(hours=24)

        with pytest.raises(CorrectionRefused) as refused:
            amend(bedside, first)

        assert codes(refused) == {"day_is_past"}

    def test_of_another_clinic_is_not_there(self, bedside: Bedside) -> None:
        first = read(bedside, pulse=75)

        with pytest.raises(NoSuchVisit):
            amend(bedside, first, clinic=a_treatment_room().clinic)


class TestWhatItAsksFor:
    def test_is_done_now(self, bedside: Bedside) -> None:
        first = read(bedside)

        second = amend(bedside, first, sedation=Sedation.DRIFTS_OFF)

        assert (second.escalation, bedside.visit().escalation) == ("A", "A")
        assert Hold.objects.get(reading=second).severity == "review"
        assert bedside.visit().observe_until == watch_until(get_watched(visit=bedside.visit()))

    def test_is_an_emergency_where_it_is_one(self, bedside: Bedside) -> None:
        first = read(bedside)

        second = amend(bedside, first, breaths=8)

        assert Emergency.objects.get().reading == second
        assert bedside.visit().escalation == "B"

    def test_of_somebody_who_has_left_holds_the_next_dose_and_takes_the_proof_out_of_this(
        self, bedside: Bedside
    ) -> None:
        bedside.read_at(2, 5, 10, 20)
        bedside.release()
        assert list_given(bedside)[-1].is_tolerated

        second = amend(bedside, bedside.readings().get(minute=20), breaths=8)

        assert Hold.objects.get(reading=second).codes == ["emergency"]
        assert not Emergency.objects.exists()
        assert Visit.objects.get(session_id=bedside.session_id).escalation == ""
        assert list_given(bedside)[-1].is_tolerated is False

    def test_that_the_wrong_one_opened_stands(self, bedside: Bedside) -> None:
        first = read(bedside, sedation=Sedation.DRIFTS_OFF)

        amend(bedside, first)

        assert Hold.objects.get().reading == first and Hold.objects.get().lifted_at is None
        assert not get_watched(visit=bedside.visit()).had_event
        assert bedside.visit().escalation == ""

    def test_an_emergency_that_the_wrong_one_began_stands(self, bedside: Bedside) -> None:
        first = read(bedside, breaths=8)

        amend(bedside, first)

        assert Emergency.objects.get().reading == first
        assert bedside.visit().escalation == "B" and get_watched(visit=bedside.visit()).had_event

    def test_is_not_done_twice(self, bedside: Bedside) -> None:
        first = read(bedside, sedation=Sedation.DRIFTS_OFF)

        amend(bedside, first, sedation=Sedation.DRIFTS_OFF, breaths=10)

        assert Hold.objects.count() == 1


class TestAnyChain:
    @pytest.mark.parametrize("seed", range(6))
    def test_counts_as_its_last_row(self, bedside: Bedside, seed: int) -> None:
        chance = random.Random(seed)
        heads = {minute: read(bedside, minute) for minute in (2, 5, 10)}
        for _ in range(8):
            minute = chance.choice(sorted(heads))
            said = {
                "breaths": chance.choice([10, 12, 13, 15, 18]),
                "oxygen": chance.randint(90, 99),
                "pulse": chance.randint(50, 110),
            }
            if as_said(heads[minute]) != said:
                heads[minute] = amend(bedside, heads[minute], **said)

        live = Reading.objects.filter(session_id=bedside.session_id, amended_by__isnull=True)
        assert {reading.minute: reading for reading in live} == heads
        watched = get_watched(visit=bedside.visit())
        assert [as_read(taken.readings) for taken in watched.readings] == [
            as_said(heads[minute]) for minute in (2, 5, 10)
        ]
        highest = max(
            (escalation_of(taken.readings) for taken in watched.readings), key=list(Escalation).index
        )
        assert bedside.visit().escalation == highest
        assert bedside.visit().observe_until == watch_until(watched)


def list_given(bedside: Bedside) -> tuple[GivenDose, ...]:
    """Return the doses of the person as the limits read them, the last one last."""
    return get_dose_history(episode=bedside.room.episode, at=now()).doses


def as_said(reading: Reading) -> dict[str, Any]:
    return {"breaths": reading.breaths, "oxygen": reading.oxygen, "pulse": reading.pulse}


def as_read(readings: Readings) -> dict[str, Any]:
    return {"breaths": readings.breaths, "oxygen": readings.oxygen, "pulse": readings.pulse}


@pytest.fixture(autouse=True)
def _clock(clock: Clock) -> None:
    """Every test here goes by the clock it sets."""
