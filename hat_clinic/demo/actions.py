"""The demo clinic, made by running the real actions. A second run adds only what is missing."""

from __future__ import annotations

import shutil
import uuid
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from dosing.actions.checkpoints import make_checkpoints, store_verification
from dosing.actions.orders import record_licence
from dosing.actions.protocol import approve_protocol, draft_protocol
from dosing.actions.register import open_register, receive_stock
from dosing.models import Batch, Licence, ProtocolVersion, RegisterHead, RegisterLine
from dosing.queries.protocol import get_protocol_in_force
from dosing.queries.verification import verify_registers
from dosing.rules.orders import Product
from dosing.rules.protocol import UNVERIFIED, Protocol, numbers_of
from hat_clinic.accounts.actions import (
    add_agency,
    create_user,
    enrol_totp,
    get_program,
    grant_role,
    open_clinic,
    open_premises,
    set_pin,
)
from hat_clinic.accounts.models import Agency, Clinic, Premises, Slot, User
from hat_clinic.accounts.queries import has_second_factor, roles_of
from hat_clinic.accounts.rules import INSPECTOR_LIMIT, Role
from hat_clinic.core.clock import london_date
from hat_clinic.demo.appointments import book_demo_appointments
from hat_clinic.demo.beside import stand_beside_doses
from hat_clinic.demo.cast import (
    AGENCY_NAME,
    CLINIC_CODE,
    CLINIC_NAME,
    COHORT_CODE,
    PATIENTS,
    STAFF,
    Actor,
    Patient,
)
from hat_clinic.demo.life import write_demo_lives
from hat_clinic.demo.orders import order_doses
from hat_clinic.demo.past import PastRoom
from hat_clinic.demo.people import introduce_people
from hat_clinic.demo.readers import agree_with_readers
from hat_clinic.demo.referrals import refer_people, set_criteria
from hat_clinic.demo.support import log_demo_support
from outcomes.actions.cohort import import_cohort
from outcomes.actions.evaluation.build import build_report, print_report
from outcomes.actions.releases import release_report
from outcomes.actions.reports import request_report
from outcomes.actions.urine import draw_urine_days
from outcomes.models import ReportRun
from outcomes.rules.evaluation.editions import Edition
from patients.actions import register_person
from patients.models import Episode, Person
from referrals.actions import accept_referral, receive_referral
from referrals.models import Referral

COHORT = Path(__file__).resolve().parent / "cohorts" / "middlesbrough-year-one"
# Half the day each, so that somebody is due whenever the demo is started.
SLOTS = {Slot.AM: (time(0, 0), time(12, 0)), Slot.PM: (time(12, 0), time.max)}
REPORTED = (date(2020, 10, 1), date(2020, 9, 1), date(2020, 8, 1))
RELEASED = (
    (REPORTED[0], Edition.RESTRICTED),
    (REPORTED[1], Edition.PUBLIC),
    (REPORTED[1], Edition.JUSTICE),
)
STOCK_BELOW = 200
ORDER_DAYS = 28
SINCE = timedelta(days=3)


