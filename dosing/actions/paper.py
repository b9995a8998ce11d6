"""Entering a pack line by line once the computer is back: all that happened is stored, contested where it clashes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from dosing.actions.paper_cases import open_case
from dosing.actions.paper_doses import follow_what_was_read, store_dose
from dosing.models import (
    Batch,
    DosingState,
    DowntimePack,
    PaperLine,
    PaperRun,
    PlannedSession,
    PreInjectionCheck,
    SessionOutcome,
    Signature,
    Visit,
)
from dosing.queries.orders import lock_dosing_state
from dosing.queries.paper import (
    KnownOfPaper,
    Signing,
    find_signing,
    get_entered_line,
    get_known_of_line,
    get_planned,
    may_be_entered,
)
from dosing.queries.protocol import get_protocol_in_force
from dosing.queries.register import lock_line
from dosing.queries.visits import get_live_outcome
from dosing.rules.checks import judge_check
from dosing.rules.paper import (
    DoseOnPaper,
    OnLine,
    PaperEntry,
    codes_of,
    conflicts_of,
)
from dosing.rules.signatures import content_sha256
from dosing.rules.visits import VisitState, may_move
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act
from patients.queries import lock_person_for_dosing


class PaperRefused(Refused):
    """Nothing was stored: it cannot be a reading of the paper, or the line says something else already."""


@dataclass(frozen=True, slots=True)
class PaperPins:
    """Who signs a line at the terminal, in the place of the giver and of the witness, each with their own PIN.

    For a line without a dose the first alone signs. `away_reason` says why somebody else signs for one who is away.
    """

    giver_id: uuid.UUID
    giver_pin: str
    terminal_id: uuid.UUID | None
    witness_id: uuid.UUID | None = None
    witness_pin: str = ""
    away_reason: str = ""


def begin_entry(*, clinic: Clinic, pack: DowntimePack, by: User, at: datetime) -> PaperRun:
    """Say that a pack was used: from now on every line of it is asked for. Begun twice, it is begun once."""

    def work() -> PaperRun:
        run, is_new = PaperRun.objects.get_or_create(pack=pack, defaults={"begun_at": at, "begun_by": by})
        if is_new:
            record("dosing.paper_begun", by=by, at=at, clinic=clinic.id, thing=pack)
        return run

    return one_act(work)


def enter_line(
    *,
    clinic: Clinic,
    pack: DowntimePack,
    line: int,
    entry: PaperEntry,
    pins: PaperPins,
    by: User,
    at: datetime,
    seen: frozenset[str] | None = None,
) -> PaperLine:
    """Store what one line of a pack says, with the paper's times and the time of its entry, once.

    Every rule is asked as if at the time on paper. What it breaks, and what clashes with the computer's own record,
    makes the line contested: it is stored all the same, counts as given wherever that is stricter, holds the person
    until a doctor has reviewed it, and opens a case for the clinical lead. A dose writes its register line with its
    own time, unless the book has too few ampoules: then the line waits for an adjustment. The same line with the same
    content returns the first; with other content it is refused. `seen` are the codes of what the page showed before
    anybody signed: where there are others now, nothing is stored. Raises PinRefused for a PIN, PaperRefused for what
    cannot be a reading of the paper; the refusal is in the trail.
    Source: clinical rules 39, 42, 46 and 7.11; trust design 6 (back-entry mode).
    """
    decision = may_be_entered(clinic=clinic, pack=pack, line=line, entry=entry, at=at)
    signing = find_signing(
        clinic=clinic,
        entry=entry,
        names=(pins.giver_id, pins.witness_id),
        away_reason=pins.away_reason,
        at=at,
    )
    if isinstance(signing, Decision):
        decision |= signing
    if not decision.is_allowed or isinstance(signing, Decision):
        _note_refusal(decision, clinic=clinic, entry=entry, by=by, at=at)
        raise PaperRefused(decision)
    prove_pin(user=signing.giver, pin=pins.giver_pin, terminal_id=pins.terminal_id, at=at)
    if entry.dose is not None:
        prove_pin(user=signing.witness, pin=pins.witness_pin, terminal_id=pins.terminal_id, at=at)
    answer = one_act(lambda: _enter_once(clinic, pack, line, entry, signing, seen, by))
    if isinstance(answer, Decision):
        raise PaperRefused(answer)
    return answer


def _enter_once(
    clinic: Clinic,
    pack: DowntimePack,
    line: int,
    entry: PaperEntry,
    signing: Signing,
    seen: frozenset[str] | None,
    by: User,
) -> PaperLine | Decision:
    _lock(pack, line, entry)
    at = now()
    content = _content(pack, line, entry)
    first = get_entered_line(pack=pack, line=line)
    if first is not None:
        if first.content_sha256 == content:
            return first
        message = "This line is entered already, and says something else. Nothing was saved. Open the line to read it."
        return _told(_as_refusal("entered_already", message), clinic=clinic, entry=entry, by=by, at=at)
    known = get_known_of_line(clinic=clinic, pack=pack, entry=entry, signing=signing)
    if seen is not None and seen != frozenset(codes_of(known.decision)):
        message = "What the rules say changed meanwhile. Nothing was saved. Read it below, and sign again."
        return _told(_as_refusal("rules_changed", message), clinic=clinic, entry=entry, by=by, at=at)
    return _store(clinic, pack, line, entry, signing, known, content, by, at)


def _lock(pack: DowntimePack, line: int, entry: PaperEntry) -> None:
    """Lock the line, then the person, then the ledger: the order that every dose locks in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"paper line {pack.id} {line}"]
        )
    if entry.what is OnLine.NOTHING:
        return
    DosingState.objects.get_or_create(patient_id=entry.patient_id)
    lock_dosing_state(patient_id=entry.patient_id)
    lock_person_for_dosing(person_id=entry.patient_id)
    if entry.dose is not None:
        lock_line(line_id=Batch.objects.values_list("line_id", flat=True).get(id=entry.dose.batch_id))


