"""The pages of a paper pack that was used: each line and how far it is, one line as it was entered, and the cases."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dosing.models import (
    Batch,
    DowntimePack,
    Injection,
    PaperCase,
    PaperLine,
    PaperRun,
    PaperSettlement,
    SessionOutcome,
)
from dosing.queries.paper import person_on_line
from dosing.queries.paper_names import Choices, names_who_may
from dosing.queries.paper_oral import OralRow, count_contested_oral, list_oral_of_pack
from dosing.queries.paper_waiting import is_oral_missing, waiting_at
from dosing.queries.sessions import SessionKey
from dosing.queries.visits import get_live_outcome
from dosing.rules.downtime import BLANK_LINES, paper_reference
from dosing.rules.moments import exact_moment
from dosing.rules.orders import Product
from dosing.rules.paper import (
    HowLeft,
    LineState,
    OnLine,
    Stands,
    codes_in_words,
)
from dosing.rules.paper_book import waits_for_the_book
from hat_clinic.accounts.models import Clinic
from hat_clinic.accounts.rules import Permission
from patients.models import Person


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of a pack on its page: its reference, who stands there, how far it is, and what it said."""

    line: int
    reference: str
    name: str
    state: LineState
    said: str
    line_id: uuid.UUID | None
    is_oral_missing: bool = False


@dataclass(frozen=True, slots=True)
class PaperPage:
    """A pack with every line; `begun` says since when it is entered and by whom, empty where it was not used."""

    pack_id: uuid.UUID
    number: int
    key: SessionKey
    made: str
    begun: str
    rows: tuple[LineRow, ...]
    people: tuple[uuid.UUID, ...]
    oral: tuple[OralRow, ...]

    @property
    def missing(self) -> int:
        """How many people of the pack have no line entered yet, or an oral dose on it that is not."""
        return sum(
            1 for row in self.rows if row.name and (row.state is LineState.NOT_ENTERED or row.is_oral_missing)
        )


def get_paper_page(*, clinic: Clinic, pack: DowntimePack) -> PaperPage:
    """Return every line of a pack with how far it is."""
    entered = {
        one.line: one
        for one in PaperLine.objects.select_related("patient", "case__settlement", "batch").filter(pack=pack)
    }
    people = Person.objects.in_bulk(pack.people)
    rows = []
    for line in range(1, len(pack.people) + BLANK_LINES + 1):
        found, person_id = entered.get(line), person_on_line(pack, line)
        person = found.patient if found is not None and found.patient else people.get(person_id)
        rows.append(
            LineRow(
                line=line,
                reference=paper_reference(pack.number, line),
                name=person.full_name if person is not None else "",
                state=state_of(found),
                said=_said(found) if found is not None else "",
                line_id=found.id if found is not None else None,
                is_oral_missing=found is not None and is_oral_missing(found),
            )
        )
    run = PaperRun.objects.select_related("begun_by").filter(pack=pack).first()
    return PaperPage(
        pack_id=pack.id,
        number=pack.number,
        key=SessionKey(pack.service_date, pack.slot),
        made=exact_moment(pack.made_at),
        begun=f"{exact_moment(run.begun_at)} by {run.begun_by.full_name}" if run is not None else "",
        rows=tuple(rows),
        people=tuple({*pack.people, *(one.patient_id for one in entered.values() if one.patient_id)}),
        oral=list_oral_of_pack(pack=pack),
    )


def state_of(line: PaperLine | None) -> LineState:
    """Return how far a line is."""
    if line is None:
        return LineState.NOT_ENTERED
    if not line.is_contested:
        return LineState.ENTERED
    return LineState.SETTLED if hasattr(line.case, "settlement") else LineState.CONTESTED


def _said(line: PaperLine) -> str:
    if line.what == OnLine.GIVEN and line.started_at is not None:
        return f"{line.given_mg} mg, {exact_moment(line.started_at)}"
    if line.what == OnLine.NOT_GIVEN:
        written = line.written
        return f"No dose: {written['outcome']}, {str(written['reason']).replace('_', ' ')}"
    return "Nothing written"


