"""A treatment room after an outage: a pack that was printed two hours ago, and what was written on it by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from factory import RelatedFactory, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from dosing.actions.paper import PaperPins, enter_line
from dosing.actions.paper_cases import Settled, settle_line
from dosing.actions.visits import record_not_given
from dosing.models import DowntimePack, PaperCase, PaperLine, PaperSettlement, PlannedSession, SessionOutcome
from dosing.queries.sessions import SessionKey, get_current_session
from dosing.rules.checks import CheckAnswers, Readings, Sedation
from dosing.rules.paper import DoseOnPaper, OnLine, PaperEntry, Stands
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from tests.factories.accounts import ClinicFactory, UserFactory
from tests.factories.dosing import SignatureFactory
from tests.factories.moments import NINE, TODAY
from tests.factories.treatment import (
    NURSE_PIN,
    SECOND_PIN,
    TreatmentRoom,
    a_member_of_staff,
    a_treatment_room,
)

LEAD_PIN = "730184"
AWAKE = Readings(sedation=Sedation.ALERT, breaths=14, oxygen=97, pulse=72)
CHECK = CheckAnswers(
    readings=AWAKE,
    alcohol_ug=0,
    took_other_drugs=False,
    oral_as_ordered=True,
    is_intoxicated=False,
    sites_are_well=True,
)
WHY = "The paper was read out by both nurses."


class PackFactory(DjangoModelFactory[DowntimePack]):
    """A pack with nobody on it, made at nine."""

    class Meta:
        model = DowntimePack

    clinic = SubFactory(ClinicFactory)
    number = Sequence(lambda number: number + 100)
    service_date = TODAY
    slot = "am"
    people: ClassVar[list[object]] = []
    made_at = NINE
    made_by = SubFactory(UserFactory)


class PaperLineFactory(DjangoModelFactory[PaperLine]):
    """A blank line, contested, with its case, so that there is one to look at."""

    class Meta:
        model = PaperLine
        skip_postgeneration_save = True

    pack = SubFactory(PackFactory)
    line = 1
    what = OnLine.NOTHING
    entered_by = SubFactory(UserFactory)
    giver_signature = SubFactory(SignatureFactory, signed_by=SelfAttribute("..entered_by"))
    written: ClassVar[dict[str, object]] = {}
    findings: ClassVar[list[str]] = ["already_recorded"]
    conflicts: ClassVar[list[str]] = ["already_recorded"]
    is_contested = True
    content_sha256 = "0" * 64
    entered_at = NINE + timedelta(hours=3)
    case = RelatedFactory("tests.factories.paper.PaperCaseFactory", factory_related_name="line")


class PaperCaseFactory(DjangoModelFactory[PaperCase]):
    """The case of a contested line."""

    class Meta:
        model = PaperCase

    line = SubFactory(PaperLineFactory, case=None)
    clinic = SelfAttribute("line.pack.clinic")
    opened_at = NINE + timedelta(hours=3)
    opened_by = SelfAttribute("line.entered_by")


def a_pack(room: TreatmentRoom, *, made_at: datetime, slot: str, number: int = 12) -> DowntimePack:
    """Return a pack with the room's patient on its first line; no file of it is needed."""
    return DowntimePack.objects.create(
        clinic=room.clinic,
        number=number,
        service_date=london_date(made_at),
        slot=slot,
        people=[room.patient.id],
        made_at=made_at,
        made_by=room.nurse,
    )


