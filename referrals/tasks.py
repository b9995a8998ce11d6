"""The jobs that the worker runs for referrals. Thin: the action does the work."""

from __future__ import annotations

from celery import shared_task

from hat_clinic.accounts.actions import get_program
from hat_clinic.core.clock import now
from referrals.actions import purge_referral_drafts

PURGER = "referral draft purger"


@shared_task
def purge_drafts() -> int:
    """Empty referrals that were begun and not sent for 14 days. Returns how many."""
    at = now()
    return purge_referral_drafts(by=get_program(name=PURGER, at=at), at=at)
