"""What stands on a page, and what it cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from hat_clinic.accounts.models import Clinic, User
from tests.factories.referrals import a_referral


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def queries_with(look: Callable[[], None], referrals: int, clinic: Clinic, referrer: User) -> int:
    """Return how many queries a page costs once so many more referrals are there."""
    for _ in range(referrals):
        a_referral(clinic, by=referrer)
    with CaptureQueriesContext(connection) as captured:
        look()
    return len(captured)
