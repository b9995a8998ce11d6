"""Oral doses of a paper pack, entered and settled by the real actions."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from dosing.actions.paper_oral import OralPin, enter_oral, settle_oral
from dosing.models import OralDose, OralOrder, OralSettlement
from dosing.rules.checks import Sedation
from dosing.rules.paper import Stands
from dosing.rules.paper_oral import OralOnPaper
from hat_clinic.core.clock import now
from tests.factories.paper import LEAD_PIN, WHY, PaperRoom
from tests.factories.treatment import NURSE_PIN


def on_paper(paper: PaperRoom, order: OralOrder, **changes: Any) -> OralOnPaper:
    said = OralOnPaper(order.id, 40, Sedation.ALERT, None, paper.given_at, paper.room.nurse.id)
    return replace(said, **changes)


def enter(paper: PaperRoom, dose: OralOnPaper, **changes: Any) -> OralDose:
    content: dict[str, Any] = {
        "pin": OralPin(paper.room.nurse.id, NURSE_PIN, paper.room.terminal.id),
        "key": uuid.uuid4(),
        "by": paper.room.nurse,
    }
    return enter_oral(
        clinic=paper.room.clinic,
        pack=paper.pack,
        line=1,
        patient_id=paper.room.patient.id,
        dose=dose,
        at=now(),
        **content | changes,
    )


def settle(
    paper: PaperRoom, dose: OralDose, stands: Stands = Stands.COMPUTER, **changes: Any
) -> OralSettlement:
    content: dict[str, Any] = {"why": WHY, "pin": LEAD_PIN, "by": paper.lead}
    return settle_oral(
        clinic=paper.room.clinic,
        dose_id=dose.id,
        stands=stands,
        terminal_id=paper.room.terminal.id,
        at=now(),
        **content | changes,
    )
