"""A treatment room with people in it, made by running the real actions."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection

from dosing.actions.injections import InjectionGiven, InjectionRecorded, record_injection
from dosing.actions.observation import record_reading
from dosing.actions.orders import record_licence, sign_order
from dosing.actions.preparations import DoseToPrepare, prepare_dose
from dosing.actions.register import open_register, receive_stock
from dosing.actions.visits import identify_person, record_check
from dosing.models import (
    Batch,
    ClinicDay,
    Licence,
    Order,
    Preparation,
    ProtocolVersion,
    Reading,
    RegisterLine,
    Visit,
)
from dosing.queries.sessions import SessionKey, get_current_session
from dosing.rules.checks import CheckAnswers, Readings, Sedation
from dosing.rules.orders import OrderDraft, Product
from dosing.rules.visits import IdentityItem
from hat_clinic.accounts.actions import (
    add_terminal,
    create_user,
    enrol_terminal,
    grant_role,
    open_clinic,
    open_premises,
    open_terminal,
    set_pin,
)
from hat_clinic.accounts.models import Clinic, Premises, Slot, Terminal, User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.decisions import Decision
from hat_clinic.demo.past import PastRoom, last_evening, past_dose, past_order
from patients.actions import register_person
from patients.models import Episode, Person
from referrals.actions import accept_referral, receive_referral
from tests.factories.accounts import what_role_needs
from tests.factories.notes import notes_shown
from tests.factories.people import assess, consent_to_treatment_and_photo
from tests.factories.protocol import approved_limits

Hours = dict[Slot, tuple[time, time]]
ALL_DAY = {Slot.AM: (time(0, 0), time(12, 0)), Slot.PM: (time(12, 0), time.max)}
NURSE_PIN = "592837"
SECOND_PIN = "463728"
# What is ordered unless told otherwise: the most for somebody who has had no dose yet.
DOSE_MG = 15
_numbers = itertools.count(1)


@dataclass(frozen=True)
class TreatmentRoom:
    """One clinic with an open session, two nurses, stock, and one person with an order of a first dose."""

    clinic: Clinic
    premises: Premises
    nurse: User
    second_nurse: User
    doctor: User
    cd_lead: User
    line: RegisterLine
    batch: Batch
    patient: Person
    episode: Episode
    order: Order
    terminal: Terminal
    terminal_secret: str

    def open_day(self) -> None:
        """Have two people count the stock and open the day, unless it is open."""
        from tests.factories.days import an_open_day

        if not ClinicDay.objects.filter(premises=self.premises, on=london_date(now())).exists():
            an_open_day(self)

    def session(self) -> SessionKey:
        """Return the session that is open now."""
        session = get_current_session(clinic=self.clinic, at=now())
        assert session is not None
        return session

    def identify(self, *, by: User | None = None) -> Visit:
        """Identify the person by face and date of birth."""
        visit = identify_person(
            clinic=self.clinic,
            patient_id=self.patient.id,
            session=self.session(),
            items=frozenset({IdentityItem.PHOTO, IdentityItem.BIRTH_DATE}),
            is_right=True,
            by=by or self.nurse,
            at=now(),
        )
        assert visit is not None
        return visit

    def check(self, visit: Visit, *, by: User | None = None, **changes: object) -> Decision:
        """Make a check, within all limits unless told otherwise."""
        readings = {"sedation": Sedation.ALERT, "breaths": 14, "oxygen": 97, "pulse": 70}
        answers: dict[str, object] = {
            "alcohol_ug": 0,
            "took_other_drugs": False,
            "oral_as_ordered": True,
            "is_intoxicated": False,
            "sites_are_well": True,
        }
        read = {name: changes.pop(name, value) for name, value in readings.items()}
        unknown = None in (*read.values(), changes.get("alcohol_ug", 0))
        _, decision = record_check(
            clinic=self.clinic,
            session_id=visit.session_id,
            answers=CheckAnswers(readings=Readings(**read), **(answers | changes)),  # type: ignore[arg-type]
            unable_reason="cold hands" if unknown else "",
            by=by or self.nurse,
            at=now(),
        )
        return decision

    def checked(self) -> Visit:
        """Return the person's visit of this session, identified and checked."""
        visit = self.identify()
        self.check(visit)
        return visit

    def dose(self, visit: Visit, **changes: object) -> DoseToPrepare:
        """Return the ordered dose as it would be drawn up for a visit."""
        mg = changes.get("dose_mg", self.order.dose_mg)
        assert isinstance(mg, int)
        content: dict[str, object] = {
            "session_id": visit.session_id,
            "order_id": self.order.id,
            "batch_id": self.batch.id,
            "dose_mg": mg,
            "ampoules": -(-mg // self.line.strength_mg),
            "witness_id": self.second_nurse.id,
        }
        return DoseToPrepare(**(content | changes))  # type: ignore[arg-type]  # a test's own changes

    def prepare(
        self,
        visit: Visit | None = None,
        *,
        key: uuid.UUID | None = None,
        by: User | None = None,
        preparer_pin: str = NURSE_PIN,
        witness_pin: str = SECOND_PIN,
        acknowledged: frozenset[str] = frozenset(),
        **changes: object,
    ) -> uuid.UUID:
        """Draw the dose up before the second nurse, on an open day, the notes read that are ticked; return it."""
        self.open_day()
        dose = self.dose(visit or self.checked(), **changes)
        return prepare_dose(
            clinic=self.clinic,
            dose=dose,
            preparer_pin=preparer_pin,
            witness_pin=witness_pin,
            read=notes_shown(self.clinic, dose, acknowledged, by=self.nurse) if acknowledged else {},
            key=key or uuid.uuid4(),
            terminal_id=self.terminal.id,
            by=by or self.nurse,
            at=now(),
        )

    def inject(
        self,
        preparation_id: uuid.UUID,
        *,
        key: uuid.UUID | None = None,
        by: User | None = None,
        preparer_pin: str = "",
        **changes: object,
    ) -> InjectionRecorded:
        """Record the injection of a drawn dose: all of it, into the left arm."""
        content: dict[str, object] = {
            "preparation_id": preparation_id,
            "given_mg": self.order.dose_mg,
            "route": "iv",
            "site": "left_arm",
            "seconds_ago": 0,
            "syringe_returned": True,
        }
        return record_injection(
            clinic=self.clinic,
            patient_id=self.patient.id,
            given=InjectionGiven(**(content | changes)),  # type: ignore[arg-type]  # a test's own changes
            preparer_pin=preparer_pin,
            key=key or uuid.uuid4(),
            terminal_id=self.terminal.id,
            by=by or self.nurse,
            at=now(),
        )

    def give(
        self,
        *,
        key: uuid.UUID | None = None,
        acknowledged: frozenset[str] = frozenset(),
        given_mg: int | None = None,
        **changes: object,
    ) -> InjectionRecorded:
        """Do a whole dose, from the hatch to the end of the injection, through the real actions."""
        drawn = self.prepare(acknowledged=acknowledged, **changes)
        dose_mg = Preparation.objects.get(id=drawn).dose_mg
        return self.inject(drawn, key=key, given_mg=given_mg or dose_mg)

    def read(self, session_id: uuid.UUID, minute: int | None, **changes: object) -> Reading:
        """Take one reading after the injection, well within all limits unless told otherwise."""
        content: dict[str, object] = {"sedation": Sedation.ALERT, "breaths": 14, "oxygen": 97, "pulse": 70}
        return record_reading(
            clinic=self.clinic,
            session_id=session_id,
            minute=minute,
            readings=Readings(**(content | changes)),  # type: ignore[arg-type]  # a test's own changes
            unable_reason="",
            by=self.nurse,
            at=now(),
        )


def a_member_of_staff(
    clinic: Clinic, role: Role, *, name: str, pin: str | None = None, at: datetime | None = None
) -> User:
    """Return somebody who works in the clinic, with a signing PIN where one is given."""
    at = at or now()
    user = create_user(
        email=f"{role.value}{next(_numbers)}@staff.example",
        full_name=name,
        password="a long enough secret",
        by=None,
        at=at,
    )
    grant_role(user=user, clinic=clinic, role=role, by=None, at=at, **what_role_needs(role, at))
    if pin is not None:
        set_pin(user=user, pin=pin, by=user, at=at)
    return user


def a_clinic(*, places: int = 15, at: datetime | None = None, slots: Hours | None = None) -> Clinic:
    """Return a clinic whose sessions, two unless told otherwise, fill the day, so that one is always open."""
    at = at or now()
    return open_clinic(
        code=f"T{next(_numbers)}",
        name="Test clinic (invented)",
        opened_on=london_date(at),
        places=places,
        sessions_per_day=len(slots or ALL_DAY),
        slots=slots or ALL_DAY,
        has_invented_people=True,
        by=None,
        at=at,
    )


def a_patient_in_treatment(clinic: Clinic, *, by: User, at: datetime | None = None) -> Episode:
    """Return the episode of a person who was referred, accepted, consented and was assessed."""
    at = at or now()
    person = register_person(
        given_names="Danny",
        family_name=f"Marsh {next(_numbers)}",
        born_on=date(1979, 3, 14),
        sex="M",
        address="8 Cable Yard, Harbour Town",
        nhs_number=None,
        is_invented=True,
        by=by,
        at=at,
    )
    referral = receive_referral(
        clinic=clinic, person=person, source="police", referred_on=london_date(at), by=by, at=at
    )
    episode = accept_referral(referral=referral, assessed_on=london_date(at), by=by, at=at)
    consent_to_treatment_and_photo(episode, by=by, at=at)
    assess(episode, by=by, at=at)
    return episode


def an_order(
    room_or_episode: Episode,
    premises: Premises,
    *,
    doctor: User,
    dose_mg: int = DOSE_MG,
    daily_max_mg: int = 400,
    at: datetime | None = None,
    **more: Any,
) -> Order:
    """Return a signed order for two sessions a day; `more` is of its draft, such as its range or its plan."""
    at = at or now()
    return sign_order(
        episode=room_or_episode,
        premises=premises,
        product=Product.DIAMORPHINE,
        draft=OrderDraft(
            dose_mg=dose_mg,
            sessions_per_day=2,
            daily_max_mg=daily_max_mg,
            interval_minutes=180,
            starts_at=at,
            ends_at=at + timedelta(days=14),
            **more,
        ),
        routes=["iv"],
        sites=["left_arm", "right_arm"],
        observation_minutes=20,
        basis="Reached by titration.",
        by=doctor,
        at=at,
    )


def a_terminal(
    clinic: Clinic,
    premises: Premises | None = None,
    *,
    by: User,
    opened_by: User | None = None,
    name: str = "Treatment room 1",
    at: datetime | None = None,
) -> tuple[Terminal, str]:
    """Return a terminal, opened by somebody, with the secret that its browser's cookie holds."""
    at = at or now()
    premises_id = premises.id if premises else None
    token = add_terminal(clinic=clinic, premises_id=premises_id, name=name, by=by, at=at)
    terminal, secret = enrol_terminal(token=token, by=None, at=at)
    open_terminal(terminal_id=terminal.id, by=opened_by or by, at=at)
    terminal.refresh_from_db()
    return terminal, secret


def a_treatment_room(
    *,
    ampoules: int = 50,
    places: int = 15,
    dose_mg: int = DOSE_MG,
    at: datetime | None = None,
    slots: Hours | None = None,
) -> TreatmentRoom:
    """Return a whole treatment room, made by the real actions.

    A dose over a first one rests on the same dose, given and tolerated on the evening before.
    """
    ordered_at = at or now()
    at = ordered_at - timedelta(days=3) if dose_mg > DOSE_MG else ordered_at
    clinic = a_clinic(places=places, at=at, slots=slots)
    premises = open_premises(clinic=clinic, name="Room 1", address="14 Harbour Street", by=None, at=at)
    nurse = a_member_of_staff(clinic, Role.NURSE, name="Grace Okafor", pin=NURSE_PIN, at=at)
    second = a_member_of_staff(clinic, Role.NURSE, name="Tom Brennan", pin=SECOND_PIN, at=at)
    doctor = a_member_of_staff(clinic, Role.DOCTOR, name="Dr Priya Nair", at=at)
    lead = a_member_of_staff(clinic, Role.CLINICAL_LEAD, name="Dr Lena Hart", at=at)
    cd_lead = a_member_of_staff(clinic, Role.CD_LEAD, name="Ewa Malik", at=at)
    approved_limits(clinic, by=lead, author=doctor, at=at)
    record_licence(
        doctor=doctor,
        premises=premises,
        product=Product.DIAMORPHINE,
        starts_at=at,
        ends_at=at + timedelta(days=365),
        by=lead,
        at=at,
    )
    line = open_register(
        premises=premises,
        product=Product.DIAMORPHINE,
        strength_mg=10 if dose_mg == DOSE_MG else 100,
        form=RegisterLine.Form.AMPOULE_POWDER,
        by=cd_lead,
        at=at,
    )
    receive_stock(
        line=line,
        batch_number="DM24117",
        expires_on=london_date(at) + timedelta(days=300),
        ampoules=ampoules,
        supplier_name="Northern Wholesale (invented)",
        supplier_address="2 Park Way",
        requisition="0088",
        key=uuid.uuid4(),
        by=cd_lead,
        witness=nurse,
        at=at,
    )
    episode = a_patient_in_treatment(clinic, by=doctor, at=at)
    batch = Batch.objects.get(line=line)
    if dose_mg > DOSE_MG:
        past = PastRoom(
            clinic=clinic,
            premises=premises,
            protocol=ProtocolVersion.objects.get(clinic=clinic),
            licence=Licence.objects.get(doctor=doctor),
            batch=batch,
            doctor=doctor,
            nurse=nurse,
            witness=second,
            cd_lead=cd_lead,
        )
        order = past_order(
            past,
            episode,
            dose_mg=dose_mg,
            daily_max_mg=max(400, 2 * dose_mg),
            starts_at=at,
            ends_at=ordered_at + timedelta(days=14),
            version=1,
        )
        past_dose(past, order, mg=dose_mg, at=last_evening(ordered_at))
        connection.check_constraints()
    else:
        order = an_order(episode, premises, doctor=doctor, at=at)
    terminal, secret = a_terminal(clinic, premises, by=lead, at=at)
    return TreatmentRoom(
        clinic=clinic,
        premises=premises,
        nurse=nurse,
        second_nurse=second,
        doctor=doctor,
        cd_lead=cd_lead,
        line=line,
        batch=batch,
        patient=episode.person,
        episode=episode,
        order=order,
        terminal=terminal,
        terminal_secret=secret,
    )


def another(room: TreatmentRoom) -> TreatmentRoom:
    """Return the same room with somebody else in it, who has an order of a first dose."""
    episode = a_patient_in_treatment(room.clinic, by=room.doctor)
    order = an_order(episode, room.premises, doctor=room.doctor)
    return replace(room, patient=episode.person, episode=episode, order=order)
