"""Rows of the worklist about how a dose ended: somebody left early, or a used syringe did not come back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from dosing.models import Contact, IdentityCheck, Injection, Release
from dosing.queries.standing import standing_mg, syringe_is_back
from dosing.queries.worklist_row import Row
from dosing.rules.contacts import TELLS_OF_THEM
from dosing.rules.moments import days_ago, moment_in_words
from dosing.rules.worklist import Group, Matter
from hat_clinic.accounts.models import Clinic

# Past this nobody waits any more for a word on it; the record itself stays. Unverified, our own proposal.
LOOKED_FOR: Final = timedelta(days=21)


def list_after_leaving(clinic: Clinic, at: datetime) -> list[Row]:
    """Return who left early, and whose syringe did not come back, in two statements.

    Each until somebody was reached and it was noted, or, for who left early, until the person was seen here again. The
    clinical lead reads the same list. Source: clinical rules 25 and 27.
    """
    return [*_left_early(clinic, at), *_syringes(clinic, at)]


def _left_early(clinic: Clinic, at: datetime) -> list[Row]:
    seen = IdentityCheck.objects.filter(
        patient=OuterRef("injection__patient"), is_right=True, made_at__gt=OuterRef("released_at")
    )
    left: QuerySet[Release] = (
        Release.objects.select_related("injection__patient", "session", "released_by")
        .filter(
            session__clinic=clinic,
            session__episode__exited_on__isnull=True,
            left_early=True,
            released_at__gt=at - LOOKED_FOR,
        )
        .exclude(Exists(seen))
        .exclude(_heard("session__episode", "released_at"))
    )
    return [
        Row(
            group=Group.NOW,
            matter=Matter.LEFT_EARLY,
            patient_id=one.injection.patient_id,
            name=one.injection.patient.full_name,
            tag="Left early",
            what="Left while still observed: is anybody with them, and how are they?",
            facts=f"“{one.reason}” Recorded by {one.released_by.full_name} on {moment_in_words(one.released_at)}.",
            since=days_ago(one.released_at, at),
            since_exactly=moment_in_words(one.released_at),
        )
        for one in left.order_by("released_at")
    ]


def _syringes(clinic: Clinic, at: datetime) -> list[Row]:
    missing = (
        Injection.objects.select_related("patient", "watched_by", "giver")
        .annotate(standing_mg=standing_mg())
        .alias(is_back=syringe_is_back())
        .filter(
            session__clinic=clinic,
            session__episode__exited_on__isnull=True,
            is_back=False,
            ended_at__gt=at - LOOKED_FOR,
        )
        .exclude(_heard("session__episode", "ended_at"))
    )
    return [
        Row(
            group=Group.TODAY,
            matter=Matter.SYRINGE,
            patient_id=one.patient_id,
            name=one.patient.full_name,
            tag="Syringe",
            what="A used syringe did not come back: ask for it, and tell the controlled-drug lead",
            facts=f"After {one.standing_mg} mg on {moment_in_words(one.ended_at)}, recorded by "
            f"{(one.watched_by or one.giver).full_name}.",
            since=days_ago(one.ended_at, at),
            since_exactly=moment_in_words(one.ended_at),
        )
        for one in missing.order_by("ended_at")
    ]


def _heard(episode: str, since: str) -> Any:
    """Return the condition that a contact reached the person, or somebody who has seen them, since a moment."""
    return Q(
        Exists(
            Contact.objects.filter(
                episode=OuterRef(episode), reached__in=list(TELLS_OF_THEM), noted_at__gt=OuterRef(since)
            )
        )
    )
