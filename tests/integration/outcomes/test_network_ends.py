"""A group of clinics that ends, and a clinic that leaves one: what is put together after that, and what stays."""

from __future__ import annotations

import uuid
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.actions import grant_role
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.networks import (
    EndingRefused,
    RollupRefused,
    end_network,
    freeze_rollup,
    leave_network,
    request_rollup,
    take_part,
)
from outcomes.models import Network, NetworkEnd, NetworkLeaving, Rollup, RollupRequest
from outcomes.queries.networks import list_open_rollups
from outcomes.rules.evaluation.fingerprints import hash_of_document
from tests.factories import ClinicFactory, ReportFileFactory, ReportReleaseFactory, ReportRunFactory
from tests.factories.networks import (
    NetworkClinicFactory,
    NetworkEndFactory,
    NetworkFactory,
    NetworkLeavingFactory,
    RollupPartFactory,
    RollupRequestFactory,
    a_manager_who_reads,
)
from tests.pages import hidden_fields
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
IN_FEBRUARY = date(2026, 2, 10)


@pytest.fixture
def clinics():
    return [ClinicFactory(opened_on=date(2025, 1, 6)) for _ in range(3)]


@pytest.fixture
def manager(clinics, make_member):
    return a_manager_who_reads(clinics, make_member)


@pytest.fixture
def network(clinics) -> Network:
    """A group of the three, whose reports of three months are all signed off."""
    network = NetworkFactory(name="Teesside")
    figures = {"indicators": []}
    for clinic in clinics:
        NetworkClinicFactory(network=network, clinic=clinic)
        for month in (JANUARY, FEBRUARY, MARCH):
            run = ReportRunFactory(
                clinic=clinic, month=month, figures=figures, figures_sha256=hash_of_document(figures)
            )
            ReportFileFactory(run=run, kind="pdf")
            ReportReleaseFactory(run=run)
    return network


def ask(network: Network, by: Any, month: date, clinic: Any) -> RollupRequest:
    return request_rollup(clinic=clinic, network=network.pk, month=month, key=uuid.uuid4(), by=by, at=now())


def build(asked: RollupRequest, by: Any) -> Rollup:
    """Do what the worker does with one asking."""
    clinics = dict(list_open_rollups())[asked.pk]
    for clinic in clinics:
        take_part(request=asked.pk, clinic=clinic, by=by, at=now())
    rollup = freeze_rollup(request=asked.pk, by=by, at=now())
    assert rollup is not None
    return rollup


def end(network: Network, by: Any, clinic: Any, **more: Any) -> NetworkEnd:
    given = {"ended_on": IN_FEBRUARY, "why": "The contract is over.", **more}
    return end_network(clinic=clinic, network=network.pk, by=by, at=now(), **given)


def leave(network: Network, by: Any, clinic: Any, leaver: Any, **more: Any) -> NetworkLeaving:
    given = {"left_on": IN_FEBRUARY, "why": "It has another funder.", **more}
    return leave_network(clinic=clinic, network=network.pk, leaver=leaver.pk, by=by, at=now(), **given)


class TestEndingAGroup:
    def test_is_told_once_and_sent_again_changes_nothing(self, clinics, manager, network):
        first = end(network, manager, clinics[0])

        assert end(network, manager, clinics[0]) == first
        event = AuditEvent.objects.get(event="outcomes.network_ended")
        assert (event.detail, event.object_id) == ({"ended_on": "2026-02-10"}, str(network.pk))

    def test_stops_months_that_begin_after_it_and_no_other(self, clinics, manager, network):
        end(network, manager, clinics[0])

        asked = ask(network, manager, FEBRUARY, clinics[0])
        with pytest.raises(RollupRefused, match="ended on 10 February 2026"):
            ask(network, manager, MARCH, clinics[0])

        assert build(asked, manager).figures["clinics"] == sorted(one.code for one in clinics)

    def test_leaves_what_was_put_together_as_it_was(self, clinics, manager, network):
        rollup = build(ask(network, manager, JANUARY, clinics[0]), manager)

        end(network, manager, clinics[0])

        assert Rollup.objects.get().figures_sha256 == rollup.figures_sha256

    def test_is_refused_a_second_time_and_told(self, clinics, manager, network):
        end(network, manager, clinics[0])

        with pytest.raises(EndingRefused, match="This group ended on 10 February 2026"):
            end(network, manager, clinics[0], ended_on=date(2026, 2, 11))

        refused = AuditEvent.objects.get(event="outcomes.network_ended", outcome="refused")
        assert refused.detail["codes"] == ["network_ended"]
        assert NetworkEnd.objects.get().ended_on == IN_FEBRUARY

    def test_is_refused_before_a_month_that_was_asked_for(self, clinics, manager, network):
        ask(network, manager, MARCH, clinics[0])

        with pytest.raises(EndingRefused, match="Write 1 March 2026 or a later day"):
            end(network, manager, clinics[0])

    def test_is_refused_to_somebody_who_does_not_read_each_clinic(self, clinics, network, make_member):
        of_one = make_member(clinics[0], Role.MANAGER, "of_one")

        with pytest.raises(EndingRefused) as refusal:
            end(network, of_one, clinics[0])

        assert refusal.value.decision.refusal_codes == ["network_reader"]


