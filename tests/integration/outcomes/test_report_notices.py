"""Readers are told of a report that was signed off: on the page, and by one letter without a figure."""

from __future__ import annotations

import re
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.actions import end_role
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from outcomes.actions.notices import send_notice
from outcomes.models import NoticeLetter, ReportNotice
from outcomes.queries.notices import find_late_letters, list_notices, list_waiting_notices
from outcomes.rules.notices import TRIED_FOR
from outcomes.tasks import send_notices
from tests.factories import ClinicFactory, ReportFileFactory, ReportRunFactory
from tests.factories.readers import ReaderEditionsApprovalFactory, ReaderEditionsFactory
from tests.factories.releases import NoticeLetterFactory, ReportNoticeFactory, sign_off
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture
def clinic():
    return ClinicFactory(name="Harbour clinic")


@pytest.fixture
def lead(clinic, make_member):
    return make_member(clinic, Role.CLINICAL_LEAD)


@pytest.fixture
def commissioner(clinic, make_member):
    return make_member(clinic, Role.COMMISSIONER)


@pytest.fixture
def release(clinic, lead, commissioner):
    return sign_off(a_run(clinic), by=lead)


def a_run(clinic, **more):
    run = ReportRunFactory(clinic=clinic, **{"figures": {"indicators": []}, **more})
    for kind in ("pdf", "html"):
        ReportFileFactory(run=run, kind=kind, content=b'<main class="hat-report"><h1>Report</h1></main>')
    return run


def told_of(release) -> set:
    return set(ReportNotice.objects.filter(release=release).values_list("reader", flat=True))


class TestANotice:
    def test_goes_to_the_readers_of_that_edition_and_to_nobody_else(
        self, clinic, lead, commissioner, make_member
    ):
        everybody = {
            role: make_member(clinic, role, f"a {role.value}")
            for role in (Role.BOARD, Role.PROBATION, Role.INSPECTOR, Role.NURSE, Role.MANAGER)
        }
        left = make_member(clinic, Role.COMMISSIONER, "left")
        left.is_active = False
        left.save()
        make_member(ClinicFactory(), Role.COMMISSIONER, "of another clinic")
        line = ReaderEditionsFactory(clinic=clinic, reader="board", has_restricted=True)
        ReaderEditionsApprovalFactory(editions=line)
        board, probation, inspector = (
            everybody[role].pk for role in (Role.BOARD, Role.PROBATION, Role.INSPECTOR)
        )

        restricted = sign_off(a_run(clinic), by=lead)
        public = sign_off(a_run(clinic, edition="public"), by=lead)

        assert told_of(restricted) == {commissioner.pk, board}
        assert told_of(public) == {commissioner.pk, board, probation, inspector}

    def test_is_sent_once_however_often_the_job_is_delivered(self, release, commissioner, lead):
        assert (send_notices(), send_notices()) == (1, 0)

        (letter,) = mail.outbox
        assert (letter.to, letter.cc, letter.bcc) == ([commissioner.email], [], [])
        assert letter.extra_headers == {"Auto-Submitted": "auto-generated"}
        assert re.findall(r"\d+", letter.subject + letter.body) == ["2026"]
        assert not send_notice(notice=ReportNotice.objects.get().pk, by=lead, at=now())
        assert len(mail.outbox) == 1
        event = AuditEvent.objects.get(event="outcomes.notice_settled")
        assert (event.detail["reader"], event.detail["why"]) == (str(commissioner.pk), "sent")

    def test_says_that_a_new_issue_replaces_the_one_before(self, release, clinic, lead):
        sign_off(a_run(clinic, issue=2, replaces=release.run), by=lead)

        send_notices()

        assert ["replaces an earlier issue" in letter.body for letter in mail.outbox] == [False, True]

    def test_is_not_sent_to_who_lost_the_role_or_the_edition_since(
        self, clinic, lead, commissioner, make_member
    ):
        other = make_member(clinic, Role.BOARD, "board")
        ReaderEditionsApprovalFactory(
            editions=ReaderEditionsFactory(clinic=clinic, reader="board", has_restricted=True)
        )
        run = sign_off(a_run(clinic), by=lead).run
        end_role(user=commissioner, clinic=clinic, role=Role.COMMISSIONER, by=lead, at=now())
        ReaderEditionsApprovalFactory(
            editions=ReaderEditionsFactory(clinic=clinic, reader="board", has_justice=False)
        )

        assert send_notices() == 0

        assert mail.outbox == []
        rows = list_notices(run_id=run.pk, at=now())
        assert {row.who for row in rows} == {commissioner.full_name, other.full_name}
        assert all(row.is_not_needed and not row.is_sent and not row.is_late for row in rows)
        assert list_waiting_notices(at=now()) == []