def _written(entry: PaperEntry) -> dict[str, Any]:
    """Return all that a line says, as it is stored and hashed."""
    written: dict[str, Any] = json.loads(json.dumps(asdict(entry), default=str, sort_keys=True))
    return written


def _content(pack: DowntimePack, line: int, entry: PaperEntry) -> str:
    """Return the hash of what a line says, whoever enters it."""
    return content_sha256({"line": line, "written": json.dumps(_written(entry), sort_keys=True)}, pack.id)


def _store(
    clinic: Clinic,
    pack: DowntimePack,
    line: int,
    entry: PaperEntry,
    signing: Signing,
    known: KnownOfPaper,
    content: str,
    by: User,
    at: datetime,
) -> PaperLine:
    dose = entry.dose
    planned = _planned(clinic, pack, entry, known)
    decision = known.decision
    if dose is not None and (planned is None or known.protocol is None):
        message = "No order of this person was ever signed here, or no limits approved: the dose stands on paper alone."
        decision |= Decision((block("no_order_ever", message, "clinical rule 6"),))
        planned = None
    conflicts = conflicts_of(decision)
    signatures = _sign(entry, signing, content, at)
    stored = PaperLine.objects.create(
        pack=pack,
        line=line,
        patient_id=None if entry.what is OnLine.NOTHING else entry.patient_id,
        session=planned,
        what=entry.what,
        started_at=dose.started_at if dose else None,
        given_mg=dose.given_mg if dose else None,
        ampoules=dose.ampoules if dose else None,
        batch_id=dose.batch_id if dose else None,
        giver_id=dose.giver_id if dose else None,
        witness_id=dose.witness_id if dose else None,
        giver_signature=signatures[0],
        witness_signature=signatures[1] if dose else None,
        away_reason=signing.away_reason,
        check_made=_store_check(clinic, planned, dose, by=signing.giver) if dose and planned else None,
        ended=_end_session(clinic, planned, entry, known, conflicts, by=by, at=at),
        written=_written(entry),
        words=entry.words,
        findings=list(codes_of(decision)),
        conflicts=list(conflicts),
        is_contested=bool(conflicts),
        content_sha256=content,
        entered_at=at,
        entered_by=by,
    )
    if dose is not None and planned is not None:
        store_dose(clinic=clinic, line=stored, dose=dose, known=known, by=by, at=at)
    if conflicts:
        open_case(clinic=clinic, line=stored, recorded=known.recorded, by=by, at=at)
    record(
        "dosing.paper_line_entered",
        by=by,
        at=at,
        clinic=clinic.id,
        person=stored.patient_id,
        thing=stored,
        what=entry.what.value,
        codes=list(conflicts),
        giver=str(stored.giver_id or ""),
        witness=str(stored.witness_id or ""),
    )
    if dose is not None and planned is not None:
        follow_what_was_read(clinic=clinic, line=stored, dose=dose, by=by, at=at)
    return stored


