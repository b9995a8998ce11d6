"""The aims of a programme: written by one, approved by another, frozen with the report that prints them."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.aims import AimsKeyReused, AimsRefused, approve_aims, write_aims
from outcomes.actions.evaluation.build import build_report
from outcomes.models import AimsApproval, AimsVersion
from outcomes.queries.aims import get_aims_page, list_aims_in_force
from outcomes.queries.evaluation.runs import print_run
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.written_aims import AimSaid, AimsSaid
from tests.factories import ClinicFactory
from tests.factories.aims import AimsApprovalFactory, AimsVersionFactory
from tests.pages import hidden_fields
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture
def clinic():
    return ClinicFactory(opened_on=date(2025, 1, 6))


@pytest.fixture
def lead(clinic, make_member):
    return make_member(clinic, Role.CLINICAL_LEAD, "lead")


@pytest.fixture
def manager(clinic, make_member):
    return make_member(clinic, Role.MANAGER, "manager")


def tomorrow() -> date:
    return london_date(now()) + A_DAY


def aim(words: str = "Fewer deaths", *figures: str) -> AimSaid:
    return AimSaid(words=words, figures=figures or ("flow.started",), unknown="Chance")


def write(clinic, by, *aims: AimSaid, from_day: date | None = None, key=None) -> AimsVersion:
    said = AimsSaid(from_day=from_day or tomorrow(), aims=aims or (aim(),), source="An agreement")
    return write_aims(clinic=clinic, said=said, key=key or uuid.uuid4(), by=by, at=now())


def approve(clinic, version, by, *, is_confirmed: bool = True) -> AimsApproval:
    return approve_aims(clinic=clinic, version=version.pk, is_confirmed=is_confirmed, by=by, at=now())


def words_in_force(clinic, as_of: date) -> list[str]:
    return [row["words"] for row in list_aims_in_force(clinic=clinic, as_of=as_of)]


class TestAims:
    def test_are_in_force_after_their_first_day_once_another_approved_them(self, clinic, lead, manager):
        opening = clinic.opened_on
        first = write(clinic, manager, from_day=opening)
        assert words_in_force(clinic, tomorrow()) == []

        approve(clinic, first, lead)

        assert words_in_force(clinic, opening) == []
        assert words_in_force(clinic, opening + A_DAY) == ["Fewer deaths"]
        assert words_in_force(ClinicFactory(), tomorrow()) == []

    def test_keep_those_before_for_the_days_before(self, clinic, lead, manager):
        approve(clinic, write(clinic, manager, from_day=clinic.opened_on), lead)
        approve(clinic, write(clinic, manager, aim("More homes"), aim("More work")), lead)

        assert words_in_force(clinic, tomorrow()) == ["Fewer deaths"]
        assert words_in_force(clinic, tomorrow() + A_DAY) == ["More homes", "More work"]

    def test_that_replace_others_begin_tomorrow_or_later(self, clinic, lead, manager):
        first, second = (write(clinic, manager, from_day=clinic.opened_on) for _ in range(2))
        approve(clinic, first, lead)

        with pytest.raises(AimsRefused, match="after the fact"):
            approve(clinic, second, lead)
        with pytest.raises(AimsRefused, match="after the fact"):
            write(clinic, manager, from_day=london_date(now()))

    def test_of_the_clinic_win_over_those_that_are_shipped(self, make_member):
        house = ClinicFactory(code="MBRO", opened_on=date(2019, 10, 7))
        assert len(words_in_force(house, tomorrow())) == 6
        own = write(house, make_member(house, Role.MANAGER, "their-manager"), aim("Their own"))

        approve(house, own, make_member(house, Role.CLINICAL_LEAD, "their-lead"))

        assert len(words_in_force(house, tomorrow())) == 6
        assert words_in_force(house, tomorrow() + A_DAY) == ["Their own"]

    def test_are_stored_once(self, clinic, lead, manager):
        key = uuid.uuid4()
        written = write(clinic, manager, key=key)

        assert write(clinic, manager, key=key) == written
        with pytest.raises(AimsKeyReused):
            write(clinic, manager, aim("Others"), key=key)
        with pytest.raises(AimsKeyReused):
            write(clinic, lead, key=key)
        assert approve(clinic, written, lead) == approve(clinic, written, lead)
        assert (AimsVersion.objects.count(), AimsApproval.objects.count()) == (1, 1)

    def test_are_refused_with_every_reason_and_the_trail_knows(self, clinic, manager):
        with pytest.raises(AimsRefused) as refusal:
            write(clinic, manager, aim("", "no.figure"), from_day=date(2024, 1, 1))

        assert len(refusal.value.decision.refusals) == 3
        assert AuditEvent.objects.get(event="outcomes.aims_written").outcome == "refused"
        assert AimsVersion.objects.count() == 0

    def test_are_not_approved_by_whoever_wrote_them_twice_or_unread(self, clinic, lead, manager, make_member):
        written = write(clinic, manager)

        for by, confirmed in ((manager, True), (lead, False)):
            with pytest.raises(AimsRefused):
                approve(clinic, written, by, is_confirmed=confirmed)
        approve(clinic, written, lead)
        with pytest.raises(AimsRefused, match="approved already"):
            approve(clinic, written, make_member(clinic, Role.MANAGER, "second"))
        assert AuditEvent.objects.filter(event="outcomes.aims_approved", outcome="refused").count() == 3

    def test_of_another_clinic_are_not_there(self, clinic, lead):
        with pytest.raises(AimsVersion.DoesNotExist):
            approve(clinic, AimsVersionFactory(), lead)


class TestInTheDatabase:
    def test_aims_are_one_to_eight_from_somewhere_and_stored_once(self):
        one = AimsVersionFactory()
        for aims in ([], {}, one.aims * 9):
            with refused_by("aims_are_one_to_eight"):
                AimsVersionFactory(aims=aims)
        with refused_by("aims_say_where_they_come_from"):
            AimsVersionFactory(source="")
        with refused_by("one_aims_version_per_key"):
            AimsVersionFactory(key=one.key)

    def test_another_approves_and_later_ones_before_their_first_day(self):
        written = AimsVersionFactory(from_day=date(2020, 1, 1))
        with refused_by("aims_are_approved_by_another"):
            AimsApprovalFactory(version=written, approved_by=written.written_by)
        AimsApprovalFactory(version=written)
        later = AimsVersionFactory(clinic=written.clinic, from_day=date(2020, 2, 1))
        with refused_by("later_aims_are_approved_before_they_begin"):
            AimsApprovalFactory(version=later)


class TestTheReport:
    AT = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def _build(self, clinic, by, edition=Edition.RESTRICTED, at=AT):
        return build_report(clinic=clinic.id, month=date(2025, 12, 1), edition=edition, by=by, at=at)

    def test_prints_the_aims_frozen_with_it_whatever_is_written_later(self, clinic, lead, manager):
        approve(clinic, write(clinic, manager, aim("Fewer deaths"), from_day=clinic.opened_on), lead)
        run = self._build(clinic, manager)
        approve(clinic, write(clinic, manager, aim("Something else")), lead)

        files = print_run(run.id)

        assert self._build(clinic, manager) == run
        html = files["html"].decode()
        assert "Aim 1. Fewer deaths." in html and "Something else" not in html
        assert "Where from" in html and "What cannot be known." in html
        assert b"aims" in files["ods"] or b"content.xml" in files["ods"]

    def test_has_a_page_that_says_so_without_aims_in_both_editions(self, clinic, manager):
        for edition in (Edition.RESTRICTED, Edition.PUBLIC):
            html = print_run(self._build(clinic, manager, edition).id)["html"].decode()
            assert "No aims of the programme were written down" in html

    def test_prints_in_the_public_edition_what_it_tells_elsewhere(self, clinic, lead, manager):
        approve(clinic, write(clinic, manager, from_day=clinic.opened_on), lead)

        html = print_run(self._build(clinic, manager, Edition.PUBLIC).id)["html"].decode()

        assert "Aim 1. Fewer deaths." in html and "People who started treatment: 0." in html


class TestThePages:
    def typed(self, **changes) -> dict[str, str]:
        return {
            "from_day": f"{tomorrow():%d/%m/%Y}",
            "aim_1_words": "Fewer deaths",
            "aim_1_figure_1": "safety.deaths.in_treatment",
            "aim_1_unknown": "Chance",
            "source": "An agreement",
        } | changes

    def test_take_aims_from_one_and_the_approval_from_another(self, client, sign_in, clinic, lead, manager):
        sign_in(client, manager)
        address = reverse("outcomes:write_aims", args=[clinic.code])

        sent = client.post(address, hidden_fields(client.get(address)) | self.typed())
        assert sent.status_code == 302
        listed = client.get(reverse("outcomes:see_aims", args=[clinic.code])).content.decode()
        assert "Waits for a colleague" in listed and "No aims are in force" in listed

        sign_in(client, lead)
        listed = client.get(reverse("outcomes:see_aims", args=[clinic.code])).content.decode()
        assert "Read and approve" in listed
        address = reverse("outcomes:approve_aims", args=[clinic.code, AimsVersion.objects.get().pk])
        page = client.get(address)
        assert "Deaths in treatment" in page.content.decode()
        assert "Tick that you read" in client.post(address, hidden_fields(page)).content.decode()
        assert client.post(address, hidden_fields(page) | {"is_confirmed": "on"}).status_code == 302
        assert AimsApproval.objects.get().approved_by == lead

    def test_begin_with_what_is_in_force(self, client, sign_in, clinic, lead, manager):
        approve(clinic, write(clinic, manager, from_day=clinic.opened_on), lead)
        sign_in(client, manager)

        page = client.get(reverse("outcomes:write_aims", args=[clinic.code])).content.decode()

        assert 'value="Fewer deaths"' in page and '<option value="flow.started" selected' in page
        listed = client.get(reverse("outcomes:see_aims", args=[clinic.code])).content.decode()
        assert "People who started treatment" in listed and "Version 1." in listed

    def test_say_what_is_wrong_at_its_own_place_and_keep_what_was_typed(
        self, client, sign_in, clinic, manager
    ):
        sign_in(client, manager)
        address = reverse("outcomes:write_aims", args=[clinic.code])
        wrong = {"aim_3_words": "A third", "aim_3_figure_1": "flow.started", "from_day": "1/1/2020"}

        page = client.post(address, hidden_fields(client.get(address)) | self.typed(**wrong)).content.decode()

        assert 'href="#id_aim_3_unknown"' in page and 'href="#id_from_day"' in page
        assert 'value="A third"' in page and 'value="1/1/2020"' in page
        assert AimsVersion.objects.count() == 0

    def test_refuse_a_figure_that_is_not_on_the_list(self, client, sign_in, clinic, manager):
        sign_in(client, manager)
        address = reverse("outcomes:write_aims", args=[clinic.code])

        page = client.post(
            address, hidden_fields(client.get(address)) | self.typed(aim_1_figure_1="secret.figure")
        ).content.decode()

        assert "Choose a figure from the list" in page and AimsVersion.objects.count() == 0

    def test_refuse_a_form_that_somebody_else_opened_and_one_key_for_two_versions(
        self, client, sign_in, clinic, lead, manager
    ):
        address = reverse("outcomes:write_aims", args=[clinic.code])
        sign_in(client, lead)
        theirs = hidden_fields(client.get(address))
        sign_in(client, manager)
        assert "opened by somebody else" in client.post(address, theirs | self.typed()).content.decode()

        mine = hidden_fields(client.get(address))
        assert client.post(address, mine | self.typed()).status_code == 302
        again = client.post(address, mine | self.typed(source="Another")).content.decode()
        assert "sent before with other answers" in again and AimsVersion.objects.count() == 1

    def test_say_of_a_version_nobody_approved_in_time(self, clinic, lead, manager):
        approve(clinic, write(clinic, manager, from_day=clinic.opened_on), lead)
        AimsVersionFactory(clinic=clinic, from_day=london_date(now()))

        page = get_aims_page(clinic=clinic, reader=lead.pk, today=london_date(now()))

        assert [row.is_too_late for row in page.rows] == [True, True]

    def test_are_refused_for_aims_of_another_clinic(self, client, sign_in, clinic, lead):
        sign_in(client, lead)
        address = reverse("outcomes:approve_aims", args=[clinic.code, AimsVersionFactory().pk])

        assert client.get(address).status_code == 404
