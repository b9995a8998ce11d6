"""Who reads which edition: written by one, approved by another, in force from its day on, for each class of readers."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.readers import (
    ReadersKeyReused,
    ReadersRefused,
    approve_reader_editions,
    write_reader_editions,
)
from outcomes.models import ReaderEditions, ReaderEditionsApproval
from outcomes.queries.networks import clinics_read_by
from outcomes.queries.readers import get_grants
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.readers import EditionsSaid, Reader
from tests.factories import ClinicFactory, ReportFileFactory, ReportReleaseFactory, ReportRunFactory
from tests.factories.readers import ReaderEditionsApprovalFactory, ReaderEditionsFactory
from tests.pages import hidden_fields
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture
def clinic():
    return ClinicFactory()


@pytest.fixture
def lead(clinic, make_member):
    return make_member(clinic, Role.CLINICAL_LEAD, "lead")


@pytest.fixture
def manager(clinic, make_member):
    return make_member(clinic, Role.MANAGER, "manager")


def today() -> date:
    return london_date(now())


def write(clinic, by, *, key: uuid.UUID | None = None, **changes) -> ReaderEditions:
    said = {
        "reader": Reader.PROBATION,
        "from_day": today(),
        "has_restricted": False,
        "has_justice": True,
        "source": "Agreement",
    }
    return write_reader_editions(
        clinic=clinic, said=EditionsSaid(**(said | changes)), key=key or uuid.uuid4(), by=by, at=now()
    )


def approve(clinic, line, by, *, is_confirmed: bool = True) -> ReaderEditionsApproval:
    return approve_reader_editions(clinic=clinic, line=line.pk, is_confirmed=is_confirmed, by=by, at=now())


def read_by(clinic, *roles: Role, day: date | None = None) -> set[str]:
    return {edition.value for edition in get_grants([clinic.pk])[clinic.pk].editions(roles, day or today())}


class TestALine:
    def test_holds_from_its_first_day_once_another_approved_it(self, clinic, lead, manager):
        written = write(clinic, lead, from_day=today() + A_DAY)
        assert read_by(clinic, Role.PROBATION, day=today() + A_DAY) == {"public"}

        approve(clinic, written, manager)

        assert read_by(clinic, Role.PROBATION) == {"public"}
        assert read_by(clinic, Role.PROBATION, day=today() + A_DAY) == {"public", "justice"}
        assert read_by(clinic, Role.PRISON_GROUP, day=today() + A_DAY) == {"public"}
        assert read_by(ClinicFactory(), Role.PROBATION, day=today() + A_DAY) == {"public"}
        basis = get_grants([clinic.pk])[clinic.pk].on(Reader.PROBATION, today() + A_DAY).basis
        assert basis.startswith("Agreement. Written by ") and "approved by" in basis

    def test_takes_back_what_was_given_on_the_same_day(self, clinic, lead, manager):
        approve(clinic, write(clinic, lead), manager)

        approve(clinic, write(clinic, manager, has_justice=False, source="Agreement ended"), lead)

        assert read_by(clinic, Role.PROBATION) == {"public"}

    def test_is_stored_once(self, clinic, lead, manager):
        key = uuid.uuid4()
        written = write(clinic, lead, key=key)

        assert write(clinic, lead, key=key) == written
        with pytest.raises(ReadersKeyReused):
            write(clinic, lead, key=key, has_justice=False)
        assert approve(clinic, written, manager) == approve(clinic, written, manager)
        assert (ReaderEditions.objects.count(), ReaderEditionsApproval.objects.count()) == (1, 1)

    def test_is_refused_with_every_reason_and_the_trail_knows(self, clinic, lead):
        with pytest.raises(ReadersRefused) as refusal:
            write(clinic, lead, has_restricted=True, source="")

        assert refusal.value.decision.refusal_codes == ["readers_restricted", "readers_source"]
        event = AuditEvent.objects.get(event="outcomes.reader_editions_written")
        assert event.outcome == "refused" and ReaderEditions.objects.count() == 0

    def test_is_not_approved_by_whoever_wrote_it_twice_or_without_reading(
        self, clinic, lead, manager, make_member
    ):
        written = write(clinic, lead)

        for by, confirmed in ((lead, True), (manager, False)):
            with pytest.raises(ReadersRefused):
                approve(clinic, written, by, is_confirmed=confirmed)
        approve(clinic, written, manager)
        with pytest.raises(ReadersRefused, match="approved already"):
            approve(clinic, written, make_member(clinic, Role.MANAGER, "second"))
        refused = AuditEvent.objects.filter(event="outcomes.reader_editions_approved", outcome="refused")
        assert refused.count() == 3

    def test_of_another_clinic_is_not_there(self, lead, clinic):
        with pytest.raises(ReaderEditions.DoesNotExist):
            approve(clinic, ReaderEditionsFactory(), lead)


class TestInTheDatabase:
    @pytest.mark.parametrize("reader", ["police_commissioner", "probation", "prison_group"])
    def test_police_probation_and_prisons_never_get_exact_health(self, reader):
        with refused_by("readers_of_health_in_exact_numbers_may_have_them"):
            ReaderEditionsFactory(reader=reader, has_restricted=True)

    def test_a_line_rests_on_an_agreement_and_is_stored_once(self):
        for changes in ({"source": ""}, {"reader": "public"}):
            with refused_by("reader_editions_rest_on_an_agreement"):
                ReaderEditionsFactory(**changes)
        with refused_by("one_line_of_reader_editions_per_key"):
            ReaderEditionsFactory(key=ReaderEditionsFactory().key)

    def test_another_approves_on_the_first_day_at_the_latest(self):
        written = ReaderEditionsFactory()
        with refused_by("reader_editions_are_approved_by_another"):
            ReaderEditionsApprovalFactory(editions=written, approved_by=written.written_by)
        with refused_by("reader_editions_are_approved_before_they_hold"):
            ReaderEditionsApprovalFactory(editions=ReaderEditionsFactory(from_day=date(2020, 1, 1)))

    def test_rows_stay(self):
        ReaderEditionsApprovalFactory()

        for statement in (
            "UPDATE outcomes_readereditions SET has_justice = true",
            "DELETE FROM outcomes_readereditionsapproval",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


EDITIONS = [edition.value for edition in Edition]


class TestAReader:
    @pytest.fixture
    def runs(self, clinic):
        return {edition: a_released_run(clinic, edition) for edition in EDITIONS}

    @pytest.fixture
    def reads(self, clinic, runs, make_member, sign_in):
        browsers: dict[Role, Client] = {}

        def found(role: Role) -> list[str]:
            if role not in browsers:
                browsers[role] = sign_in(Client(), make_member(clinic, role, "reader"))
            browser = browsers[role]
            listed = browser.get(address(clinic, "list_reports")).content.decode()
            opened = []
            for edition, run in runs.items():
                answer = browser.get(address(clinic, "download_report", run_id=run.pk, kind="pdf"))
                assert (str(run.pk) in listed) is (answer.status_code == 200)
                assert answer.status_code in (200, 404)
                if answer.status_code == 200:
                    opened.append(edition)
            return opened

        return found

    @pytest.mark.parametrize(
        ("role", "proposed", "most"),
        [
            (Role.COMMISSIONER, ["restricted", "public"], EDITIONS),
            (Role.BOARD, ["public"], EDITIONS),
            (Role.POLICE_COMMISSIONER, ["public"], ["public", "justice"]),
            (Role.PROBATION, ["public"], ["public", "justice"]),
            (Role.PRISON_GROUP, ["public"], ["public", "justice"]),
            (Role.INSPECTOR, ["public"], EDITIONS),
            (Role.EVALUATOR, ["public"], EDITIONS),
        ],
    )
    def test_opens_what_the_class_is_given_and_nothing_else(self, clinic, reads, role, proposed, most):
        assert reads(role) == proposed

        line = ReaderEditionsFactory(
            clinic=clinic, reader=role.value, has_restricted="restricted" in most, has_justice=True
        )
        assert reads(role) == proposed

        ReaderEditionsApprovalFactory(editions=line)
        assert reads(role) == most

    def test_of_the_clinic_opens_everything(self, reads):
        assert reads(Role.CLINICAL_LEAD) == EDITIONS

    def test_of_exact_figures_alone_reads_those_of_groups(self, clinic, make_member):
        commissioner = make_member(clinic, Role.COMMISSIONER, "reads groups")
        assert list(clinics_read_by(user=commissioner, at=now())) == [clinic.pk]

        line = ReaderEditionsFactory(clinic=clinic, reader="commissioner", has_justice=False)
        ReaderEditionsApprovalFactory(editions=line)

        assert not clinics_read_by(user=commissioner, at=now())


def a_released_run(clinic, edition: str):
    run = ReportRunFactory(clinic=clinic, edition=edition, figures={"indicators": []})
    ReportFileFactory(run=run, kind="pdf")
    ReportReleaseFactory(run=run)
    return run


def address(clinic, name: str, **things) -> str:
    return reverse(f"outcomes:{name}", kwargs={"clinic_code": clinic.code, **things})


class TestThePages:
    def test_take_a_line_from_one_and_the_approval_from_another(self, client, sign_in, clinic, lead, manager):
        sign_in(client, lead)
        listed = client.get(address(clinic, "list_readers")).content.decode()
        assert "Nothing was decided at this clinic." in listed and "Not decided" in listed
        form = address(clinic, "write_reader_editions")
        typed = {
            "reader": "prison_group",
            "editions": ["justice"],
            "from_day": f"{today():%d/%m/%Y}",
            "source": "Agreement of 1 March",
        }

        assert client.post(form, hidden_fields(client.get(form)) | typed).status_code == 302
        assert "Waits for a colleague" in client.get(address(clinic, "list_readers")).content.decode()

        sign_in(client, manager)
        approval = address(clinic, "approve_reader_editions", editions_id=ReaderEditions.objects.get().pk)
        page = client.get(approval)
        assert "Agreement of 1 March" in page.content.decode()
        assert "Tick that you read" in client.post(approval, hidden_fields(page)).content.decode()
        assert client.post(approval, hidden_fields(page) | {"is_confirmed": "on"}).status_code == 302
        assert ReaderEditionsApproval.objects.get().approved_by == manager
        assert "public, justice" in client.get(address(clinic, "list_readers")).content.decode()

    def test_say_what_is_wrong_and_keep_what_was_typed(self, client, sign_in, clinic, lead):
        sign_in(client, lead)
        form = address(clinic, "write_reader_editions")
        hidden = hidden_fields(client.get(form))

        page = client.post(form, hidden | {"from_day": "1/1/2020", "source": "kept"}).content.decode()
        assert "Choose who reads it." in page and 'value="kept"' in page and 'value="1/1/2020"' in page

        typed = {"reader": "probation", "editions": ["restricted"], "from_day": "1/1/2020", "source": "kept"}
        page = client.post(form, hidden | typed).content.decode()
        assert "never the restricted edition" in page and "The first day is over" in page
        assert ReaderEditions.objects.count() == 0

    def test_say_that_a_key_was_used(self, client, sign_in, clinic, lead):
        sign_in(client, lead)
        form = address(clinic, "write_reader_editions")
        hidden = hidden_fields(client.get(form))
        typed = {"reader": "board", "from_day": f"{today():%d/%m/%Y}", "source": "Decision"}

        assert client.post(form, hidden | typed).status_code == 302
        page = client.post(form, hidden | typed | {"source": "Another"}).content.decode()

        assert "sent before with other answers" in page and ReaderEditions.objects.count() == 1

    def test_refuse_a_form_that_somebody_else_opened(self, client, sign_in, clinic, lead, manager):
        form = address(clinic, "write_reader_editions")
        sign_in(client, manager)
        theirs = hidden_fields(client.get(form))
        sign_in(client, lead)

        page = client.post(form, theirs | {"reader": "board"}).content.decode()

        assert "opened by somebody else" in page and ReaderEditions.objects.count() == 0

    def test_are_not_there_for_a_line_of_another_clinic(self, client, sign_in, clinic, lead):
        sign_in(client, lead)

        theirs = address(clinic, "approve_reader_editions", editions_id=ReaderEditionsFactory().pk)

        assert client.get(theirs).status_code == 404
