"""What the computer knows of a dose that stands on paper, at the moment that the paper says."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q, Sum

from dosing.models import (
    Batch,
    ClinicDay,
    DowntimePack,
    Hold,
    Injection,
    OralOrder,
    Order,
    OrderPeriod,
    PaperLine,
    PlannedSession,
    Preparation,
    ProtocolVersion,
    SessionOutcome,
)
from dosing.queries.oral import get_oral_before
from dosing.queries.orders import get_last_order, get_order_in_force
from dosing.queries.paper_drawn import find_drawn
from dosing.queries.sessions import (
    KnownAtTheHatch,
    SessionKey,
    as_stock,
    get_session_facts,
    minutes_between,
)
from dosing.queries.standing import as_it_stands, standing_mg
from dosing.queries.visits import get_open_draw_in_words, hold_in_words
from dosing.rules.authorisations import notes_of, stops_of
from dosing.rules.checks import judge_check
from dosing.rules.downtime import BLANK_LINES
from dosing.rules.moments import exact_moment
from dosing.rules.orders import Product
from dosing.rules.paper import (
    NO_ORAL_ORDER,
    BesideDose,
    DoseOnPaper,
    OnLine,
    PaperEntry,
    as_on_paper,
    codes_of,
    conflict_with,
    reads_as_possible,
    what_speaks_against,
)
from dosing.rules.paper_book import ampoules_of, speaks_against_drawn
from dosing.rules.preparations import PreparationAttempt, VisitFacts, may_prepare, stands_against
from dosing.rules.sessions import Outcome, Reduction, SessionFacts, allowed_mg
from hat_clinic.accounts.models import Clinic, Membership, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Level, block
from patients.models import Episode
from patients.queries import has_consent
from patients.rules.consents import Purpose


@dataclass(frozen=True, slots=True)
class Signing:
    """Who puts their PIN in the place of the giver and of the witness, and whether a lead stands in for one away."""

    giver: User
    witness: User
    away_reason: str = ""
    stand_in_is_lead: bool = True


@dataclass(frozen=True, slots=True)
class KnownOfPaper:
    """What a line is stored by: the decision, the rows it points at, and what stands of its session already.

    `order` and `protocol` are those in force at the time on paper, else the last there were; None where never any.
    `drawn` is the drawn dose that the paper ends; order and protocol are then its own.
    """

    decision: Decision
    order: Order | None
    protocol: ProtocolVersion | None
    recorded: SessionOutcome | None
    allowed_mg: int
    ordered_mg: int
    interval_minutes: int
    drawn: Preparation | None = None


def get_pack_of(*, clinic: Clinic, pack_id: uuid.UUID) -> DowntimePack | None:
    """Return a pack of this clinic, whatever became of its file, or None."""
    return DowntimePack.objects.filter(clinic=clinic, id=pack_id).first()


def find_pack(*, clinic: Clinic, number: str) -> DowntimePack | None:
    """Return the pack of a number as it was typed, "12" or "P12", or None."""
    found = re.fullmatch(r"[Pp]?([0-9]{1,6})", number.strip(" "), re.ASCII)
    return DowntimePack.objects.filter(clinic=clinic, number=int(found[1])).first() if found else None


def is_on_pack(pack: DowntimePack, line: int) -> bool:
    """Tell whether a pack has such a line: of its people, or one of the blank ones behind them."""
    return 1 <= line <= len(pack.people) + BLANK_LINES


def person_on_line(pack: DowntimePack, line: int) -> uuid.UUID | None:
    """Return whose line it is; None for a blank one."""
    return pack.people[line - 1] if line <= len(pack.people) else None


def get_entered_line(*, pack: DowntimePack, line: int) -> PaperLine | None:
    """Return a line as it was entered, or None."""
    return PaperLine.objects.filter(pack=pack, line=line).first()


def get_planned(*, pack: DowntimePack, patient_id: uuid.UUID) -> PlannedSession | None:
    """Return the planned session of a pack's session for one person, or None."""
    return PlannedSession.objects.filter(
        patient_id=patient_id, service_date=pack.service_date, slot=pack.slot
    ).first()


def get_standing_outcome(planned: PlannedSession | None) -> SessionOutcome | None:
    """Return what was recorded of a session and has not ended by a late arrival, or None."""
    return SessionOutcome.objects.filter(
        session=planned, amended_by__isnull=True, late_arrival__isnull=True
    ).first()


