"""Signing a report off: by somebody who did not ask for it, under its hash; until then nobody outside reads it."""

from __future__ import annotations

import uuid
from html import unescape
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from outcomes.actions.releases import ReleaseKeyReused, ReleaseRefused, release_report
from outcomes.actions.reports import finish_request
from outcomes.models import ReportRelease, ReportRequest, ReportRun
from tests.factories import (
    ClinicFactory,
    ReportFileFactory,
    ReportReleaseFactory,
    ReportRequestFactory,
    ReportRunFactory,
)
from tests.pages import hidden_fields
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
FIGURES = {"indicators": []}


@pytest.fixture
def clinic():
    return ClinicFactory()


@pytest.fixture
def manager(clinic, make_member):
    return make_member(clinic, Role.MANAGER)


@pytest.fixture
def lead(clinic, make_member):
    return make_member(clinic, Role.CLINICAL_LEAD)


@pytest.fixture
def commissioner(clinic, make_member):
    return make_member(clinic, Role.COMMISSIONER)


@pytest.fixture
def run(clinic, manager) -> ReportRun:
    return a_printed_run(clinic, built_by=manager)


def a_printed_run(clinic, **more: Any) -> ReportRun:
    run = ReportRunFactory(**{"clinic": clinic, "figures": FIGURES, **more})
    for kind in ("pdf", "csv"):
        ReportFileFactory(run=run, kind=kind, content=kind.encode(), sha256=kind * 16)
    return run


def sign(run: ReportRun, by: Any, **more: Any) -> ReportRelease:
    given: dict[str, Any] = {
        "clinic": run.clinic,
        "run": run.pk,
        "figures_sha256": run.figures_sha256,
        "is_read": True,
        "key": uuid.uuid4(),
        **more,
    }
    return release_report(by=by, at=now(), **given)


def why_not(run: ReportRun, by: Any, **more: Any) -> list[str]:
    with pytest.raises(ReleaseRefused) as refusal:
        sign(run, by, **more)
    return refusal.value.decision.refusal_codes


class TestSigningOff:
    def test_names_the_frozen_report_by_its_hashes_once(self, run, lead):
        key = uuid.uuid4()

        first = sign(run, lead, key=key)

        assert sign(run, lead, key=key) == first
        assert (first.extract_sha256, first.figures_sha256) == (run.extract_sha256, run.figures_sha256)
        event = AuditEvent.objects.get(event="outcomes.report_released")
        assert (event.actor, event.detail["run"]) == (lead, str(run.pk))
        assert event.detail["sha256"] == run.figures_sha256

    def test_is_refused_to_whoever_built_it_and_the_trail_says_so(self, run, manager):
        assert why_not(run, manager) == ["release_own"]

        refused = AuditEvent.objects.get(event="outcomes.report_released", outcome="refused")
        assert refused.detail["codes"] == ["release_own"]
        assert not ReportRelease.objects.exists()

    def test_is_refused_to_whoever_asked_again_for_what_was_built(self, run, lead):
        ReportRequestFactory(clinic=run.clinic, requested_by=lead, run=run, finished_at=now())

        assert why_not(run, lead) == ["release_own"]

    def test_is_refused_to_other_roles_and_to_the_lead_of_another_clinic(
        self, run, commissioner, make_member
    ):
        stranger = make_member(ClinicFactory(), Role.CLINICAL_LEAD, "stranger")

        assert why_not(run, commissioner) == ["release_role"]
        assert why_not(run, stranger) == ["release_role"]

    def test_is_refused_of_a_replaced_an_unprinted_and_an_unread_one(self, run, lead, manager):
        newer = ReportRunFactory(clinic=run.clinic, issue=2, replaces=run, built_by=manager, figures=FIGURES)

        assert why_not(run, lead) == ["release_replaced"]
        assert why_not(newer, lead, is_read=False) == ["release_not_printed", "release_unread"]

    def test_is_refused_under_another_hash_and_a_second_time(self, run, lead):
        assert why_not(run, lead, figures_sha256="1" * 64) == ["release_other_hash"]

        sign(run, lead)

        assert why_not(run, lead) == ["release_again"]

    def test_does_not_know_another_clinics_report(self, run, lead):
        with pytest.raises(ReportRun.DoesNotExist):
            sign(run, lead, clinic=ClinicFactory())

    def test_refuses_a_key_that_signed_another_report(self, clinic, run, lead):
        key = uuid.uuid4()
        sign(run, lead, key=key)

        with pytest.raises(ReleaseKeyReused):
            sign(a_printed_run(clinic, issue=2), lead, key=key)


