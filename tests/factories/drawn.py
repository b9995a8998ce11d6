"""Drawn doses of a stocked batch, and the rows that end one, inserted alone so that one of them can disagree."""

from __future__ import annotations

import uuid
from typing import Any

from dosing.actions.register import AppendedEntry, append_entry
from dosing.models import Batch, Hold, Injection, Preparation, Signature, WastedDose
from dosing.rules.register import EntryKind
from tests.factories.accounts import UserFactory
from tests.factories.dosing import (
    InjectionFactory,
    PlannedSessionFactory,
    PreparationFactory,
    SignatureFactory,
)
from tests.factories.moments import NINE
from tests.factories.orders import OrderFactory
from tests.factories.register import a_stocked_batch


def a_drawn_dose(batch: Batch | None = None, **changes: Any) -> Preparation:
    """Insert a drawn dose of 180 mg out of a stocked batch, under an order in force at its premises."""
    batch = batch or a_stocked_batch()
    if "session" not in changes:
        order = changes.pop("order", None) or OrderFactory(premises=batch.line.premises)
        changes["session"] = PlannedSessionFactory(order=order)
    return PreparationFactory(batch=batch, **changes)


def drawn_again(drawn: Preparation, **changes: Any) -> Preparation:
    """Insert the row of a drawn dose once more, with signatures of its own and nothing else made for it."""
    same = {field.attname: getattr(drawn, field.attname) for field in Preparation._meta.concrete_fields}
    own = {
        "id": uuid.uuid4(),
        "preparer_signature_id": SignatureFactory(signed_by=drawn.prepared_by).id,
        "witness_signature_id": SignatureFactory(signed_by=drawn.witness, part=Signature.Part.WITNESS).id,
    }
    return Preparation.objects.create(**same | own | changes)


def injection_of(drawn: Preparation, **changes: Any) -> Injection:
    """Insert the injection of all of a drawn dose."""
    same = {
        "preparation": drawn,
        "session": drawn.session,
        "patient": drawn.patient,
        "order": drawn.order,
        "batch": drawn.batch,
        "ampoules": drawn.ampoules,
        "drawn_mg": drawn.drawn_mg,
        "given_mg": drawn.dose_mg,
        "wasted_mg": drawn.wasted_mg,
        "giver": drawn.prepared_by,
        "witness": drawn.witness,
        "giver_signature": drawn.preparer_signature,
        "witness_signature": drawn.witness_signature,
    }
    return InjectionFactory(**same | changes)


def line_of_waste(drawn: Preparation, **changes: Any) -> AppendedEntry:
    """Append the register line of a drawn dose that is wasted, with its stock movement."""
    arguments = {
        "line_id": drawn.batch.line_id,
        "batch_id": drawn.batch_id,
        "kind": EntryKind.WASTED,
        "ampoules": -drawn.ampoules,
        "drawn_mg": drawn.drawn_mg,
        "given_mg": 0,
        "wasted_mg": drawn.drawn_mg,
        "party_name": "Invented Person",
        "party_address": "8 Invented Yard",
        "patient_id": drawn.patient_id,
        "order_id": drawn.order_id,
        "prescriber_id": drawn.order.signed_by_id,
        "reference": "drawn up and not injected",
        "witness_id": drawn.witness_id,
        "occurred_at": NINE,
        "key": uuid.uuid4(),
        "by": drawn.prepared_by,
        "at": NINE,
    } | changes
    return append_entry(**arguments)


def waste_of(drawn: Preparation, entry: AppendedEntry | None = None, **changes: Any) -> WastedDose:
    """Insert that a drawn dose was wasted by the two who drew it up, with the register line given or its own."""
    wasted_by, witness = changes.get("wasted_by", drawn.prepared_by), changes.get("witness", drawn.witness)
    arguments = {
        "preparation": drawn,
        "reason": "refused",
        "wasted_at": NINE,
        "wasted_by": wasted_by,
        "witness": witness,
        "waster_signature": SignatureFactory(signed_by=wasted_by),
        "witness_signature": SignatureFactory(signed_by=witness, part=Signature.Part.WITNESS),
        "register_entry_id": (entry or line_of_waste(drawn)).id,
    } | changes
    return WastedDose.objects.create(**arguments)


def lift(hold: Hold, **changes: Any) -> int:
    """Lift a hold by its row."""
    lifted = {"lifted_at": NINE, "lifted_by": UserFactory(), "lift_reason": "Seen, and well."}
    return Hold.objects.filter(id=hold.id).update(**lifted | changes)