def _planned(
    clinic: Clinic, pack: DowntimePack, entry: PaperEntry, known: KnownOfPaper
) -> PlannedSession | None:
    if entry.what is OnLine.NOTHING:
        return None
    planned = get_planned(pack=pack, patient_id=entry.patient_id)
    if planned is not None or known.order is None:
        return planned
    return PlannedSession.objects.create(
        patient_id=entry.patient_id,
        service_date=pack.service_date,
        slot=pack.slot,
        clinic=clinic,
        episode_id=known.order.episode_id,
        order=known.order,
    )


def _sign(entry: PaperEntry, signing: Signing, content: str, at: datetime) -> list[Signature]:
    parts: Iterable[tuple[str, User]] = [(Signature.Part.GIVER, signing.giver)]
    if entry.dose is not None:
        parts = [*parts, (Signature.Part.WITNESS, signing.witness)]
    return Signature.objects.bulk_create(
        Signature(signed_by=user, signed_at=at, part=part, content_sha256=content) for part, user in parts
    )


def _store_check(
    clinic: Clinic, planned: PlannedSession, dose: DoseOnPaper, *, by: User
) -> PreInjectionCheck | None:
    """Store the check that stands on paper, with its time; what it says against a dose is a hold of its own."""
    if dose.check is None:
        return None
    found, readings = judge_check(dose.check), dose.check.readings
    unknown = None in (readings.oxygen, readings.pulse, dose.check.alcohol_ug)
    return PreInjectionCheck.objects.create(
        session=planned,
        patient_id=planned.patient_id,
        protocol=get_protocol_in_force(clinic_id=clinic.id, at=dose.started_at),
        sedation=readings.sedation,
        breaths=readings.breaths,
        oxygen=readings.oxygen,
        oxygen_target=readings.target.percent,
        oxygen_scale=readings.target.scale,
        pulse=readings.pulse,
        alcohol_ug=dose.check.alcohol_ug,
        unable_reason="not on paper" if unknown else "",
        took_other_drugs=dose.check.took_other_drugs,
        oral_as_ordered=dose.check.oral_as_ordered,
        is_intoxicated=dose.check.is_intoxicated,
        sites_are_well=dose.check.sites_are_well,
        findings=[finding.code for finding in found],
        lets_a_dose_go_ahead=found.is_allowed,
        made_at=dose.started_at,
        made_by=by,
    )


def _end_session(
    clinic: Clinic,
    planned: PlannedSession | None,
    entry: PaperEntry,
    known: KnownOfPaper,
    conflicts: tuple[str, ...],
    *,
    by: User,
    at: datetime,
) -> SessionOutcome | None:
    """End a session without a dose as the paper says; a contested one, or one recorded the same, is left as it is."""
    if planned is None or entry.outcome is None or entry.reason is None or conflicts or known.recorded:
        return None
    ended = SessionOutcome.objects.create(
        session=planned,
        outcome=entry.outcome,
        reason=entry.reason,
        amends=get_live_outcome(session_id=planned.id),
        recorded_by=by,
        recorded_at=at,
    )
    visit, _ = Visit.objects.select_for_update(of=("self",)).get_or_create(
        session=planned,
        defaults={
            "clinic": clinic,
            "patient_id": planned.patient_id,
            "state": VisitState.ARRIVED,
            "arrived_at": at,
            "arrived_by": by,
            "with_staff": by,
        },
    )
    if may_move(VisitState(visit.state), VisitState.NOT_GIVEN).is_allowed:
        visit.state, visit.outcome, visit.ended_at, visit.ended_by = VisitState.NOT_GIVEN, ended, at, by
        visit.save(update_fields=["state", "outcome", "ended_at", "ended_by"])
    return ended


def _as_refusal(code: str, message: str) -> Decision:
    return Decision((block(code, message, "clinical rule 46"),))


def _told(decision: Decision, *, clinic: Clinic, entry: PaperEntry, by: User, at: datetime) -> Decision:
    codes = decision.refusal_codes
    record(
        "dosing.paper_line_entered",
        by=by,
        at=at,
        clinic=clinic.id,
        person=entry.patient_id,
        refused=True,
        codes=codes,
    )
    return decision


def _note_refusal(decision: Decision, *, clinic: Clinic, entry: PaperEntry, by: User, at: datetime) -> None:
    with transaction.atomic():
        _told(decision, clinic=clinic, entry=entry, by=by, at=at)