class TestLeavingAGroup:
    def test_is_told_once_and_sent_again_changes_nothing(self, clinics, manager, network):
        first = leave(network, manager, clinics[0], clinics[2])

        assert leave(network, manager, clinics[0], clinics[2]) == first
        event = AuditEvent.objects.get(event="outcomes.network_left")
        assert event.detail == {
            "network": str(network.pk),
            "leaver": str(clinics[2].pk),
            "left_on": "2026-02-10",
        }

    def test_counts_in_its_last_month_and_is_not_missing_after_it(self, clinics, manager, network):
        leave(network, manager, clinics[0], clinics[2])

        february = build(ask(network, manager, FEBRUARY, clinics[0]), manager)
        march = build(ask(network, manager, MARCH, clinics[0]), manager)

        assert february.figures["clinics"] == sorted(one.code for one in clinics)
        assert march.figures["clinics"] == sorted(one.code for one in clinics[:2])
        assert march.figures["missing_clinics"] == []

    def test_is_refused_a_second_time_and_to_a_stranger_and_told(self, clinics, manager, network):
        leave(network, manager, clinics[0], clinics[2])
        NetworkClinicFactory(network=network, clinic=ClinicFactory())
        grant_role(
            user=manager,
            clinic=network.members.last().clinic,
            role=Role.COMMISSIONER,
            by=None,
            at=now(),
        )

        for leaver in (clinics[2], ClinicFactory()):
            with pytest.raises(EndingRefused, match="not in this group any more"):
                leave(network, manager, clinics[0], leaver, left_on=date(2026, 2, 11))

        refused = AuditEvent.objects.filter(event="outcomes.network_left", outcome="refused")
        assert [one.detail["codes"] for one in refused] == [["leaving_clinic"]] * 2

    def test_is_refused_to_the_last_two_and_after_the_end(self, clinics, manager, network):
        leave(network, manager, clinics[0], clinics[2])
        with pytest.raises(EndingRefused, match="end the group instead"):
            leave(network, manager, clinics[0], clinics[1])

        end(network, manager, clinics[0])
        with pytest.raises(EndingRefused) as refusal:
            leave(network, manager, clinics[0], clinics[1])
        assert refusal.value.decision.refusal_codes == ["network_ended", "leaving_last"]