def may_be_entered(
    *, clinic: Clinic, pack: DowntimePack, line: int, entry: PaperEntry, at: datetime
) -> Decision:
    """Return why a line cannot be a reading of the paper: no line of the pack, somebody or something not of here."""
    decision = Decision()
    if not is_on_pack(pack, line):
        decision |= _refused("no_such_line", "This pack has no such line. Read the reference again.")
    elif entry.what is not OnLine.NOTHING:
        if person_on_line(pack, line) not in (None, entry.patient_id):
            decision |= _refused("somebody_else", "That line is another person's. Read the reference again.")
        elif not Episode.objects.filter(clinic=clinic, person=entry.patient_id).exists():
            decision |= _refused("not_here", "Choose from the list who it is: somebody of this clinic.")
    if entry.dose is not None:
        decision |= reads_as_possible(entry.dose, at=at) | _of_this_clinic(clinic, entry.dose)
    ordered = OralOrder.objects.filter(patient_id=entry.patient_id, premises__clinic=clinic)
    if entry.has_oral and not ordered.exists():
        decision |= _refused("no_oral_order_ever", NO_ORAL_ORDER)
    return decision


def _of_this_clinic(clinic: Clinic, dose: DoseOnPaper) -> Decision:
    """Refuse ampoules and names that are not of this clinic: they cannot stand on its paper."""
    kept = Batch.objects.filter(
        id=dose.batch_id, line__premises__clinic=clinic, line__product=Product.DIAMORPHINE
    )
    if not kept.exists():
        return _refused("no_such_batch", "Choose the batch from the list: one that is kept at this clinic.")
    names = {dose.giver_id, dose.witness_id}
    if Membership.objects.filter(clinic=clinic, user__in=names).values("user").distinct().count() < len(
        names
    ):
        return _refused("no_such_name", "Choose from the list who gave and who witnessed.")
    return Decision()


def _refused(code: str, message: str) -> Decision:
    return Decision((block(code, message, "clinical rule 46"),))


def find_signing(
    *,
    clinic: Clinic,
    entry: PaperEntry,
    names: tuple[uuid.UUID, uuid.UUID | None],
    away_reason: str,
    at: datetime,
) -> Signing | Decision:
    """Return who signs in the place of giver and witness, found on the list of those who may, or why that is nobody."""
    people = {user.id: user for user in list_people_who_may(Permission.ENTER_PAPER, clinic=clinic, at=at)}
    giver = people.get(names[0])
    witness = people.get(names[1]) if names[1] is not None else giver
    if giver is None or witness is None:
        return _refused("not_a_signer", "Choose who signs from the list: nurses and the clinical lead.")
    dose = entry.dose
    if dose is None:
        return Signing(giver, giver)
    pairs = ((giver, dose.giver_id), (witness, dose.witness_id))
    stands_in = [user for user, name in pairs if user.id != name]
    if stands_in and not away_reason.strip():
        return _refused("no_reason", "Somebody else signs for who did it: write why they are away.")
    leads = {user.id for user in list_people_who_may(Permission.SETTLE_PAPER, clinic=clinic, at=at)}
    return Signing(
        giver,
        witness,
        away_reason=away_reason.strip() if stands_in else "",
        stand_in_is_lead=all(user.id in leads for user in stands_in),
    )


@dataclass(frozen=True, slots=True)
class LinePreview:
    """What the rules say of a line before anybody signs it; `refusal` says why it cannot be entered so at all."""

    refusal: Decision
    decision: Decision | None


def get_line_preview(
    *,
    clinic: Clinic,
    pack: DowntimePack,
    line: int,
    entry: PaperEntry,
    names: tuple[uuid.UUID, uuid.UUID | None],
    away_reason: str,
    at: datetime,
) -> LinePreview:
    """Return what every rule says of a line; nothing is stored, and nobody's PIN is asked."""
    refusal = may_be_entered(clinic=clinic, pack=pack, line=line, entry=entry, at=at)
    signing = find_signing(clinic=clinic, entry=entry, names=names, away_reason=away_reason, at=at)
    if isinstance(signing, Decision):
        return LinePreview(refusal | signing, None)
    if not refusal.is_allowed:
        return LinePreview(refusal, None)
    known = get_known_of_line(clinic=clinic, pack=pack, entry=entry, signing=signing)
    return LinePreview(refusal, known.decision)


def get_known_of_line(
    *, clinic: Clinic, pack: DowntimePack, entry: PaperEntry, signing: Signing
) -> KnownOfPaper:
    """Gather what every rule says of a line, whatever stands on it."""
    if entry.dose is not None:
        return get_known_of_dose(clinic=clinic, pack=pack, entry=entry, dose=entry.dose, signing=signing)
    if entry.what is OnLine.NOT_GIVEN:
        return get_known_of_ending(clinic=clinic, pack=pack, entry=entry)
    return KnownOfPaper(Decision(), None, None, None, 0, 0, 0)