# --- entering a line ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EnterPage:
    """What the page for entering one line offers: whose it is, the batches, and the names that can stand on paper."""

    pack_id: uuid.UUID
    line: int
    reference: str
    key: SessionKey
    patient_id: uuid.UUID | None
    name: str
    born_on: date | None
    people: Choices
    batches: Choices
    names: Choices
    signers: Choices

    @property
    def shown_people(self) -> tuple[uuid.UUID, ...]:
        """Whoever the page names: whose line it is, or everybody whose it may be."""
        return (self.patient_id,) if self.patient_id else tuple(uuid.UUID(one) for one, _ in self.people)


def get_enter_page(*, clinic: Clinic, pack: DowntimePack, line: int, at: datetime) -> EnterPage:
    """Return the page for entering one line of a pack, which it has."""
    person_id = person_on_line(pack, line)
    person = Person.objects.filter(id=person_id).first() if person_id else None
    here = Person.objects.filter(episodes__clinic=clinic, import_run__isnull=True).distinct()
    batches = Batch.objects.select_related("line__premises").filter(
        line__premises__clinic=clinic, line__product=Product.DIAMORPHINE
    )
    return EnterPage(
        pack_id=pack.id,
        line=line,
        reference=paper_reference(pack.number, line),
        key=SessionKey(pack.service_date, pack.slot),
        patient_id=person.id if person else None,
        name=person.full_name if person else "Somebody who is not on the pack",
        born_on=person.born_on if person else None,
        people=()
        if person
        else tuple(
            (str(one.id), f"{one.full_name}, {_born(one)}") for one in here.order_by("family_name", "id")
        ),
        batches=tuple(
            (
                str(one.id),
                f"{one.number}, {one.line.strength_mg} mg, {one.line.premises.name}"
                f"{', own medicine' if one.patient_id else ''}",
            )
            for one in batches.order_by("number", "id")
        ),
        names=names_who_may(Permission.WITNESS_INJECTION, Permission.ENTER_PAPER, clinic=clinic, at=at),
        signers=names_who_may(Permission.ENTER_PAPER, clinic=clinic, at=at),
    )


def _born(person: Person) -> str:
    return f"born {person.born_on:%d/%m/%Y}" if person.born_on else "birth not known"


# --- one line, and its case --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinePage:
    """One line as it was entered, what the computer had, and how it was settled."""

    line_id: uuid.UUID
    pack_id: uuid.UUID
    line: int
    reference: str
    patient_id: uuid.UUID | None
    name: str
    state: LineState
    written: tuple[tuple[str, str], ...]
    entered: str
    away_reason: str
    why_contested: tuple[str, ...]
    recorded: str
    settled: tuple[tuple[str, str], ...]
    register: str
    waits_for_book: bool
    waits_for_draw: bool
    entry_key: uuid.UUID | None
    hold_id: uuid.UUID | None
    needs_ending: bool


def get_line_page(*, clinic: Clinic, line_id: uuid.UUID) -> LinePage | None:
    """Return the page of one entered line of this clinic, or None."""
    line = (
        PaperLine.objects.select_related(
            "pack",
            "patient",
            "batch",
            "giver",
            "witness",
            "entered_by",
            "session",
            "case__recorded__recorded_by",
        )
        .select_related("case__settlement__settled_by")
        .filter(id=line_id, pack__clinic=clinic)
        .first()
    )
    if line is None:
        return None
    injection = Injection.every.select_related("register_entry").filter(paper_line=line).first()
    entry = getattr(injection, "register_entry", None)
    case: PaperCase | None = getattr(line, "case", None)
    live = get_live_outcome(session_id=line.session_id) if line.session_id else None
    return LinePage(
        line_id=line.id,
        pack_id=line.pack_id,
        line=line.line,
        reference=paper_reference(line.pack.number, line.line),
        patient_id=line.patient_id,
        name=line.patient.full_name if line.patient else "Nobody",
        state=state_of(line),
        written=tuple(_written(line)),
        entered=f"{exact_moment(line.entered_at)} by {line.entered_by.full_name}",
        away_reason=line.away_reason,
        why_contested=codes_in_words(line.conflicts),
        recorded=_recorded(case.recorded) if case is not None and case.recorded else "",
        settled=tuple(_settled(getattr(case, "settlement", None))),
        register=f"Line {entry.seq}, balance {entry.balance} after it" if entry is not None else "",
        waits_for_book=injection is not None and entry is None and waits_for_the_book(line.conflicts),
        waits_for_draw="open_draw" in line.conflicts,
        entry_key=entry.key if entry is not None else None,
        hold_id=case.hold_id if case is not None else None,
        needs_ending=injection is not None and live is not None and live.injection_id == injection.id,
    )