class TestTheTable:
    def test_refuses_the_signature_of_whoever_built_or_asked(self, run, manager, lead):
        ReportRequestFactory(clinic=run.clinic, requested_by=lead, run=run, finished_at=now())

        for signer in (manager, lead):
            with refused_by("release_is_signed_by_another"):
                ReportReleaseFactory(run=run, released_by=signer)

    def test_refuses_other_hashes(self, run):
        with refused_by("release_names_what_was_frozen"):
            ReportReleaseFactory(run=run, figures_sha256="1" * 64)

    def test_refuses_what_nobody_can_read_yet(self, clinic):
        with refused_by("release_is_of_a_printed_report"):
            ReportReleaseFactory(run=ReportRunFactory(clinic=clinic))

    def test_refuses_what_was_replaced(self, run):
        ReportRunFactory(clinic=run.clinic, issue=2, replaces=run)

        with refused_by("release_is_of_the_newest_issue"):
            ReportReleaseFactory(run=run)

    def test_holds_one_row_per_key(self, clinic, run):
        first = ReportReleaseFactory(run=run)

        with refused_by("one_release_per_key"):
            ReportReleaseFactory(run=a_printed_run(clinic, issue=2), key=first.key)

    def test_keeps_its_rows(self, run):
        ReportReleaseFactory(run=run)

        for statement in (
            "UPDATE outcomes_reportrelease SET key = key",
            "DELETE FROM outcomes_reportrelease",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


class TestThePages:
    @pytest.fixture
    def visit(self, clinic, sign_in):
        browsers: dict[int, Client] = {}

        def go(who: Any, name: str, data: dict[str, Any] | None = None, **things: Any):
            browser = browsers.setdefault(who.pk, sign_in(Client(), who))
            address = reverse(f"outcomes:{name}", kwargs={"clinic_code": clinic.code, **things})
            return browser.get(address) if data is None else browser.post(address, data)

        return go

    def test_show_nothing_outside_before_and_the_very_file_after(self, visit, run, lead, commissioner):
        file = {"run_id": run.pk, "kind": "pdf"}
        missing = visit(commissioner, "download_report", run_id=uuid.uuid4(), kind="pdf")
        assert "January 2026" not in text(visit(commissioner, "list_reports"))
        hidden = visit(commissioner, "download_report", **file)
        assert hidden.status_code == missing.status_code == 404
        assert "Sign off" in text(visit(lead, "list_reports"))

        page = visit(lead, "release_report", run_id=run.pk)
        assert run.figures_sha256 in text(page)
        done = visit(lead, "release_report", {**hidden_fields(page), "is_read": "on"}, run_id=run.pk)

        assert done.status_code == 302
        assert "January 2026" in text(visit(commissioner, "list_reports"))
        assert visit(commissioner, "download_report", **file).content == b"pdf"

    def test_ask_to_read_it_first(self, visit, run, lead):
        page = visit(lead, "release_report", run_id=run.pk)

        answer = visit(lead, "release_report", hidden_fields(page), run_id=run.pk)

        assert "Read the PDF, then tick that you have read it." in text(answer)
        assert not ReportRelease.objects.exists()

    def test_refuse_a_form_that_somebody_else_opened(self, visit, clinic, lead, make_member):
        other = make_member(clinic, Role.CLINICAL_LEAD, "other")
        run = a_printed_run(clinic)
        page = visit(lead, "release_report", run_id=run.pk)

        answer = visit(other, "release_report", {**hidden_fields(page), "is_read": "on"}, run_id=run.pk)

        assert "opened by somebody else" in text(answer)
        assert not ReportRelease.objects.exists()

    def test_say_why_the_asker_cannot_sign_and_what_became_of_an_issue(self, visit, run, manager, lead):
        assert "You asked for this report." in text(visit(manager, "release_report", run_id=run.pk))
        a_printed_run(run.clinic, issue=2, replaces=run)

        assert "A newer issue has replaced" in text(visit(lead, "release_report", run_id=run.pk))

    def test_do_not_know_another_clinics_report(self, visit, lead):
        theirs = a_printed_run(ClinicFactory())

        assert visit(lead, "release_report", run_id=theirs.pk).status_code == 404

    def test_keep_the_old_issue_readable_and_say_that_it_was_replaced(
        self, visit, run, lead, commissioner, manager
    ):
        sign(run, lead)
        newer = a_printed_run(run.clinic, issue=2, replaces=run, built_by=manager)
        before = text(visit(commissioner, "list_reports"))
        assert "A newer issue is built and not signed off yet." in before
        assert "issue 2" not in before

        sign(newer, lead)

        after = text(visit(commissioner, "list_reports"))
        assert "Replaced by issue 2" in after
        assert visit(commissioner, "download_report", run_id=run.pk, kind="csv").content == b"csv"

    def test_tell_what_a_new_issue_changed_and_why(self, visit, run, lead, commissioner, manager):
        sign(run, lead)
        changed = {
            "id": "flow.referred",
            "source": "clinic_record",
            "label": "People referred",
            "unit": "people",
            "value": 7,
            **dict.fromkeys(("numerator", "denominator", "missing", "note")),
            "suppressed": False,
        }
        newer = a_printed_run(
            run.clinic,
            issue=2,
            replaces=run,
            built_by=manager,
            reason="A referral came in late.",
            figures={"indicators": [changed]},
        )
        hidden = visit(commissioner, "see_changes", run_id=newer.pk)
        assert hidden.status_code == visit(commissioner, "see_changes", run_id=run.pk).status_code == 404
        assert "A referral came in late." in text(visit(lead, "release_report", run_id=newer.pk))

        sign(newer, lead)

        page = text(visit(commissioner, "see_changes", run_id=newer.pk))
        assert "Changes since issue 1 of January 2026" in page
        assert "A referral came in late." in page
        assert "People referred" in page
        file = visit(commissioner, "download_changes", run_id=newer.pk, table_kind="csv")
        assert (
            "flow.referred,clinic_record,People referred,not there,7,A referral came in late."
            in file.content.decode()
        )
        assert "restricted-issue-2-changes.csv" in file["Content-Disposition"]
        events = AuditEvent.objects.filter(event__startswith="outcomes.changes_").order_by("id")
        assert [one.detail["kind"] for one in events] == ["html", "csv"]
        assert "What changed" in text(visit(commissioner, "list_reports"))

    def test_compare_for_a_recipient_with_the_last_issue_that_was_signed_off(
        self, visit, clinic, run, lead, manager, commissioner
    ):
        def figures(value):
            held = {"missing": 0, "suppressed": False, "interval": None, "note": None, "unit": "people"}
            figure = {"id": "flow.referred", "source": "clinic_record", "label": "People referred", **held}
            return {"indicators": [figure | {"numerator": value, "denominator": None, "value": value}]}

        def issue(number, replaces, value, reason):
            return a_printed_run(
                clinic,
                built_by=manager,
                issue=number,
                replaces=replaces,
                reason=reason,
                figures=figures(value),
            )

        never = issue(2, run, 7, "A referral came in late.")
        first = issue(3, never, 9, "Two more came.")
        unread = text(visit(lead, "release_report", run_id=first.pk))
        assert "No earlier issue of this month was signed off, so the report lists no change." in unread
        assert "A referral came in late. Two more came." in unread
        sign(first, lead)

        assert visit(commissioner, "see_changes", run_id=first.pk).status_code == 404
        assert "What changed" not in text(visit(commissioner, "list_reports"))
        assert "Changes since issue 2" in text(visit(lead, "see_changes", run_id=first.pk))

        unseen = issue(4, first, 10, "A date was wrong.")
        last = issue(5, unseen, 11, "A name was there twice.")
        signed = text(visit(lead, "release_report", run_id=last.pk))
        assert "What changed since issue 3, the last that was signed off" in signed
        assert "A date was wrong. A name was there twice." in signed
        sign(last, lead)

        page = text(visit(commissioner, "see_changes", run_id=last.pk))
        assert "Changes since issue 3 of January 2026" in page
        assert "A date was wrong. A name was there twice." in page
        file = visit(commissioner, "download_changes", run_id=last.pk, table_kind="csv").content.decode()
        assert (
            "flow.referred,clinic_record,People referred,9,11,A date was wrong. A name was there twice."
            in file
        )
        assert "Changes since issue 4" in text(visit(lead, "see_changes", run_id=last.pk))

    def test_show_how_far_the_worker_is_and_load_anew_when_it_is_done(self, sign_in, clinic, manager):
        ReportRequestFactory(clinic=clinic, started_at=now(), stage="counting", tries=1)
        browser = sign_in(Client(), manager)
        address = reverse("outcomes:list_reports", kwargs={"clinic_code": clinic.code})

        poll = browser.get(address, headers={"HX-Request": "true"})

        assert 'max="3" value="1"' in text(poll)
        assert "<h1>" not in text(poll)
        assert "HX-Refresh" not in poll
        request = ReportRequest.objects.get()
        finish_request(request=request, run=None, failure="The disc is full.", by=manager, at=now())
        assert browser.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"

    def test_say_when_a_build_that_failed_is_tried_again(self, visit, clinic, manager):
        ReportRequestFactory(clinic=clinic, failure="The disc is full.", not_before=now(), tries=2)

        shown = text(visit(manager, "list_reports"))

        assert "is not built yet: The disc is full." in shown
        assert "tries left: 3" in shown

    def test_ask_why_a_month_is_built_again(self, visit, clinic, manager, run):
        address = {"month": "2026-01-01"}
        refused = text(visit(manager, "request_report", address))
        assert "Write why it is built again" in refused

        done = visit(manager, "request_report", {**address, "reason": "Late results."})

        assert done.status_code == 302
        assert ReportRequest.objects.get().reason == "Late results."

    def test_list_each_download_with_its_edition_and_hash(self, visit, run, lead, commissioner, manager):
        assert "Nobody has downloaded a report yet." in text(visit(manager, "list_downloads"))
        sign(run, lead)
        visit(commissioner, "download_report", run_id=run.pk, kind="csv")

        event = AuditEvent.objects.get(event="outcomes.report_downloaded")
        shown = text(visit(manager, "list_downloads"))

        assert event.detail == {
            "run": str(run.pk),
            "edition": "restricted",
            "issue": "1",
            "kind": "csv",
            "sha256": "csv" * 16,
        }
        assert "Commissioner" in shown
        assert "January 2026, restricted, issue 1" in shown
        assert "csvcsvcsvcsv" in shown


def text(answer: Any) -> str:
    return unescape(answer.content.decode())