def get_session_mg(injection: Injection) -> int:
    """Return what a session has come to with an injection and those numbered before it that count."""
    upto = Injection.objects.filter(session=injection.session_id, number__lte=injection.number)
    total: int = upto.aggregate(mg=Sum(standing_mg()))["mg"]
    return total


def get_known_of_dose(
    *, clinic: Clinic, pack: DowntimePack, entry: PaperEntry, dose: DoseOnPaper, signing: Signing
) -> KnownOfPaper:
    """Gather everything that every rule says of a dose on paper, as if it were asked at its own time.

    Source: clinical rules 7.11 (facts are never refused; every rule is asked).
    """
    at = dose.started_at
    batch = Batch.objects.select_related("line").get(id=dose.batch_id)
    planned = get_planned(pack=pack, patient_id=entry.patient_id)
    known = get_session_facts(
        patient_id=entry.patient_id, clinic=clinic, session=SessionKey(pack.service_date, pack.slot), at=at
    )
    facts = _at_its_time(known, entry.patient_id, at)
    recorded = get_standing_outcome(planned)
    stored = known.order or get_last_order(patient_id=entry.patient_id, product=Product.DIAMORPHINE)
    protocol = known.protocol or ProtocolVersion.objects.filter(clinic=clinic).order_by("-number").first()
    minutes = _interval_minutes(stored, protocol)
    ordered = known.facts.order
    beside = BesideDose(
        service_date=pack.service_date,
        pack_made_at=pack.made_at,
        routes=ordered.routes if ordered else frozenset({dose.route}),
        sites=ordered.sites if ordered else frozenset({dose.site}),
        overlapping=_overlapping(dose, entry.patient_id, planned, minutes),
        order_changed_at=_order_changed_at(pack, known.order, entry.patient_id, at),
        is_day_open=ClinicDay.objects.filter(premises=batch.line.premises_id, on=london_date(at)).exists(),
        **_as_signed(dose, signing),
    )
    attempt = PreparationAttempt(
        dose_mg=dose.given_mg,
        ampoules=dose.ampoules,
        giver_is_witness=False,
        stock=as_stock(batch, patient_id=entry.patient_id),
        wasted_mg=dose.wasted_mg,
        reduction=dose.reduction or Reduction.OTHER,
    )
    visit = _visit_facts(dose, entry.patient_id)
    found = find_drawn(dose, planned=planned, batch=batch, signer=signing.giver, order=known.order)
    drawn = found[0] if found is not None else None
    decision = (
        _already(recorded, entry, dose, facts)
        | (
            as_on_paper(may_prepare(facts, visit, attempt))
            if found is None
            else stands_against(replace(visit, open_draw="")) | speaks_against_drawn(dose, found[1])
        )
        | _check(dose)
        | what_speaks_against(dose, beside)
        | _elsewhere(batch, known.order)
    )
    needed = ampoules_of(dose, strength_mg=batch.line.strength_mg)
    if drawn is None and attempt.stock.ampoules < needed and "not_in_stock" not in codes_of(decision):
        message = f"The book has fewer than {needed} free ampoules of this batch."
        decision |= Decision((block("not_in_stock", message, "clinical rules 7.11"),))
    most = drawn.allowed_mg if drawn is not None else allowed_mg(facts)
    if decision.is_allowed and dose.given_mg > most:
        message = f"At most {most} mg was allowed."
        decision |= Decision((block("over_allowed", message, "clinical rules 7.11"),))
    return KnownOfPaper(
        decision=decision,
        order=drawn.order if drawn is not None else stored,
        protocol=drawn.protocol if drawn is not None else protocol,
        recorded=recorded,
        allowed_mg=most,
        ordered_mg=ordered.dose_mg if ordered else dose.given_mg,
        interval_minutes=minutes,
        drawn=drawn,
    )


def get_known_of_ending(*, clinic: Clinic, pack: DowntimePack, entry: PaperEntry) -> KnownOfPaper:
    """Gather what stands against a session that ended without a dose by the paper."""
    planned = get_planned(pack=pack, patient_id=entry.patient_id)
    recorded = get_standing_outcome(planned)
    said = (Outcome(recorded.outcome), recorded.reason) if recorded is not None else None
    decision = conflict_with(said, entry)
    drawn = get_open_draw_in_words(patient_id=entry.patient_id)
    if drawn:
        decision |= Decision((block("open_draw", drawn, "trust design 5"),))
    if recorded is None and planned is not None and Injection.objects.filter(session=planned).exists():
        message = "The computer has a dose of this session, and the paper says that there was none."
        decision |= Decision((block("already_recorded", message, "clinical rule 24"),))
    order = get_last_order(patient_id=entry.patient_id, product=Product.DIAMORPHINE)
    return KnownOfPaper(decision, order, None, recorded, 0, 0, 0)