def _written(line: PaperLine) -> list[tuple[str, str]]:
    if line.what != OnLine.GIVEN or line.started_at is None:
        rows = [("On paper", _said(line))]
    else:
        dose: dict[str, Any] = line.written["dose"]
        check = dose["check"]
        rows = [
            ("Injected", f"{line.given_mg} mg, {dose['route']}, {str(dose['site']).replace('_', ' ')}"),
            ("Began", exact_moment(line.started_at)),
            ("Ended", exact_moment(datetime.fromisoformat(dose["ended_at"]))),
            ("Ampoules", f"{line.ampoules} of batch {line.batch.number if line.batch else ''}"),
            ("Waste", f"{dose['wasted_mg']} mg"),
            ("Given by", line.giver.full_name if line.giver else ""),
            ("Witness", line.witness.full_name if line.witness else ""),
            ("Check", "not whole on paper" if check is None else _check(check)),
            *((_set_of(one), _reading(one)) for one in dose["after"]),
            ("Left", _left(dose["left"])),
            ("Syringe", "returned" if dose["syringe_returned"] else "not returned"),
        ]
    return [*rows, *([("Also written", line.words)] if line.words else [])]


def _check(check: dict[str, Any]) -> str:
    alcohol = "not known" if check["alcohol_ug"] is None else check["alcohol_ug"]
    return f"{_reading(check)}, alcohol {alcohol}"


def _set_of(one: dict[str, Any]) -> str:
    return f"Reading at {one['minute']} minutes" if one["minute"] is not None else "Reading"


def _reading(one: dict[str, Any]) -> str:
    readings = one["readings"]
    oxygen = "not measured" if readings["oxygen"] is None else f"{readings['oxygen']} %"
    return f"POSS {readings['sedation']}, breathing {readings['breaths']}, oxygen {oxygen}"


def _left(left: dict[str, Any]) -> str:
    when = f", {exact_moment(datetime.fromisoformat(left['at']))}" if left["at"] else ""
    why = f": {left['reason']}" if left["reason"] else ""
    return f"{HowLeft(left['how']).label}{when}{why}"


def _recorded(outcome: SessionOutcome) -> str:
    what = f"{outcome.given_mg} mg given" if outcome.given_mg else outcome.get_outcome_display()
    who = outcome.recorded_by.full_name if outcome.recorded_by else "imported history"
    when = f", {exact_moment(outcome.recorded_at)}" if outcome.recorded_at else ""
    return f"{what}, recorded by {who}{when}"


def _settled(settlement: PaperSettlement | None) -> list[tuple[str, str]]:
    if settlement is None:
        return []
    return [
        ("Stands", Stands(settlement.stands).label),
        ("Why", settlement.reason),
        ("Settled", f"{exact_moment(settlement.settled_at)} by {settlement.settled_by.full_name}"),
    ]


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One contested line in the list of them."""

    line_id: uuid.UUID
    reference: str
    patient_id: uuid.UUID | None
    name: str
    said: str
    why: tuple[str, ...]
    opened: str
    is_settled: bool
    is_waiting: bool


def list_paper_cases(*, clinic: Clinic) -> tuple[CaseRow, ...]:
    """Return the contested lines of a clinic: those to settle or to write in the register first, then the newest."""
    waiting = set(waiting_at(clinic).values_list("paper_line_id", flat=True))
    found = PaperCase.objects.select_related("line__pack", "line__patient", "settlement").filter(
        clinic=clinic
    )
    rows = [
        CaseRow(
            line_id=case.line_id,
            reference=paper_reference(case.line.pack.number, case.line.line),
            patient_id=case.line.patient_id,
            name=case.line.patient.full_name if case.line.patient else "Nobody",
            said=_said(case.line),
            why=codes_in_words(case.line.conflicts),
            opened=exact_moment(case.opened_at),
            is_settled=hasattr(case, "settlement"),
            is_waiting=case.line_id in waiting,
        )
        for case in found.order_by("-opened_at")
    ]
    return tuple(sorted(rows, key=lambda row: row.is_settled and not row.is_waiting))


def count_open_cases(*, clinic: Clinic) -> int:
    """Return how many contested lines and oral doses nobody has settled."""
    lines = PaperCase.objects.filter(clinic=clinic, settlement__isnull=True).count()
    return lines + count_contested_oral(clinic=clinic)