def make_demo(*, by: User | None, at: datetime) -> Clinic:
    """Make the demo clinic, or add what has run out since: staff, people, orders in force, and stock.

    A new one is made as of three days ago, so that its people have a dose behind them.
    """
    now, at = at, at if Clinic.objects.filter(code=CLINIC_CODE).exists() else at - SINCE
    clinic = Clinic.objects.filter(code=CLINIC_CODE).first() or open_clinic(
        code=CLINIC_CODE,
        name=CLINIC_NAME,
        opened_on=london_date(at),
        places=15,
        sessions_per_day=2,
        slots=SLOTS,
        has_invented_people=True,
        by=by,
        at=at,
    )
    people = {actor.word: _hire(actor, clinic, at=at) for actor in STAFF}
    premises = Premises.objects.filter(clinic=clinic).first() or open_premises(
        clinic=clinic,
        name="Treatment room 1",
        address="14 Harbour Street, Harbour Town",
        by=people["manager"],
        at=at,
    )
    if get_protocol_in_force(clinic_id=clinic.id, at=at) is None:
        _approve_limits(clinic, author=people["doctor"], by=people["clinical_lead"], at=at)
    _license(people["doctor"], premises, by=people["clinical_lead"], at=at)
    _fill_stock(premises, by=people["cd_lead"], witness=people["nurse"], at=at)
    doctor, nurse = people["doctor"], people["nurse"]
    for patient in PATIENTS:
        _admit(patient, clinic, doctor=doctor, at=at)
    introduce_people(clinic=clinic, nurse=nurse, doctor=doctor, by=nurse, at=at)
    room = PastRoom(
        clinic=clinic,
        premises=premises,
        protocol=ProtocolVersion.objects.filter(clinic=clinic).latest("number"),
        licence=Licence.objects.filter(doctor=doctor, premises=premises).latest("ends_at"),
        batch=Batch.objects.filter(line__premises=premises).latest("expires_on"),
        doctor=doctor,
        nurse=nurse,
        witness=people["nurse2"],
        cd_lead=people["cd_lead"],
    )
    order_doses(room=room, at=now)
    stand_beside_doses(
        clinic=clinic, premises=premises, doctor=doctor, prescriber=people["prescriber"], at=now
    )
    refer_people(clinic=clinic, at=now)
    set_criteria(clinic=clinic, written_by=people["doctor"], by=people["clinical_lead"], at=now)
    log_demo_support(clinic=clinic, by=people["case_worker"], at=now)
    book_demo_appointments(clinic=clinic, by=people["case_worker"], at=now)
    write_demo_lives(clinic=clinic, by=people["case_worker"], nurse=nurse, at=now)
    # As if the worker had been there before: the first page is none of alarms.
    verifier = get_program(name="register verifier", at=now)
    make_checkpoints(by=verifier, at=now)
    store_verification(found=verify_registers(), by=verifier, at=now)
    draw_urine_days(clinic=clinic, by=get_program(name="urine day drawer", at=now), at=now)
    return clinic


def _approve_limits(clinic: Clinic, *, author: User, by: User, at: datetime) -> None:
    """Approve the starting values as the invented clinic's limits, each unverified number ticked."""
    draft = draft_protocol(
        clinic=clinic,
        numbers=numbers_of(Protocol()),
        reason="The first limits of this invented clinic.",
        by=author,
        at=at,
    )
    approve_protocol(clinic=clinic, draft_id=draft.id, confirmed=UNVERIFIED, starts_at=at, by=by, at=at)


def fill_in_history(*, by: User, at: datetime) -> None:
    """Import the invented first year of the reconstructed clinic, once, and ask for its last reports.

    The newest one, and the public and justice ones of the quarter before it, are built here and signed off by the
    clinical lead, so that each reader outside has one to read by the invented agreements; the others are built by the
    worker and wait for a signature.
    """
    if not Clinic.objects.filter(code=COHORT_CODE).exists():
        program = get_program(name="cohort import", at=at)
        with TemporaryDirectory() as copy:
            shutil.copytree(COHORT, copy, dirs_exist_ok=True)
            programme = Path(copy) / "programme.csv"
            programme.write_text(programme.read_text().replace("MBRO,", f"{COHORT_CODE},", 1))
            import_cohort(folder=Path(copy), is_invented=True, by=program, at=at)
    clinic = Clinic.objects.get(code=COHORT_CODE)
    for actor in STAFF:
        if actor.sees_cohort:
            _grant(User.objects.get(email=actor.email), actor, clinic, at=at)
    staff = {actor.role: actor for actor in STAFF}
    lead, manager = (User.objects.get(email=staff[one].email) for one in (Role.CLINICAL_LEAD, Role.MANAGER))
    agree_with_readers(clinic=clinic, by=manager, approver=lead, at=at)
    for month, edition in RELEASED:
        _release(clinic, month, edition, by=by, lead=lead, at=at)
    for month in REPORTED:
        if not ReportRun.objects.filter(clinic=clinic, month=month, edition=Edition.RESTRICTED).exists():
            request_report(clinic=clinic, month=month, edition=Edition.RESTRICTED, by=by, at=at)


