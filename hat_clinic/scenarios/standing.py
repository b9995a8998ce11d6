"""What the tables hold at one moment: rows by name, a digest of every clinical table, refusals in the trail."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.apps import apps
from django.db import connection
from django.db.models import Model, QuerySet, Sum

from dosing.models import (
    Acknowledgement,
    Amendment,
    AuthorisationUse,
    BalanceResult,
    Batch,
    DayClosing,
    Destruction,
    Discrepancy,
    GapDecision,
    Hold,
    Injection,
    OralDose,
    OralOrder,
    Order,
    OrderRequest,
    OxygenBaseline,
    PaperCase,
    Preparation,
    ProtocolVersion,
    RegisterEntry,
    Release,
    SessionOutcome,
)
from dosing.queries.standing import standing_mg
from dosing.rules.cases import CaseEventKind
from hat_clinic.audit.models import AuditEvent

COUNTED: dict[str, Callable[[], QuerySet[Model]]] = {
    "orders": lambda: Order.objects.all(),
    "orders_by_two": lambda: Order.objects.exclude(written_by=None),
    "order_requests": lambda: OrderRequest.objects.all(),
    "oral_orders": lambda: OralOrder.objects.all(),
    "injections": lambda: Injection.objects.all(),
    "register_entries": lambda: RegisterEntry.objects.all(),
    "outcomes": lambda: SessionOutcome.objects.all(),
    "protocols_approved": lambda: ProtocolVersion.objects.all(),
    "acknowledgements": lambda: Acknowledgement.objects.all(),
    "baselines": lambda: OxygenBaseline.objects.all(),
    "gap_decisions": lambda: GapDecision.objects.all(),
    "holds_lifted": lambda: Hold.objects.exclude(lifted_at=None),
    "releases": lambda: Release.objects.all(),
    "oral_doses": lambda: OralDose.objects.all(),
    "preparations": lambda: Preparation.objects.all(),
    "amendments": lambda: Amendment.objects.all(),
    "destructions": lambda: Destruction.objects.all(),
    "balance_checks": lambda: BalanceResult.objects.all(),
    "discrepancies_open": lambda: Discrepancy.objects.exclude(events__kind=CaseEventKind.CLASSIFIED),
    "conflicts_open": lambda: PaperCase.objects.filter(settlement=None),
    "days_closed": lambda: DayClosing.objects.all(),
}
# What is counted together. An order over the stop is signed only with its reason, which stays on it; a dose that a
# stop bars is drawn up only on a doctor's reason.
TOGETHER: dict[str, tuple[Callable[[], QuerySet[Model]], ...]] = {
    "overrides": (lambda: Order.objects.exclude(high_dose_reason=""), lambda: AuthorisationUse.objects.all()),
}
EVERY = {name: (rows,) for name, rows in COUNTED.items()} | TOGETHER
# Rows that are locks and answers kept for a repeat, and say nothing of anybody's treatment.
NOT_CLINICAL = {"dosing_dosingstate", "dosing_recordedrequest"}


@dataclass(frozen=True, slots=True)
class Standing:
    """What the tables hold at one moment: a number of rows by name, a digest of every clinical table, refusals.

    `stock` is the ampoules of every batch by its number; `day_totals` the milligrams that each person was given on
    each Europe/London day.
    """

    counts: dict[str, int]
    digests: dict[str, str]
    refusals: int
    stock: dict[str, int]
    day_totals: dict[tuple[uuid.UUID, date], int]


def take_standing() -> Standing:
    """Read what the tables hold now."""
    return Standing(
        counts={name: sum(rows().count() for rows in several) for name, several in EVERY.items()},
        digests={table: _digest(table) for table in _clinical_tables()},
        refusals=AuditEvent.objects.filter(outcome=AuditEvent.Outcome.REFUSED).count(),
        stock=dict(Batch.objects.values_list("number", "ampoules")),
        day_totals={
            (patient_id, on): mg
            for patient_id, on, mg in Injection.objects.values_list("patient_id", "given_on").annotate(
                mg=Sum(standing_mg())
            )
        },
    )


def _clinical_tables() -> list[str]:
    models = (model for label in ("dosing", "patients") for model in apps.get_app_config(label).get_models())
    return sorted({model._meta.db_table for model in models} - NOT_CLINICAL)


def _digest(table: str) -> str:
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), '')"  # noqa: S608 - a table of our own models, quoted
            f" FROM {name} t"
        )
        found: str = cursor.fetchone()[0]
    return found