class TestTheTables:
    def test_hold_one_end_with_its_reason_on_a_day_that_has_come(self):
        first = NetworkEndFactory()

        with refused_by("outcomes_networkend_pkey"):
            NetworkEndFactory(network=first.network)
        with refused_by("network_end_has_its_reason"):
            NetworkEndFactory(why="")
        with refused_by("network_end_has_come"):
            NetworkEndFactory(ended_on=london_date(first.ended_at).replace(year=2100))

    def test_hold_no_month_after_an_end_and_no_end_before_a_month(self):
        ended = NetworkEndFactory(ended_on=date(2026, 1, 31))
        RollupRequestFactory(network=ended.network, month=JANUARY)
        with refused_by("rollup_month_began_before_the_end"):
            RollupRequestFactory(network=ended.network, month=FEBRUARY)

        asked = RollupRequestFactory(month=FEBRUARY)
        with refused_by("network_ends_after_what_was_asked"):
            NetworkEndFactory(network=asked.network, ended_on=date(2026, 1, 31))

    def test_hold_one_leaving_with_its_reason_on_a_day_that_has_come(self, network):
        member = network.members.first()
        leaving = {"member": member}

        with refused_by("network_leaving_has_its_reason"):
            NetworkLeavingFactory(why="", **leaving)
        with refused_by("network_leaving_has_come"):
            NetworkLeavingFactory(left_on=date(2100, 1, 1), **leaving)
        NetworkClinicFactory(network=network)
        NetworkLeavingFactory(**leaving)
        with refused_by("outcomes_networkleaving_pkey"):
            NetworkLeavingFactory(**leaving)

    def test_hold_two_clinics_of_a_standing_group_after_what_was_asked(self, network):
        first, second, third = network.members.all()
        RollupRequestFactory(network=network, month=FEBRUARY)

        with refused_by("network_leaving_is_after_what_was_asked"):
            NetworkLeavingFactory(member=first, left_on=date(2026, 1, 31))
        NetworkLeavingFactory(member=first, left_on=FEBRUARY)
        with refused_by("network_leaving_keeps_two_clinics"):
            NetworkLeavingFactory(member=second, left_on=FEBRUARY)
        NetworkEndFactory(network=network, ended_on=FEBRUARY)
        with refused_by("network_leaving_is_of_a_standing_network"):
            NetworkLeavingFactory(member=third, left_on=FEBRUARY)

    def test_hold_no_part_of_a_clinic_that_had_left(self, network):
        member = network.members.first()
        NetworkLeavingFactory(member=member, left_on=date(2026, 1, 31))

        RollupPartFactory(request=RollupRequestFactory(network=network, month=JANUARY), clinic=member.clinic)
        with refused_by("rollup_part_is_of_the_network"):
            RollupPartFactory(
                request=RollupRequestFactory(network=network, month=FEBRUARY), clinic=member.clinic
            )

    def test_keep_their_rows(self, network):
        NetworkLeavingFactory(member=network.members.first())
        NetworkEndFactory(network=network)

        for statement in (
            "UPDATE outcomes_networkend SET ended_on = '2026-12-31'",
            "DELETE FROM outcomes_networkend",
            "UPDATE outcomes_networkleaving SET left_on = '2026-12-31'",
            "DELETE FROM outcomes_networkleaving",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


class TestThePages:
    @pytest.fixture
    def visit(self, clinics, sign_in):
        browsers: dict[Any, Client] = {}

        def go(who: Any, name: str, data: dict[str, Any] | None = None, **things: Any):
            browser = browsers.setdefault(who.pk, sign_in(Client(), who))
            address = reverse(f"outcomes:{name}", kwargs={"clinic_code": clinics[0].code, **things})
            return browser.get(address) if data is None else browser.post(address, data)

        return go

    def test_let_a_clinic_leave_and_end_the_group_and_say_so(self, visit, clinics, manager, network):
        build(ask(network, manager, JANUARY, clinics[0]), manager)
        of = {"network_id": network.pk}
        form = hidden_fields(visit(manager, "leave_network", **of))
        said = {"leaver": str(clinics[2].pk), "last_on": "10/02/2026", "why": "It has another funder"}
        for _ in range(2):
            assert visit(manager, "leave_network", {**form, **said}, **of).status_code == 302
        page = text(visit(manager, "list_networks"))
        assert f"{clinics[2].code} left on 10 February 2026: It has another funder" in page
        assert "A clinic leaves" not in page
        assert "End the group" in text(visit(manager, "leave_network", **of))

        form = hidden_fields(visit(manager, "end_network", **of))
        said = {"last_on": "20/02/2026", "why": "The contract is over"}
        for _ in range(2):
            assert visit(manager, "end_network", {**form, **said}, **of).status_code == 302

        page = text(visit(manager, "list_networks"))
        assert "Ended on 20 February 2026</strong>: The contract is over" in page
        assert "End this group" not in page
        assert "January 2026" in page
        assert "This group ended on 20 February 2026" in text(visit(manager, "end_network", **of))
        assert "No clinic leaves it any more" in text(visit(manager, "leave_network", **of))
        months = text(visit(manager, "request_rollup", **of))
        assert 'value="2026-02-01"' in months
        assert 'value="2026-03-01"' not in months
        rollup = RollupRequest.objects.get()
        assert visit(manager, "see_rollup", rollup_id=rollup.pk, **of).status_code == 200

    def test_say_what_is_wrong_beside_the_question(self, visit, clinics, manager, network):
        of = {"network_id": network.pk}
        form = hidden_fields(visit(manager, "end_network", **of))
        answer = text(visit(manager, "end_network", form, **of))
        assert "Write the last day of the group." in answer
        answer = text(visit(manager, "end_network", {**form, "last_on": "1/1/2100"}, **of))
        assert "That day is still to come." in answer
        assert "Write why, in at most 300 letters." in answer

        form = hidden_fields(visit(manager, "leave_network", **of))
        answer = text(visit(manager, "leave_network", form, **of))
        assert "Tap the clinic that leaves." in answer
        said = {"leaver": str(clinics[1].pk), "last_on": "1/1/2100", "why": "Over"}
        assert "That day is still to come." in text(visit(manager, "leave_network", {**form, **said}, **of))
        assert not NetworkEnd.objects.exists()
        assert not NetworkLeaving.objects.exists()

    def test_are_shut_to_whoever_does_not_read_each_clinic(self, visit, clinics, network, make_member):
        of_one = make_member(clinics[0], Role.MANAGER, "of_one")

        for name in ("end_network", "leave_network"):
            assert visit(of_one, name, network_id=network.pk).status_code == 404


def text(answer: Any) -> str:
    return unescape(answer.content.decode())
