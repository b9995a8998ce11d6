"""Every address, role and method is decided on purpose; an address nobody wrote down fails."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import redis
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str
from django.contrib.auth import SESSION_KEY
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, path, reverse

from dosing.actions.downtime import make_downtime_pack
from hat_clinic.accounts.access import Door
from hat_clinic.accounts.actions import add_terminal, create_user, grant_role
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.presence import LOCKED_KEY
from hat_clinic.accounts.rules import AT_TERMINAL, Role, may
from hat_clinic.core.clock import now
from tests.architecture.access_matrix import PAGE, ROWS, written
from tests.architecture.access_row import ANONYMOUS, NEWCOMER, OUTSIDERS, PASSWORD_ONLY, STRANGER, Row
from tests.architecture.access_things import (
    Things,
    lines_of_the_room,
    of_a_visit,
    of_coming_in,
    of_the_stock,
    of_urine,
)
from tests.architecture.addresses import Address, addresses
from tests.factories import OrderRequestFactory, PrescriptionPrintFactory
from tests.factories.accounts import InvitationFactory, what_role_needs
from tests.factories.aims import AimsVersionFactory
from tests.factories.appointments import AgencySlotFactory, AppointmentFactory
from tests.factories.around import (
    AlertFactory,
    ContactDetailFactory,
    DisclosureFactory,
    RecordOpeningFactory,
    RelationshipFactory,
)
from tests.factories.cases import LegalHoldFactory, a_case
from tests.factories.closures import ClosureFactory
from tests.factories.emergencies import EmergencyFactory
from tests.factories.exports import CohortExportFactory
from tests.factories.form_schedules import FormScheduleFactory
from tests.factories.handovers import HandoverFactory
from tests.factories.incidents import IncidentReportFactory, IncidentTellingFactory
from tests.factories.networks import a_rollup
from tests.factories.outcomes import (
    CustodyStayFactory,
    FollowUpFactory,
    GoalFactory,
    GroupSessionFactory,
    HealthLineFactory,
    HousingRecordFactory,
    MoneyLineFactory,
    OffenceFactory,
    OutcomeFormFactory,
    OwnAnswersFactory,
    PoliceAgreementFactory,
    PoliceReferenceFactory,
    ProgrammeCostFactory,
    ReportFileFactory,
    ReportReleaseFactory,
    ReportRunFactory,
    ServiceUseFactory,
    SupportSessionFactory,
)
from tests.factories.paper import PaperLineFactory
from tests.factories.programme import (
    AreaFigureFactory,
    ClinicCorrectionFactory,
    DisruptionFactory,
    NeedEstimateFactory,
    PhaseLineFactory,
)
from tests.factories.readers import ReaderEditionsFactory
from tests.factories.treatment import a_member_of_staff, a_terminal, a_treatment_room
from tests.factories.unit_costs import UnitCostTableFactory
from tests.pages import shown

PASSWORD = "correct-horse-battery-staple"
METHODS = ("GET", "POST")


def listed_wrongly(found: list[Address], rows: tuple[Row, ...]) -> list[str]:
    """Return a sentence for each address that is not in the table, and each line whose address is gone."""
    there, named = {address.name for address in found}, {row.name for row in rows}
    return [
        *(f"{name} is not in the access matrix: write it down" for name in sorted(there - named)),
        *(f"{name} is in the access matrix and gone" for name in sorted(named - there)),
    ]


def unguarded(found: list[Address]) -> list[str]:
    """Return a sentence for each address whose view carries none of the marks."""
    return [
        f"{address.name} has no door: mark its view, as hat_clinic.accounts.access says"
        for address in found
        if not isinstance(getattr(address.view, "door", None), Door)
    ]


def guarded_otherwise(found: list[Address], rows: tuple[Row, ...]) -> list[str]:
    """Return a sentence for each address whose permission opens it to other roles than its line says."""
    views: dict[str, Any] = {address.name: address.view for address in found}
    violations = []
    for row in rows:
        permission = getattr(views.get(row.name), "permission", None)
        opened = {role for role in Role if permission and may(frozenset({role}), permission)}
        if opened != set(row.roles):
            violations.append(f"{row.name} is open to {_words(opened)}; its line says {_words(row.roles)}")
    return violations


def _words(roles: Iterable[Role]) -> str:
    return ", ".join(sorted(role.value for role in roles)) or "nobody"


@pytest.fixture(autouse=True)
def broker_answers(monkeypatch) -> None:
    monkeypatch.setattr(redis.Redis, "ping", lambda self: True)


class TestTheTable:
    def test_has_every_address(self) -> None:
        assert listed_wrongly(list(addresses(get_resolver())), ROWS) == []

    def test_without_an_address_is_seen(self) -> None:
        found = [Address("new", "new/", HttpResponse), Address("kept", "kept/", HttpResponse)]

        assert listed_wrongly(found, (Row("kept", 200, 405), Row("gone", 200, 405))) == [
            "new is not in the access matrix: write it down",
            "gone is in the access matrix and gone",
        ]

    def test_has_each_address_once(self) -> None:
        assert len({row.name for row in ROWS}) == len(ROWS)

    def test_gives_each_address_the_roles_of_its_permission(self) -> None:
        assert guarded_otherwise(list(addresses(get_resolver())), ROWS) == []

    def test_with_other_roles_is_seen(self) -> None:
        rows = tuple(
            Row(row.name, 200, 405, (*row.roles, Role.REFERRER)) if row.name == "dosing:see_board" else row
            for row in ROWS
        )

        assert guarded_otherwise(list(addresses(get_resolver())), rows) == [
            "dosing:see_board is open to clinical_lead, doctor, nurse, prescriber; "
            "its line says clinical_lead, doctor, nurse, prescriber, referrer"
        ]

    def test_is_the_page_in_the_docs(self) -> None:
        assert PAGE.read_text(encoding="utf-8") == written()


class TestEveryView:
    def test_carries_one_of_the_marks(self) -> None:
        assert unguarded(list(addresses(get_resolver()))) == []

    def test_without_a_mark_is_seen(self) -> None:
        open_door = type("Resolver", (), {"url_patterns": [path("x/", lambda request: None, name="x")]})

        assert unguarded(list(addresses(open_door))) == [
            "x has no door: mark its view, as hat_clinic.accounts.access says"
        ]


@pytest.fixture
def our_room() -> Any:
    return a_treatment_room()


@pytest.fixture
def things_of() -> Callable[[Any], Things]:
    """Return a function that gives what a treatment room's addresses name besides the clinic.

    A new kind of thing in an address is made here, once.
    """

    def things(room: Any) -> Things:
        # Of the edition that everybody reads who reads reports.
        public: dict[str, Any] = {"edition": "public", "figures": {"indicators": []}}
        first = ReportRunFactory(clinic=room.clinic, **public)
        ReportFileFactory(run=first, kind="pdf")
        ReportReleaseFactory(run=first)  # what outsiders read of changes is since the last they could read
        second = ReportRunFactory(clinic=room.clinic, issue=2, replaces=first, **public)
        file = ReportFileFactory(run=second, kind="pdf")
        ReportFileFactory(
            run=file.run, kind="html", content=b'<main class="hat-report"><h1>Report</h1></main>'
        )
        ReportReleaseFactory(run=file.run)
        other, _ = a_terminal(room.clinic, by=room.nurse, name="Treatment room 2")
        token = add_terminal(
            clinic=room.clinic, premises_id=None, name="Treatment room 3", by=room.nurse, at=now()
        )
        colleague = a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Hanif Rahman")
        return {
            "patient_id": room.patient.pk,
            "run_id": file.run.pk,
            "licence_id": room.premises.licences.first().pk,
            "version_id": room.order.protocol_id,
            "kind": "pdf",
            "terminal_id": other.pk,
            "token": token,
            "consent_id": room.patient.consents.first().pk,
            "assessment_id": room.episode.assessments.get().pk,
            **of_a_visit(room),
            **a_rollup(room.clinic),
            "table_kind": "csv",
            **lines_of_the_room(room),
            **of_urine(room),
            "group_id": GroupSessionFactory(clinic=room.clinic).pk,
            "report_id": (incident := IncidentReportFactory(clinic=room.clinic, patient=room.patient)).pk,
            "telling_id": IncidentTellingFactory(report=incident).pk,
            "support_id": SupportSessionFactory(clinic=room.clinic, patient=room.patient).pk,
            "health_id": HealthLineFactory(clinic=room.clinic, patient=room.patient).pk,
            "topic": "hbv",
            "money_id": MoneyLineFactory(clinic=room.clinic, patient=room.patient).pk,
            "money_topic": "debt",
            "housing_id": HousingRecordFactory(clinic=room.clinic, patient=room.patient).pk,
            "form_id": OutcomeFormFactory(clinic=room.clinic, patient=room.patient).pk,
            "answers_id": OwnAnswersFactory(clinic=room.clinic, patient=room.patient).pk,
            "stage": "review",
            "offence_id": OffenceFactory(clinic_id=room.clinic.pk, person_id=room.patient.pk).pk,
            "stay_id": CustodyStayFactory(clinic=room.clinic, patient=room.patient).pk,
            "agreement_id": PoliceAgreementFactory(clinic=room.clinic).pk,
            "reference_id": PoliceReferenceFactory(
                agreement__clinic=room.clinic, agreement__case_workers_see=False, patient=room.patient
            ).pk,
            "month": "2026-01",
            "cost_id": ProgrammeCostFactory(clinic=room.clinic).pk,
            "figure_id": AreaFigureFactory(clinic=room.clinic).pk,
            "estimate_id": NeedEstimateFactory(clinic=room.clinic).pk,
            "clinic_correction_id": ClinicCorrectionFactory(clinic=room.clinic).pk,
            "phase_line_id": PhaseLineFactory(clinic=room.clinic).pk,
            "disruption_id": DisruptionFactory(clinic=room.clinic).pk,
            "use_id": ServiceUseFactory(clinic=room.clinic, patient=room.patient).pk,
            "follow_up_id": FollowUpFactory(clinic=room.clinic, patient=room.patient).pk,
            "export_id": CohortExportFactory(clinic=room.clinic).pk,
            "editions_id": ReaderEditionsFactory(clinic=room.clinic).pk,
            "schedule_id": FormScheduleFactory(clinic=room.clinic).pk,
            "table_id": UnitCostTableFactory(clinic=room.clinic).pk,
            "aims_id": AimsVersionFactory(clinic=room.clinic).pk,
            "slot_id": AgencySlotFactory(clinic=room.clinic).pk,
            "appointment_id": AppointmentFactory(clinic=room.clinic, patient=room.patient).pk,
            "goal_id": GoalFactory(clinic=room.clinic, patient=room.patient).pk,
            "case_id": a_case(room).pk,
            "alert_id": AlertFactory(clinic=room.clinic, person=room.patient).pk,
            "contact_id": ContactDetailFactory(person=room.patient).pk,
            "relationship_id": RelationshipFactory(clinic=room.clinic, person=room.patient).pk,
            "statement_id": DisclosureFactory(clinic=room.clinic, person=room.patient, disclosed_at=now()).pk,
            "opening_id": RecordOpeningFactory(clinic=room.clinic).pk,
            "handover_id": HandoverFactory(clinic=room.clinic).pk,
            "closure_id": ClosureFactory(clinic=room.clinic).pk,
            "legal_hold_id": LegalHoldFactory(clinic=room.clinic).pk,
            "user_id": colleague.pk,
            "invitation_id": InvitationFactory(clinic=room.clinic).pk,
            **of_coming_in(room),
            "request_id": OrderRequestFactory(
                premises=room.premises, episode=room.episode, protocol=room.order.protocol
            ).pk,
            "prescription_id": PrescriptionPrintFactory(order=room.order, printed_by=colleague).pk,
            # A row alone: the emergency itself would hold the dose that is drawn up in the visit above.
            "emergency_id": EmergencyFactory(
                clinic=room.clinic, patient=room.patient, session=None, injection=None, begun_by=room.nurse
            ).pk,
            "line": 1,
            "line_id": PaperLineFactory(pack__clinic=room.clinic).pk,
            "pack_id": make_downtime_pack(clinic=room.clinic, by=room.nurse, at=now()).pk,
            **of_the_stock(room),
        }

    return things


def address_of(row: Row, clinic: Clinic, things: Things) -> str:
    """Return where a row leads, in a clinic, with the things named."""
    parts = {name: things[name] for name in row.things}
    if row.roles:
        parts["clinic_code"] = clinic.code
    return reverse(row.name, kwargs=parts)


@pytest.fixture
def enter(our_room, make_member, sign_in, sign_in_at_terminal) -> Callable[[str], Client]:
    """Return a function that gives the browser of an outsider, or of a member at our room's terminal by role.

    Whoever was signed out or locked by the last request is signed in again.
    """
    other = a_treatment_room()
    members: dict[str, User] = {role: make_member(our_room.clinic, role) for role in Role}
    stranger = make_member(other.clinic, Role.NURSE)
    for role in set(Role) - {Role.NURSE}:
        at = now()
        grant_role(user=stranger, clinic=other.clinic, role=role, by=None, at=at, **what_role_needs(role, at))
    newcomer = create_user(
        email="newcomer@clinic.example", full_name="New", password=PASSWORD, by=None, at=now()
    )
    grant_role(user=newcomer, clinic=our_room.clinic, role=Role.NURSE, by=None, at=now())

    browsers: dict[str, Client] = {}
    handler = Client().handler  # loads the middleware once, not at each of a thousand requests

    def give(who: str) -> Client:
        client = Client()
        client.handler = handler
        if who == ANONYMOUS:
            return client
        session = browsers[who].session if who in browsers else {}
        if SESSION_KEY in session and LOCKED_KEY not in session:
            return browsers[who]
        browsers[who] = client
        user = {NEWCOMER: newcomer, PASSWORD_ONLY: members[Role.NURSE], STRANGER: stranger, **members}[who]
        if who in (NEWCOMER, PASSWORD_ONLY):
            client.force_login(user)
        elif who == STRANGER:
            sign_in(client, user)
        else:
            sign_in_at_terminal(client, user, our_room.terminal, our_room.terminal_secret)
        session = client.session  # the password was just typed, so nobody is asked for it again
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time()}]
        session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = user_id_to_str(user)
        session.save()
        return client

    return give


@pytest.mark.django_db(databases=["default", "police"])
class TestEveryAddress:
    @pytest.mark.timeout(
        900
    )  # every address by everybody, one after the other: a link works once for all of them
    def test_answers_each_role_and_outsider_as_the_table_says(
        self, our_room, things_of, enter, settings
    ) -> None:
        settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 3600  # the walk may take longer than a sign-in is fresh
        things = things_of(our_room)
        surprises = []
        for row in ROWS:
            address = address_of(row, our_room.clinic, things)
            for who in (*OUTSIDERS, *Role):
                for method in METHODS:
                    answer = enter(who).generic(method, address)
                    if answer.status_code != row.expected(who, method):
                        surprises.append(
                            f"{method} {row.name} by {who}: {answer.status_code}, "
                            f"the table says {row.expected(who, method)}"
                        )

        assert surprises == [], "\n" + "\n".join(surprises)

    def test_hides_the_things_of_other_clinics_like_missing_ones(self, our_room, things_of, enter) -> None:
        theirs = things_of(a_treatment_room())
        surprises = []
        for row in ROWS:
            ids = [name for name in row.things if isinstance(theirs[name], uuid.UUID)]
            if not ids:
                continue
            missing = {**theirs, **{name: uuid.uuid4() for name in ids}}
            for role in row.roles:
                for method in METHODS:
                    if row.expected(role, method) == 405:
                        continue
                    other, none = (
                        enter(role).generic(method, address_of(row, our_room.clinic, things))
                        for things in (theirs, missing)
                    )
                    if other.status_code != 404 or shown(other) != shown(none):
                        surprises.append(f"{method} {row.name} by {role}: {other.status_code}")

        assert surprises == [], "\n" + "\n".join(surprises)

    def test_hides_other_clinics_like_missing_ones(self, our_room, things_of, enter) -> None:
        elsewhere = a_treatment_room()
        theirs = things_of(elsewhere)
        nowhere = Clinic(code="NOWHERE")
        client = enter(Role.NURSE)

        for row in ROWS:
            if row.roles:
                there = client.get(address_of(row, elsewhere.clinic, theirs))
                none = client.get(address_of(row, nowhere, theirs))
                assert there.status_code == 404, row.name
                assert shown(there) == shown(none), row.name

    def test_of_the_treatment_room_is_closed_away_from_a_terminal(
        self, our_room, things_of, make_member, sign_in
    ) -> None:
        things = things_of(our_room)
        views: dict[str, Any] = {address.name: address.view for address in addresses(get_resolver())}
        done_there = [row for row in ROWS if getattr(views[row.name], "permission", None) in AT_TERMINAL]
        assert done_there

        for row in done_there:
            client = sign_in(Client(), make_member(our_room.clinic, row.roles[0], row.name.replace(":", "-")))
            for method in METHODS:
                answer = client.generic(method, address_of(row, our_room.clinic, things))
                assert answer.status_code == 403, row.name
                assert "This is done at a treatment-room terminal" in answer.content.decode()

    def test_refuses_every_post_without_the_forms_token(self, our_room, things_of, enter) -> None:
        things = things_of(our_room)

        for row in ROWS:
            for who in (ANONYMOUS, *row.roles[:1]):
                client = enter(who)
                client.handler.enforce_csrf_checks = True
                answer = client.post(address_of(row, our_room.clinic, things))
                assert answer.status_code == 403, f"{row.name} by {who}"
