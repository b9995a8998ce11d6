"""A report that somebody else signed off, by the real action."""

from __future__ import annotations

import uuid

from factory.declarations import LazyFunction, SubFactory
from factory.django import DjangoModelFactory

from hat_clinic.accounts.models import User
from hat_clinic.core.clock import now
from outcomes.actions.releases import release_report
from outcomes.models import NoticeLetter, ReportNotice, ReportRelease, ReportRun
from tests.factories.accounts import UserFactory


def sign_off(run: ReportRun, *, by: User) -> ReportRelease:
    """Sign a printed report off, as a clinical lead or manager who did not ask for it."""
    return release_report(
        clinic=run.clinic,
        run=run.pk,
        figures_sha256=run.figures_sha256,
        is_read=True,
        key=uuid.uuid4(),
        by=by,
        at=now(),
    )


class ReportNoticeFactory(DjangoModelFactory[ReportNotice]):
    """Somebody to be told; the release is named."""

    class Meta:
        model = ReportNotice

    reader = SubFactory(UserFactory)


class NoticeLetterFactory(DjangoModelFactory[NoticeLetter]):
    """A letter that was sent; the notice is named."""

    class Meta:
        model = NoticeLetter

    outcome = "sent"
    settled_at = LazyFunction(now)