@dataclass(frozen=True)
class PaperRoom:
    """The room, the lead with a PIN, the pack, and when its dose was given."""

    room: TreatmentRoom
    lead: User
    pack: DowntimePack
    given_at: datetime

    def dose(self, **changes: Any) -> DoseOnPaper:
        """Return the ordered dose as it stands on paper, with a clean check, from two ampoules of 10 mg."""
        return replace(
            DoseOnPaper(
                given_mg=15,
                wasted_mg=5,
                ampoules=2,
                batch_id=self.room.batch.id,
                route="iv",
                site="left_arm",
                started_at=self.given_at,
                ended_at=self.given_at + timedelta(minutes=1),
                giver_id=self.room.nurse.id,
                witness_id=self.room.second_nurse.id,
                is_identified=True,
                check=CHECK,
            ),
            **changes,
        )

    def entry(self, **changes: Any) -> PaperEntry:
        """Return the line of the room's patient with a dose."""
        return PaperEntry(OnLine.GIVEN, self.room.patient.id, dose=self.dose(**changes))

    def ending(self, outcome: Outcome = Outcome.MISSED, reason: Reason = Reason.UNKNOWN) -> PaperEntry:
        """Return the line of the room's patient without a dose."""
        return PaperEntry(OnLine.NOT_GIVEN, self.room.patient.id, outcome=outcome, reason=reason)

    def pins(self, **changes: Any) -> PaperPins:
        """Return what both nurses type at the terminal."""
        return replace(
            PaperPins(
                giver_id=self.room.nurse.id,
                giver_pin=NURSE_PIN,
                terminal_id=self.room.terminal.id,
                witness_id=self.room.second_nurse.id,
                witness_pin=SECOND_PIN,
            ),
            **changes,
        )

    def enter(
        self,
        entry: PaperEntry | None = None,
        *,
        line: int = 1,
        pack: DowntimePack | None = None,
        pins: PaperPins | None = None,
        by: User | None = None,
    ) -> PaperLine:
        """Enter one line; without a word the clean dose."""
        return enter_line(
            clinic=self.room.clinic,
            pack=pack or self.pack,
            line=line,
            entry=entry or self.entry(),
            pins=pins or self.pins(),
            by=by or self.room.nurse,
            at=now(),
        )

    def settle(
        self, line: PaperLine, stands: Stands, *, by: User | None = None, **more: Any
    ) -> PaperSettlement:
        """Settle a contested line as the clinical lead."""
        return settle_line(
            clinic=self.room.clinic,
            line_id=line.id,
            settled=Settled(**({"stands": stands, "why": WHY} | more)),
            pin=more.pop("pin", LEAD_PIN),
            terminal_id=self.room.terminal.id,
            by=by or self.lead,
            at=now(),
        )

    def session(self) -> PlannedSession:
        """Return the pack's session of the patient."""
        return PlannedSession.objects.get(
            patient=self.room.patient, service_date=self.pack.service_date, slot=self.pack.slot
        )


def with_the_newest_pack(paper: PaperRoom) -> PaperRoom:
    """Return the room with a pack that was printed two minutes ago, for the session that is open."""
    made_at = now() - timedelta(minutes=2)
    return replace(paper, pack=a_pack(paper.room, made_at=made_at, slot=paper.room.session().slot, number=13))


def recorded_live(paper: PaperRoom, outcome: Outcome, reason: Reason) -> SessionOutcome:
    """Record with the computer that the pack's session ended without a dose."""
    return record_not_given(
        clinic=paper.room.clinic,
        patient_id=paper.room.patient.id,
        session=SessionKey(paper.pack.service_date, paper.pack.slot),
        outcome=outcome,
        reason=reason,
        by=paper.room.nurse,
        at=now(),
    )


def a_paper_room(*, at: datetime | None = None, **more: Any) -> PaperRoom:
    """Return a room whose pack was made two hours ago, and whose patient had the dose an hour and a half ago.

    The order stands since three hours ago. The pack is for the session whose clock times hold the dose.
    """
    at = at or now()
    room = a_treatment_room(at=at - timedelta(hours=3), **more)
    lead = a_member_of_staff(
        room.clinic, Role.CLINICAL_LEAD, name="Irina Lead", pin=LEAD_PIN, at=at - timedelta(hours=3)
    )
    given_at = at - timedelta(minutes=90)
    session = get_current_session(clinic=room.clinic, at=given_at)
    assert session is not None
    pack = a_pack(room, made_at=given_at - timedelta(minutes=1), slot=session.slot)
    return PaperRoom(room=room, lead=lead, pack=pack, given_at=given_at)