def _release(clinic: Clinic, month: date, edition: Edition, *, by: User, lead: User, at: datetime) -> None:
    """Build, print and sign off one report, once."""
    run = build_report(clinic=clinic.id, month=month, edition=edition, by=by, at=at)
    print_report(run=run.id, by=by, at=at)
    if not hasattr(run, "release"):
        release_report(
            clinic=clinic,
            run=run.id,
            figures_sha256=run.figures_sha256,
            is_read=True,
            key=uuid.uuid4(),
            by=lead,
            at=at,
        )


def _hire(actor: Actor, clinic: Clinic, *, at: datetime) -> User:
    user = User.objects.filter(email=actor.email).first() or create_user(
        email=actor.email, full_name=actor.full_name, password=actor.password, by=None, at=at
    )
    if not has_second_factor(user=user):
        enrol_totp(user=user, secret=None, by=None, at=at)
    if actor.signs_by_pin and not hasattr(user, "signing_pin"):
        set_pin(user=user, pin=actor.pin, by=user, at=at)
    _grant(user, actor, clinic, at=at)
    return user


def _grant(user: User, actor: Actor, clinic: Clinic, *, at: datetime) -> None:
    if actor.role not in roles_of(user=user, clinic=clinic, at=at):
        agency = None
        if actor.role is Role.REFERRER:
            agency = Agency.objects.filter(name=AGENCY_NAME).first() or add_agency(
                name=AGENCY_NAME, kind=Agency.Kind.POLICE, clinic=clinic, by=None, at=at
            )
        ends_at = at + INSPECTOR_LIMIT if actor.role is Role.INSPECTOR else None
        grant_role(user=user, clinic=clinic, role=actor.role, agency=agency, ends_at=ends_at, by=None, at=at)


def _license(doctor: User, premises: Premises, *, by: User, at: datetime) -> None:
    last_needed = at + timedelta(days=ORDER_DAYS + 1)
    if not Licence.objects.filter(doctor=doctor, premises=premises, ends_at__gt=last_needed).exists():
        record_licence(
            doctor=doctor,
            premises=premises,
            product=Product.DIAMORPHINE,
            starts_at=at,
            ends_at=at + timedelta(days=365),
            by=by,
            at=at,
        )


def _fill_stock(premises: Premises, *, by: User, witness: User, at: datetime) -> None:
    line = RegisterLine.objects.filter(premises=premises).first() or open_register(
        premises=premises,
        product=Product.DIAMORPHINE,
        strength_mg=100,
        form=RegisterLine.Form.AMPOULE_POWDER,
        by=by,
        at=at,
    )
    head = RegisterHead.objects.filter(line=line).first()
    if head is not None and head.balance >= STOCK_BELOW:
        return
    today = london_date(at)
    receive_stock(
        line=line,
        batch_number=f"DEMO{today:%y%m%d}",
        expires_on=today + timedelta(days=300),
        ampoules=500,
        supplier_name="Northern Wholesale (invented)",
        supplier_address="2 Park Way, Harbour Town",
        requisition=f"R-{today:%Y%m%d}",
        key=uuid.uuid4(),
        by=by,
        witness=witness,
        at=at,
    )


def _admit(patient: Patient, clinic: Clinic, *, doctor: User, at: datetime) -> None:
    person = Person.objects.filter(nhs_number=patient.nhs_number).first() or register_person(
        given_names=patient.given_names,
        family_name=patient.family_name,
        born_on=date.fromisoformat(patient.born),
        sex=patient.sex,
        address=patient.address,
        nhs_number=patient.nhs_number,
        is_invented=True,
        by=doctor,
        at=at,
    )
    today = london_date(at)
    referral = Referral.objects.filter(person=person, clinic=clinic).first() or receive_referral(
        clinic=clinic, person=person, source=Referral.Source.POLICE, referred_on=today, by=doctor, at=at
    )
    if not Episode.objects.filter(person=person, exited_on__isnull=True).exists():
        accept_referral(referral=referral, assessed_on=today, by=doctor, at=at)