class TestAMailServer:
    @pytest.fixture
    def three_told(self, clinic, lead, make_member):
        for name in ("first", "second", "third"):
            make_member(clinic, Role.COMMISSIONER, name)
        return sign_off(a_run(clinic), by=lead)

    @pytest.fixture
    def answers(self, monkeypatch):
        """A list of what the server does with each letter; None takes it, and so it does when the list is empty."""
        planned: list[Exception | None] = []
        tried: list[str] = []
        real = EmailMessage.send

        def send(message, fail_silently=False):
            tried.extend(message.to)
            problem = planned.pop(0) if planned else None
            if problem is not None:
                raise problem
            return real(message, fail_silently)

        monkeypatch.setattr(EmailMessage, "send", send)
        return planned, tried

    def test_that_refuses_one_letter_keeps_no_other_back(self, three_told, answers):
        planned, tried = answers
        planned.append(SMTPRecipientsRefused({}))

        with pytest.raises(SMTPRecipientsRefused):
            send_notices()

        assert (len(tried), len(mail.outbox), NoticeLetter.objects.count()) == (3, 2, 2)
        assert send_notices() == 1
        assert sorted(one for letter in mail.outbox for one in letter.to) == sorted(set(tried))
        assert AuditEvent.objects.filter(event="outcomes.notice_settled").count() == 3

    @pytest.mark.parametrize("problem", [ConnectionRefusedError(), SMTPServerDisconnected("gone")])
    def test_that_is_down_is_asked_once_and_the_letters_go_out_later(self, three_told, answers, problem):
        planned, tried = answers
        planned.append(problem)

        with pytest.raises(type(problem)):
            send_notices()

        assert (len(tried), mail.outbox, NoticeLetter.objects.count()) == (1, [], 0)
        assert send_notices() == 3
        assert (send_notices(), len(mail.outbox)) == (0, 3)

    def test_that_is_slow_is_waited_for_with_the_letter_kept(self, three_told, monkeypatch):
        allowed = []

        def send(message, fail_silently=False):
            with connection.cursor() as cursor:
                cursor.execute("SHOW idle_in_transaction_session_timeout")
                allowed.append(cursor.fetchone()[0])

        monkeypatch.setattr(EmailMessage, "send", send)

        send_notices()

        assert allowed == ["3min"] * 3

    def test_that_stays_down_is_shown_to_who_signs_off_and_given_up_after_a_week(self, three_told, clinic):
        at, run = three_told.released_at, three_told.run.pk
        assert find_late_letters(clinic=clinic, at=at) is None

        late = find_late_letters(clinic=clinic, at=at + TEN_MINUTES)

        assert late is not None and (late.letters, late.since) == (3, at)
        assert [row.is_late for row in list_notices(run_id=run, at=at + TEN_MINUTES)] == [True] * 3
        assert find_late_letters(clinic=ClinicFactory(), at=at + TEN_MINUTES) is None
        assert len(list_waiting_notices(at=at + TEN_MINUTES)) == 3
        assert list_waiting_notices(at=at + TRIED_FOR) == []
        assert [row.is_given_up for row in list_notices(run_id=run, at=at + TRIED_FOR)] == [True] * 3


class TestTheTables:
    def test_tell_a_reader_once_of_a_report(self, release, commissioner):
        with refused_by("one_notice_of_a_report_per_reader"):
            ReportNoticeFactory(release=release, reader=commissioner)

    def test_keep_their_rows(self, release):
        NoticeLetterFactory(notice=ReportNotice.objects.get())

        for statement in ("DELETE FROM outcomes_noticeletter", "UPDATE outcomes_reportnotice SET id = id"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


class TestThePages:
    @pytest.fixture
    def listed(self, clinic, sign_in):
        browsers: dict[int, Client] = {}

        def text(who, name="list_reports", **things):
            browser = browsers.setdefault(who.pk, sign_in(Client(), who))
            kwargs = {"clinic_code": clinic.code, **things}
            return browser.get(reverse(f"outcomes:{name}", kwargs=kwargs)).content.decode()

        return text

    @pytest.mark.parametrize(("opened", "more"), [("download_report", {"kind": "pdf"}), ("see_report", {})])
    def test_say_what_is_new_until_it_is_opened_or_replaced(
        self, release, clinic, commissioner, lead, listed, opened, more
    ):
        assert "New for you: January 2026, restricted, issue 1." in listed(commissioner)
        newer = sign_off(a_run(clinic, issue=2, replaces=release.run), by=lead).run
        page = listed(commissioner)
        assert "New for you: January 2026, restricted, issue 2. It replaces the issue before." in page
        assert "New for you: January 2026, restricted, issue 1." not in page

        listed(commissioner, opened, run_id=newer.pk, **more)

        assert "New for you" not in listed(commissioner)

    def test_say_nothing_of_an_edition_that_was_taken_back(self, release, clinic, commissioner, listed):
        ReaderEditionsApprovalFactory(
            editions=ReaderEditionsFactory(clinic=clinic, reader="commissioner", has_justice=False)
        )

        assert "New for you" not in listed(commissioner)

    def test_tell_who_signs_off_of_letters_that_wait_and_nobody_else(
        self, release, lead, commissioner, listed, monkeypatch
    ):
        assert "goes out within a minute" in listed(lead, "release_report", run_id=release.run_id)
        assert "not sent" not in listed(lead)

        monkeypatch.setattr("outcomes.rules.notices.LATE_AFTER", timedelta(seconds=-1))

        assert "1 letter to readers is not sent, the oldest since" in listed(lead)
        assert "Not sent yet" in listed(lead, "release_report", run_id=release.run_id)
        assert "not sent" not in listed(commissioner)
        send_notices()
        assert "not sent" not in listed(lead)
        assert commissioner.full_name in listed(lead, "release_report", run_id=release.run_id)
