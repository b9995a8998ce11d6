"""What the register's tables refuse by constraint, from both sides."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from dosing.models import Preparation, WastedDose
from dosing.rules.register import EntryKind
from tests.factories import (
    NINE,
    BatchFactory,
    InjectionFactory,
    PremisesFactory,
    PreparationFactory,
    RegisterEntryFactory,
    RegisterLineFactory,
    SignatureFactory,
    StockMovementFactory,
    UserFactory,
)
from tests.refusals import refused_by

pytestmark = pytest.mark.usefixtures("as_database_owner", "unfinished")


@pytest.fixture
def supply() -> dict[str, Any]:
    """What a line of one injection says: 180 mg of two ampoules of 100 mg."""
    injection = InjectionFactory()
    return {
        "kind": EntryKind.SUPPLIED,
        "ampoules": -2,
        "balance": 8,
        "drawn_mg": 200,
        "given_mg": 180,
        "wasted_mg": 20,
        "patient": injection.patient,
        "order": injection.order,
        "prescriber": injection.order.signed_by,
        "injection": injection,
        "entered_by": injection.giver,
        "witness": injection.witness,
        "reference": "",
    }


class TestRegisterLine:
    def test_is_one_per_premises_class_strength_and_form(self) -> None:
        line = RegisterLineFactory(strength_mg=100)
        RegisterLineFactory(strength_mg=500, premises=line.premises)
        RegisterLineFactory(strength_mg=100, premises=PremisesFactory())

        with refused_by("one_register_per_premises_class_strength_form"):
            RegisterLineFactory(strength_mg=100, premises=line.premises)

    def test_has_a_strength(self) -> None:
        RegisterLineFactory(strength_mg=1)

        with refused_by("register_strength_is_positive"):
            RegisterLineFactory(strength_mg=0)


class TestBatch:
    def test_is_one_row(self) -> None:
        batch = BatchFactory(number="A1")
        BatchFactory(number="A2", line=batch.line)
        BatchFactory(number="A1")

        with refused_by("one_row_per_batch"):
            BatchFactory(number="A1", line=batch.line)

    def test_has_a_number(self) -> None:
        BatchFactory(number="1")

        with refused_by("batch_has_a_number"):
            BatchFactory(number="")

    def test_has_never_less_than_none(self) -> None:
        batch = BatchFactory()
        StockMovementFactory(batch=batch, ampoules=10)
        StockMovementFactory(batch=batch, ampoules=-10)

        with refused_by("stock_is_never_negative"):
            StockMovementFactory(batch=batch, ampoules=-1)


class TestRegisterEntry:
    def test_has_its_number_once_per_line(self) -> None:
        first = RegisterEntryFactory(seq=1)
        RegisterEntryFactory(seq=2, line=first.line)
        RegisterEntryFactory(seq=1)

        with refused_by("register_lines_are_numbered_once"):
            RegisterEntryFactory(seq=1, line=first.line)

    def test_of_a_supply_names_everybody(self, supply: dict[str, Any]) -> None:
        assert RegisterEntryFactory(**supply).pk

    @pytest.mark.parametrize("missing", ["patient", "order", "prescriber", "injection", "witness"])
    def test_of_a_supply_leaves_nobody_out(self, supply: dict[str, Any], missing: str) -> None:
        with refused_by("register_supply_names_injection_and_people"):
            RegisterEntryFactory(**{**supply, missing: None})

    @pytest.mark.parametrize("ampoules", [0, 2])
    def test_of_a_supply_takes_ampoules_out(self, supply: dict[str, Any], ampoules: int) -> None:
        with refused_by("register_supply_names_injection_and_people"):
            RegisterEntryFactory(**{**supply, "ampoules": ampoules})

    @pytest.mark.parametrize("wasted", [19, 21])
    def test_gives_and_wastes_what_was_drawn(self, supply: dict[str, Any], wasted: int) -> None:
        with refused_by("register_given_and_wasted_make_drawn"):
            RegisterEntryFactory(**{**supply, "wasted_mg": wasted})

    @pytest.mark.parametrize("missing", ["drawn_mg", "given_mg", "wasted_mg"])
    def test_has_all_three_amounts_or_none(self, supply: dict[str, Any], missing: str) -> None:
        with refused_by("register_given_and_wasted_make_drawn"):
            RegisterEntryFactory(**{**supply, missing: None})

    @pytest.mark.parametrize("wrong", [{"ampoules": 0}, {"ampoules": -1}, {"reference": ""}])
    def test_of_a_receipt_brings_ampoules_on_a_requisition(self, wrong: dict[str, Any]) -> None:
        RegisterEntryFactory(ampoules=1, reference="requisition 1")

        with refused_by("register_receipt_brings_ampoules"):
            RegisterEntryFactory(**wrong)

    def test_of_a_receipt_has_no_milligrams(self) -> None:
        with refused_by("register_receipt_has_no_milligrams"):
            RegisterEntryFactory(drawn_mg=100, given_mg=100, wasted_mg=0)

    def test_is_of_a_known_kind(self) -> None:
        with refused_by("register_kind_is_known"):
            RegisterEntryFactory(kind="borrowed")

    @pytest.mark.parametrize("missing", ["party_name", "party_address"])
    def test_names_the_other_party(self, missing: str) -> None:
        with refused_by("register_names_the_other_party"):
            RegisterEntryFactory(**{missing: ""})

    def test_is_witnessed_by_somebody_else(self) -> None:
        nurse = UserFactory()
        RegisterEntryFactory(entered_by=nurse, witness=None)

        with refused_by("register_witness_is_somebody_else"):
            RegisterEntryFactory(entered_by=nurse, witness=nurse)

    @pytest.mark.parametrize(
        "fault",
        [
            {"ampoules": 2},
            {"patient": None},
            {"order": None},
            {"witness": None},
            {"given_mg": 20, "wasted_mg": 180},
            {"drawn_mg": None, "given_mg": None, "wasted_mg": None},
        ],
    )
    def test_of_waste_names_people_and_gives_nothing(self, fault: dict[str, Any]) -> None:
        waste = _waste_of(PreparationFactory())
        RegisterEntryFactory(**waste)

        with refused_by("register_waste_names_people_and_gives_nothing"):
            RegisterEntryFactory(**waste | fault)


def _waste_of(drawn: Preparation) -> dict[str, Any]:
    return {
        "line": drawn.batch.line,
        "kind": EntryKind.WASTED,
        "ampoules": -drawn.ampoules,
        "drawn_mg": drawn.drawn_mg,
        "given_mg": 0,
        "wasted_mg": drawn.drawn_mg,
        "patient": drawn.patient,
        "order": drawn.order,
        "reference": "",
    }


class TestWastedDose:
    def test_is_seen_by_two_people(self) -> None:
        drawn, nurse = PreparationFactory(), UserFactory()
        with connection.cursor() as cursor:  # the trigger asks for the same two people as the register's line
            cursor.execute("ALTER TABLE dosing_wasteddose DISABLE TRIGGER wasted_dose_has_no_other_ending")

        with refused_by("waste_is_seen_by_two_people"):
            WastedDose.objects.create(
                preparation=drawn,
                reason="refused",
                wasted_at=NINE,
                wasted_by=nurse,
                witness=nurse,
                waster_signature=SignatureFactory(),
                witness_signature=SignatureFactory(),
                register_entry=RegisterEntryFactory(**_waste_of(drawn)),
            )


class TestStockMovement:
    def test_moves_something(self) -> None:
        StockMovementFactory(ampoules=1)

        with refused_by("stock_movement_moves_something"):
            StockMovementFactory(ampoules=0)
