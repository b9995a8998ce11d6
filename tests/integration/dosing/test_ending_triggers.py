"""What the database asks of the ending of a drawn dose, of a hold and of the facts of a visit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, models, transaction

from dosing.models import (
    Hold,
    IdentityCheck,
    PreInjectionCheck,
    Preparation,
    Reading,
    Release,
    SessionOutcome,
    WastedDose,
)
from tests.factories import (
    NINE,
    HoldFactory,
    OrderFactory,
    PersonFactory,
    PlannedSessionFactory,
    PreInjectionCheckFactory,
    SignatureFactory,
    UserFactory,
)
from tests.factories.drawn import a_drawn_dose, injection_of, lift, line_of_waste, waste_of
from tests.factories.register import a_stocked_batch, its_line, its_movement, its_outcome, receive
from tests.factories.visits import IdentityCheckFactory, ReadingFactory, ReleaseFactory
from tests.refusals import refused_by

pytestmark = pytest.mark.usefixtures("unfinished")

DRAWN_AT = NINE - timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)


def commit() -> None:
    """Ask now what would be asked when the transaction commits."""
    connection.check_constraints()


def an_order(**changes: Any) -> dict[str, Any]:
    """Return a stocked batch, and an order in force at its premises unless told otherwise."""
    batch = a_stocked_batch()
    return {"batch": batch, "order": OrderFactory(premises=batch.line.premises, **changes)}


class TestAnInjectionOfADrawnDose:
    def test_stands_when_it_is_of_that_dose(self) -> None:
        drawn = a_drawn_dose()
        injection = injection_of(drawn)
        its_movement(injection, its_line(injection))
        its_outcome(injection)

        commit()

        assert SessionOutcome.objects.get(injection=injection).given_mg == drawn.dose_mg

    def test_may_be_less_of_it(self) -> None:
        assert injection_of(a_drawn_dose(), given_mg=1, wasted_mg=199).given_mg == 1

    def test_may_begin_when_it_is_drawn_up_and_not_before(self) -> None:
        drawn = a_drawn_dose()
        with refused_by("injection_is_prepared"):
            injection_of(drawn, started_at=drawn.prepared_at - MOMENT)

        assert injection_of(drawn, started_at=drawn.prepared_at).started_at == drawn.prepared_at

    def test_is_of_a_dose_that_was_drawn_up(self) -> None:
        drawn = a_drawn_dose()

        with refused_by("injection_is_prepared"):
            injection_of(drawn, preparation=None)

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param(lambda drawn: {"given_mg": 181, "wasted_mg": 19}, id="more than was drawn up"),
            pytest.param(
                lambda drawn: {"ampoules": 3, "drawn_mg": 300, "wasted_mg": 120}, id="other ampoules"
            ),
            pytest.param(lambda drawn: {"ampoules": 3}, id="another number of ampoules"),
            pytest.param(lambda drawn: {"drawn_mg": 190, "wasted_mg": 10}, id="other milligrams drawn"),
            pytest.param(lambda drawn: {"giver": UserFactory()}, id="another giver"),
            pytest.param(lambda drawn: {"witness": UserFactory()}, id="another witness"),
            pytest.param(
                lambda drawn: {"giver_signature": SignatureFactory()}, id="a signature of another giver"
            ),
            pytest.param(
                lambda drawn: {"witness_signature": SignatureFactory(signed_by=drawn.witness)},
                id="another signature of the witness",
            ),
            pytest.param(lambda drawn: {"batch": _another_batch(drawn)}, id="another batch"),
            pytest.param(
                lambda drawn: {"session": PlannedSessionFactory(order=drawn.order, slot="pm")},
                id="another session",
            ),
        ],
    )
    def test_is_as_it_was_drawn_up(self, other: Callable[[Preparation], dict[str, Any]]) -> None:
        drawn = a_drawn_dose()
        changed = other(drawn)

        with refused_by("injection_is_prepared"):
            injection_of(drawn, **changed)

    def test_is_of_the_person_it_was_drawn_up_for(self) -> None:
        batch = a_stocked_batch()
        drawn = a_drawn_dose(batch)
        planned = PlannedSessionFactory(order=OrderFactory(premises=batch.line.premises))

        with refused_by("injection_is_prepared"):
            injection_of(drawn, session=planned, patient=planned.patient, order=planned.order)

    def test_may_carry_another_signature_of_who_drew_it_up(self) -> None:
        drawn = a_drawn_dose()
        signature = SignatureFactory(signed_by=drawn.prepared_by)

        assert injection_of(drawn, giver_signature=signature).giver_signature == signature

    def test_is_never_of_a_dose_that_was_wasted(self) -> None:
        drawn = a_drawn_dose()
        waste_of(drawn)

        with refused_by("drawn_dose_has_one_ending"):
            injection_of(drawn)

    @pytest.mark.parametrize("other", [{"preparation": None}, {"given_mg": 181, "wasted_mg": 19}])
    def test_that_is_contested_is_stored_as_it_was(self, other: dict[str, Any]) -> None:
        assert injection_of(a_drawn_dose(), is_contested=True, **other).is_contested


def _another_batch(drawn: Preparation) -> Any:
    receive(drawn.batch.line, 10, batch_number="OTHER")
    return drawn.batch.line.batches.get(number="OTHER")


class TestAWastedDose:
    def test_stands_with_its_register_line(self) -> None:
        batch = a_stocked_batch(10)

        waste_of(a_drawn_dose(batch))

        commit()
        batch.refresh_from_db()
        assert batch.ampoules == 8

    def test_may_be_wasted_by_two_others(self) -> None:
        drawn, one, two = a_drawn_dose(), UserFactory(), UserFactory()

        waste_of(drawn, line_of_waste(drawn, by=one, witness_id=two.id), wasted_by=one, witness=two)

        commit()

    def test_is_never_one_that_was_injected(self) -> None:
        drawn = a_drawn_dose()
        injection_of(drawn)

        with refused_by("drawn_dose_has_one_ending"):
            waste_of(drawn)

    def test_is_wasted_once(self) -> None:
        drawn = a_drawn_dose()
        waste_of(drawn)

        with refused_by("dosing_wasteddose_pkey"):
            waste_of(drawn)

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param(
                lambda drawn: {"ampoules": -3, "drawn_mg": 300, "wasted_mg": 300}, id="other ampoules"
            ),
            pytest.param(lambda drawn: {"patient_id": PersonFactory().id}, id="another person"),
            pytest.param(
                lambda drawn: {"order_id": OrderFactory(premises=drawn.batch.line.premises).id},
                id="another order",
            ),
            pytest.param(lambda drawn: {"by": UserFactory()}, id="entered by another"),
            pytest.param(lambda drawn: {"witness_id": UserFactory().id}, id="another witness"),
            pytest.param(lambda drawn: {"batch_id": _another_batch(drawn).id}, id="another batch"),
            pytest.param(lambda drawn: _elsewhere(), id="another ledger"),
        ],
    )
    def test_agrees_with_its_register_line(self, other: Callable[[Preparation], dict[str, Any]]) -> None:
        drawn = a_drawn_dose()
        changed = other(drawn)

        with refused_by("waste_agrees_with_its_register_line"):
            waste_of(drawn, line_of_waste(drawn, **changed))

    @pytest.mark.parametrize("signature", ["waster_signature", "witness_signature"])
    def test_is_signed_by_the_two_who_are_named(self, signature: str) -> None:
        drawn = a_drawn_dose()

        with refused_by("waste_is_signed_by_its_two"):
            waste_of(drawn, **{signature: SignatureFactory()})

    def test_has_a_register_line_of_waste(self) -> None:
        drawn = a_drawn_dose()
        entry = receive(drawn.batch.line, 2)

        with refused_by("waste_agrees_with_its_register_line"):
            waste_of(drawn, entry)


def _elsewhere() -> dict[str, Any]:
    batch = a_stocked_batch()
    return {"line_id": batch.line_id, "batch_id": batch.id}


class TestAHold:
    def test_is_lifted_once(self) -> None:
        hold = HoldFactory()
        assert lift(hold) == 1

        with refused_by("hold_is_only_lifted"):
            lift(hold)

    def test_is_never_put_back(self) -> None:
        hold = HoldFactory()
        lift(hold)

        with refused_by("hold_is_only_lifted"):
            lift(hold, lifted_at=None, lifted_by=None, lift_reason="")

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(lambda: {"codes": ["alcohol"]}, id="its codes"),
            pytest.param(lambda: {"opened_at": NINE - timedelta(minutes=6)}, id="when it was opened"),
            pytest.param(lambda: {"opened_by": UserFactory()}, id="who opened it"),
            pytest.param(lambda: {"patient": PersonFactory()}, id="whose it is"),
            pytest.param(lambda: {"check_made": PreInjectionCheckFactory()}, id="the check that opened it"),
            pytest.param(lambda: {"clinic": HoldFactory().clinic}, id="its clinic"),
            pytest.param(lambda: {"severity": "suspension"}, id="how severe it is"),
            pytest.param(lambda: {"reason": "Something else."}, id="its words"),
            pytest.param(lambda: {"review_on": date(2026, 2, 3)}, id="when to look again"),
            pytest.param(
                lambda: {"codes": ["overdose_away"], "happened_at": NINE - timedelta(days=1)},
                id="when it happened",
            ),
        ],
    )
    def test_keeps_all_else(self, change: Callable[[], dict[str, Any]]) -> None:
        hold = HoldFactory()

        with refused_by("hold_is_only_lifted"):
            Hold.objects.filter(id=hold.id).update(**change())
        with refused_by("hold_is_only_lifted"):
            lift(hold, **change())


# How a row of each table that only grows is made, and a change that somebody might try.
FACTS: dict[type[models.Model], tuple[Callable[[], Any], dict[str, Any]]] = {
    IdentityCheck: (IdentityCheckFactory, {"is_right": False}),
    PreInjectionCheck: (PreInjectionCheckFactory, {"breaths": 20}),
    Preparation: (a_drawn_dose, {"allowed_mg": 400}),
    WastedDose: (lambda: waste_of(a_drawn_dose()), {"reason": "dropped"}),
    Reading: (lambda: ReadingFactory(injection=injection_of(a_drawn_dose())), {"breaths": 20}),
    Release: (lambda: ReleaseFactory(injection=injection_of(a_drawn_dose())), {"is_tolerated": False}),
}


class TestTheFactsOfAVisit:
    @pytest.mark.parametrize("model", FACTS, ids=lambda model: model.__name__)
    def test_are_never_changed_or_taken_away(self, model: type[models.Model]) -> None:
        make, change = FACTS[model]
        kept = model.objects.filter(pk=make().pk)

        for attempt in (lambda: kept.update(**change), lambda: kept._raw_delete("default")):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                attempt()

        assert kept.exists()


@pytest.mark.usefixtures("as_database_owner")
class TestTheFactsOfAVisitBeforeTheirOwner:
    @pytest.mark.parametrize("model", FACTS, ids=lambda model: model.__name__)
    def test_are_never_changed_or_taken_away(
        self, as_database_owner: None, unfinished: None, model: type[models.Model]
    ) -> None:
        make, change = FACTS[model]
        kept = model.objects.filter(pk=make().pk)

        for attempt in (lambda: kept.update(**change), lambda: kept._raw_delete("default")):
            with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
                attempt()

        assert kept.exists()