def _at_its_time(known: KnownAtTheHatch, patient_id: uuid.UUID, at: datetime) -> SessionFacts:
    """Return the facts as they stood at the time on paper; another record of the session is told by itself."""
    before = (
        Injection.objects.filter(patient_id=patient_id, started_at__lte=at)
        .order_by("-ended_at")
        .values_list("ended_at", "guard")
        .first()
    )
    return replace(
        known.facts,
        session_is_open=True,
        earlier_outcome=None,
        last_ended_at=before[0] if before else None,
        last_interval_minutes=minutes_between(*before) if before else 0,
    )


def _already(
    recorded: SessionOutcome | None, entry: PaperEntry, dose: DoseOnPaper, facts: SessionFacts
) -> Decision:
    if recorded is None and facts.so_far is None:
        return Decision()
    if recorded is None or facts.so_far is not None:
        message = "The computer has a dose of this session already. This may be the same dose, or a second."
        return Decision((block("already_recorded", message, "clinical rule 24"),))
    said = (Outcome(recorded.outcome), recorded.reason)
    return conflict_with(said, replace(entry, outcome=Outcome.GIVEN, reason=None))


def _interval_minutes(order: Order | None, protocol: ProtocolVersion | None) -> int:
    return max(order.interval_minutes if order else 0, protocol.interval_block_minutes if protocol else 0)


def _overlapping(
    dose: DoseOnPaper, patient_id: uuid.UUID, planned: PlannedSession | None, minutes: int
) -> str:
    """Return which injection of another session lies too near, in words, or nothing."""
    guard = DateTimeTZRange(dose.started_at, dose.ended_at + timedelta(minutes=minutes))
    near = Injection.objects.filter(patient_id=patient_id, guard__overlap=guard)
    if planned is not None:
        near = near.exclude(session=planned)
    found = near.order_by("started_at").first()
    if found is None:
        return ""
    return (
        f"Another injection, {as_it_stands(found).given_mg} mg on {exact_moment(found.started_at)}, lies too near "
        "this one."
    )


def _order_changed_at(
    pack: DowntimePack, order: Order | None, patient_id: uuid.UUID, at: datetime
) -> datetime | None:
    """Return when the order changed between the making of the pack and the dose, or None."""
    printed = get_order_in_force(patient_id=patient_id, product=Product.DIAMORPHINE, at=pack.made_at)
    if printed is None or (order is not None and printed.id == order.id):
        return None
    if order is not None:
        return order.starts_at
    ended = OrderPeriod.objects.filter(order=printed).values_list("ended_at", flat=True).first()
    return ended if ended is not None and ended <= at else None


def _as_signed(dose: DoseOnPaper, signing: Signing) -> dict[str, bool]:
    away = (signing.giver.id != dose.giver_id, signing.witness.id != dose.witness_id)
    return {
        "is_away": any(away),
        "stand_in_is_lead": signing.stand_in_is_lead,
        "signs_for_both": all(away) or signing.giver.id == signing.witness.id,
    }


def _elsewhere(batch: Batch, order: Order | None) -> Decision:
    if order is None or batch.line.premises_id == order.premises_id:
        return Decision()
    message = "That batch is kept at other premises than the order is for."
    return Decision((block("batch_elsewhere", message, "clinical rule 21"),))


def _check(dose: DoseOnPaper) -> Decision:
    """Return what bars a dose by its check; its stops and notes are asked with the visit."""
    if dose.check is None:
        return Decision()
    return Decision(tuple(one for one in judge_check(dose.check) if one.level is Level.BLOCK))


def _visit_facts(dose: DoseOnPaper, patient_id: uuid.UUID) -> VisitFacts:
    at = dose.started_at
    found = judge_check(dose.check) if dose.check is not None else Decision()
    held = (
        Hold.objects.select_related("opened_by", "check_made")
        .filter(Q(lifted_at__isnull=True) | Q(lifted_at__gt=at), patient_id=patient_id, opened_at__lte=at)
        .order_by("opened_at")
        .first()
    )
    return VisitFacts(
        is_identified=dose.is_identified,
        check_made_at=at if dose.check is not None else None,
        has_treatment_consent=has_consent(person_id=patient_id, purpose=Purpose.TREATMENT, at=at),
        hold=hold_in_words(held) if held is not None else "",
        open_draw=get_open_draw_in_words(patient_id=patient_id),
        oral=get_oral_before(patient_id=patient_id, at=at),
        stops=stops_of(found),
        notes=notes_of(found),
    )
