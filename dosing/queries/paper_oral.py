"""Oral doses on a paper pack: what the computer knows of one at its own time, and the pages on which they are entered."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet

from dosing.models import (
    DowntimePack,
    Injection,
    OralDose,
    OralOrder,
    OralSettlement,
    PaperLine,
    ProtocolVersion,
)
from dosing.queries.oral import list_oral_orders_in_force, oral_in_words
from dosing.queries.oral_doses import KnownBeforeOral, get_oral_facts
from dosing.queries.paper import Signing, person_on_line
from dosing.queries.paper_names import Choices, names_who_may
from dosing.queries.sessions import SessionKey
from dosing.queries.visits import get_open_draw
from dosing.rules.downtime import paper_reference
from dosing.rules.moments import exact_moment
from dosing.rules.oral_doses import ORAL_BEFORE_INJECTION
from dosing.rules.paper import Stands
from dosing.rules.paper_oral import (
    MAY_BE_THE_SAME,
    BesideOral,
    OralOnPaper,
    oral_code_in_words,
    reads_as_possible_oral,
    speaks_against_oral,
)
from hat_clinic.accounts.models import Clinic, Membership
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.core.decisions import Decision, block
from patients.models import Person


@dataclass(frozen=True, slots=True)
class KnownOfPaperOral:
    """What an oral dose of paper is stored by: the decision, and the rows it points at.

    `order` is the one that was chosen. `protocol` are the limits at the time on paper, else the last there were.
    """

    decision: Decision
    order: OralOrder
    protocol: ProtocolVersion
    known: KnownBeforeOral


def whose_line(*, pack: DowntimePack, line: int) -> uuid.UUID | None:
    """Return whose line of a pack it is once it is entered, or None."""
    entered = PaperLine.objects.filter(pack=pack, line=line).first()
    if entered is None:
        return None
    return entered.patient_id or person_on_line(pack, line)


def may_be_entered_oral(
    *, clinic: Clinic, patient_id: uuid.UUID, dose: OralOnPaper, at: datetime
) -> Decision:
    """Return why an oral dose cannot be a reading of the paper: no order or no name of this clinic, or no time."""
    decision = reads_as_possible_oral(dose, at=at)
    if not _orders_of(clinic, patient_id).filter(id=dose.order_id).exists():
        decision |= _refused("no_such_order", "Choose the medicine from the list.")
    if not Membership.objects.filter(clinic=clinic, user=dose.giver_id).exists():
        decision |= _refused("no_such_name", "Choose from the list who gave it.")
    if get_limits(clinic=clinic) is None:
        message = "This clinic never had approved limits, so no oral dose can be stored. The clinical lead approves them."
        decision |= _refused("no_protocol", message)
    return decision


def get_limits(*, clinic: Clinic) -> ProtocolVersion | None:
    """Return the newest limits that a clinic ever approved, or None."""
    return ProtocolVersion.objects.filter(clinic=clinic).order_by("-number").first()


def get_known_of_oral(
    *, clinic: Clinic, pack: DowntimePack, patient_id: uuid.UUID, dose: OralOnPaper, signing: Signing
) -> KnownOfPaperOral:
    """Gather what every rule says of an oral dose on paper, as if it were asked at its own time.

    Source: clinical rules 31 and 7.11.
    """
    chosen = _orders_of(clinic, patient_id).get(id=dose.order_id)
    in_force = list_oral_orders_in_force(patient_id=patient_id, clinic_id=clinic.id, at=dose.given_at)
    order = next((one for one in in_force if one.id == chosen.id), None)
    known = get_oral_facts(patient_id=patient_id, clinic=clinic, order=order, at=dose.given_at)
    facts = replace(known.facts, open_draw=_drawn_beside(patient_id, dose))
    beside = BesideOral(
        pack_made_at=pack.made_at,
        same_dose=_same_dose(chosen, dose),
        injection_after=_injection_after(patient_id, dose),
        is_away=signing.giver.id != dose.giver_id,
        stand_in_is_lead=signing.stand_in_is_lead,
    )
    protocol = known.protocol or get_limits(clinic=clinic)
    assert protocol is not None  # noqa: S101 - asked before
    return KnownOfPaperOral(speaks_against_oral(facts, dose, beside), chosen, protocol, known)


def find_oral_signing(
    *, clinic: Clinic, signer_id: uuid.UUID, giver_id: uuid.UUID, away_reason: str, at: datetime
) -> Signing | Decision:
    """Return who signs for who gave an oral dose, or why that is nobody."""
    people = {user.id: user for user in list_people_who_may(Permission.ENTER_PAPER, clinic=clinic, at=at)}
    signer = people.get(signer_id)
    if signer is None:
        return _refused("not_a_signer", "Choose who signs from the list: nurses and the clinical lead.")
    if signer.id == giver_id:
        return Signing(signer, signer)
    if not away_reason.strip():
        return _refused("no_reason", "Somebody else signs for who gave it: write why they are away.")
    leads = {user.id for user in list_people_who_may(Permission.SETTLE_PAPER, clinic=clinic, at=at)}
    return Signing(signer, signer, away_reason=away_reason.strip(), stand_in_is_lead=signer.id in leads)


def preview_oral(
    *,
    clinic: Clinic,
    pack: DowntimePack,
    patient_id: uuid.UUID,
    dose: OralOnPaper,
    signer_id: uuid.UUID,
    away_reason: str,
    at: datetime,
) -> tuple[Decision, Decision | None]:
    """Return why an oral dose cannot be entered so, and else what every rule says of it; nothing is stored."""
    refusal = may_be_entered_oral(clinic=clinic, patient_id=patient_id, dose=dose, at=at)
    signing = find_oral_signing(
        clinic=clinic, signer_id=signer_id, giver_id=dose.giver_id, away_reason=away_reason, at=at
    )
    if isinstance(signing, Decision):
        return refusal | signing, None
    if not refusal.is_allowed:
        return refusal, None
    known = get_known_of_oral(clinic=clinic, pack=pack, patient_id=patient_id, dose=dose, signing=signing)
    return refusal, known.decision


def _orders_of(clinic: Clinic, patient_id: uuid.UUID) -> QuerySet[OralOrder]:
    return OralOrder.objects.select_related("signed_by").filter(
        patient_id=patient_id, premises__clinic=clinic
    )


def _drawn_beside(patient_id: uuid.UUID, dose: OralOnPaper) -> str:
    """Return which dose was drawn up for them without knowing of this one, in words, or nothing.

    One that was drawn up half an hour after it or later does not clash with it.
    """
    drawn = get_open_draw(patient_id=patient_id)
    if drawn is None or dose.given_at + ORAL_BEFORE_INJECTION <= drawn.prepared_at:
        return ""
    return f"An injection was drawn up at {exact_moment(drawn.prepared_at)} without knowing of this dose."


def _same_dose(order: OralOrder, dose: OralOnPaper) -> str:
    """Return which stored dose may be this one, in words, or nothing."""
    near = OralDose.objects.filter(
        patient_id=order.patient_id,
        drug=order.drug,
        mg=dose.mg,
        given_at__range=(dose.given_at - MAY_BE_THE_SAME, dose.given_at + MAY_BE_THE_SAME),
    ).first()
    if near is None:
        return ""
    return f"{oral_in_words(near.drug, near.mg)} is recorded at {exact_moment(near.given_at)}. It may be this dose."


def _injection_after(patient_id: uuid.UUID, dose: OralOnPaper) -> str:
    """Return which injection came in the half hour after an oral dose, in words, or nothing."""
    found = (
        Injection.objects.filter(
            patient_id=patient_id,
            started_at__gt=dose.given_at,
            started_at__lt=dose.given_at + ORAL_BEFORE_INJECTION,
        )
        .order_by("started_at")
        .first()
    )
    if found is None:
        return ""
    return f"An injection began at {exact_moment(found.started_at)}, less than 30 minutes after it."


def _refused(code: str, message: str) -> Decision:
    return Decision((block(code, message, "clinical rule 46"),))


# --- the pages ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EnterOralPage:
    """What the page for entering an oral dose of a line offers."""

    pack_id: uuid.UUID
    line: int
    reference: str
    key: SessionKey
    patient_id: uuid.UUID
    name: str
    orders: Choices
    names: Choices
    signers: Choices
    entered: tuple[OralRow, ...]


@dataclass(frozen=True, slots=True)
class OralRow:
    """One oral dose of a pack: what stood there, who gave it, why it is contested and how that was settled."""

    dose_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    said: str
    given_by: str
    why: tuple[str, ...]
    settled: str
    reason: str

    @property
    def state(self) -> str:
        """How far it is, in words."""
        if not self.why:
            return "Entered"
        return self.settled or "Contested: the clinical lead settles it"

    @property
    def is_to_settle(self) -> bool:
        """True where the clinical lead has not settled it."""
        return bool(self.why) and not self.settled


def get_enter_oral_page(
    *, clinic: Clinic, pack: DowntimePack, line: int, patient_id: uuid.UUID, at: datetime
) -> EnterOralPage:
    """Return the page for entering an oral dose that stands on a line."""
    person = Person.objects.get(id=patient_id)
    gave = (Permission.GIVE_ORAL, Permission.ENTER_PAPER)
    return EnterOralPage(
        pack_id=pack.id,
        line=line,
        reference=paper_reference(pack.number, line),
        key=SessionKey(pack.service_date, pack.slot),
        patient_id=patient_id,
        name=person.full_name,
        orders=tuple(
            (str(order.id), f"{oral_in_words(order.drug, order.daily_mg)} a day, {_signed(order)}")
            for order in _orders_of(clinic, patient_id).order_by("-signed_at")
        ),
        names=names_who_may(*gave, clinic=clinic, at=at),
        signers=names_who_may(Permission.ENTER_PAPER, clinic=clinic, at=at),
        entered=tuple(row for row in list_oral_of_pack(pack=pack) if row.patient_id == patient_id),
    )


def _signed(order: OralOrder) -> str:
    return f"signed {exact_moment(order.signed_at)}"


def list_oral_of_pack(*, pack: DowntimePack) -> tuple[OralRow, ...]:
    """Return the oral doses that were entered from a pack, by their time."""
    return tuple(_row(dose) for dose in _of_paper().filter(pack=pack).order_by("given_at", "id"))


def list_contested_oral(*, clinic: Clinic) -> tuple[OralRow, ...]:
    """Return the contested oral doses of a clinic, those to settle first, then the newest."""
    found = _of_paper().filter(pack__clinic=clinic, conflicts__len__gte=1).order_by("-given_at", "id")
    return tuple(sorted((_row(dose) for dose in found), key=lambda row: not row.is_to_settle))


def count_contested_oral(*, clinic: Clinic) -> int:
    """Return how many oral doses on paper are contested and not settled."""
    return OralDose.written.filter(
        pack__clinic=clinic, conflicts__len__gte=1, settlement__isnull=True
    ).count()


def find_contested_oral(*, clinic: Clinic, dose_id: uuid.UUID) -> OralRow | None:
    """Return a contested oral dose of this clinic, or None."""
    dose = _of_paper().filter(id=dose_id, pack__clinic=clinic, conflicts__len__gte=1).first()
    return _row(dose) if dose is not None else None


def _of_paper() -> QuerySet[OralDose]:
    return OralDose.written.select_related(
        "patient", "supervised_by", "settlement__settled_by", "order"
    ).filter(pack__isnull=False)


def _row(dose: OralDose) -> OralRow:
    settlement: OralSettlement | None = getattr(dose, "settlement", None)
    seen = f"POSS {dose.sedation}" if dose.sedation else "POSS not on paper"
    return OralRow(
        dose_id=dose.id,
        patient_id=dose.patient_id,
        name=dose.patient.full_name,
        said=f"{oral_in_words(dose.drug, dose.mg)}, {exact_moment(dose.given_at)}, {seen}",
        given_by=dose.supervised_by.full_name,
        why=tuple(oral_code_in_words(code) for code in dose.conflicts),
        settled=f"Settled: {Stands(settlement.stands).label}" if settlement else "",
        reason=f"{settlement.reason} ({settlement.settled_by.full_name}, {exact_moment(settlement.settled_at)})"
        if settlement
        else "",
    )
