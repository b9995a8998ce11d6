"""What is written down around treatment of the demo's people: some lines each, by the real actions."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date
from outcomes.actions.custody import record_custody
from outcomes.actions.health import record_health_step
from outcomes.actions.housing import record_housing
from outcomes.actions.incidents import record_incident
from outcomes.actions.money import record_money
from outcomes.actions.outcome_forms import record_outcome_form
from outcomes.actions.own_answers import record_own_answers
from outcomes.actions.plans import set_goal
from outcomes.actions.service_use import record_service_use
from outcomes.actions.told_offences import record_told_offence
from outcomes.models import (
    CustodyStay,
    Goal,
    HealthLine,
    HousingRecord,
    IncidentReport,
    MoneyLine,
    Offence,
    OutcomeForm,
    OwnAnswers,
    ServiceUse,
)
from outcomes.rules.custody import CustodySaid
from outcomes.rules.health import HealthSaid, Topic
from outcomes.rules.housing import HousingSaid
from outcomes.rules.incidents import Harm, IncidentSaid, Kind, Where
from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS
from outcomes.rules.money import MoneySaid, MoneyTopic
from outcomes.rules.outcome_form import PARTS, OutcomeSaid, outcome_said
from outcomes.rules.own_answers import OwnSaid
from outcomes.rules.plans import GoalSaid
from outcomes.rules.service_use import UseSaid
from outcomes.rules.told_offences import OffenceTold
from patients.models import Episode

DANNY, LORRAINE, STEF, GEMMA, PAULIE, JADE = (
    "Danny Marsh",
    "Lorraine Tate",
    "Stef Novak",
    "Gemma Reid",
    "Paulie Grant",
    "Jade Linton",
)
Says = Callable[[date], Any]
# Who says what, told from today on: made anew at each start, so that no day of the demo lies years back.
HOMES: Final[tuple[tuple[str, Says], ...]] = (
    (DANNY, lambda today: HousingSaid(on=today - timedelta(days=200), state="sofa")),
    (GEMMA, lambda today: HousingSaid(on=today - timedelta(days=40), state="emergency")),
    (STEF, lambda today: HousingSaid(on=today - timedelta(days=300), state="supported")),
    (JADE, lambda today: HousingSaid(on=today - timedelta(days=500), state="own")),
)
MONEY: Final[tuple[tuple[str, Says], ...]] = (
    (
        DANNY,
        lambda today: MoneySaid(topic=MoneyTopic.BENEFIT, state="claimed", on=today, kind="universal_credit"),
    ),
    (DANNY, lambda today: MoneySaid(topic=MoneyTopic.DEBT, state="owed", on=today, kind="rent", pounds=640)),
    (GEMMA, lambda today: MoneySaid(topic=MoneyTopic.PAPERS, state="applied", on=today)),
    (JADE, lambda today: MoneySaid(topic=MoneyTopic.WORK, state="seeking", on=today - timedelta(days=30))),
)
HEALTH: Final[tuple[tuple[str, Says], ...]] = (
    (DANNY, lambda today: HealthSaid(topic=Topic.HBV, step="offered", on=today, source="here")),
    (GEMMA, lambda today: HealthSaid(topic=Topic.HCV, step="offered", on=today, source="here")),
    (
        JADE,
        lambda today: HealthSaid(
            topic=Topic.KIT, step="given", on=today, source="here", expires_on=today + timedelta(days=600)
        ),
    ),
)
GOALS: Final[tuple[tuple[str, Says], ...]] = (
    (
        DANNY,
        lambda today: GoalSaid(
            domain="welfare", words="The rent paid off", review_on=today + timedelta(days=28)
        ),
    ),
    (
        GEMMA,
        lambda today: GoalSaid(
            domain="housing", words="A flat with my own key", review_on=today + timedelta(days=14)
        ),
    ),
    (
        PAULIE,
        lambda today: GoalSaid(
            domain="family",
            words="See my sister at New Year",
            review_on=today + timedelta(days=21),
            wanted=True,
            safe=True,
        ),
    ),
)
USES: Final[tuple[tuple[str, Says], ...]] = (
    (
        DANNY,
        lambda today: UseSaid(
            first_on=today - timedelta(days=91),
            last_on=today - timedelta(days=1),
            source="self_reported",
            ambulance=1,
            ae=2,
            inpatient=0,
        ),
    ),
)
STAYS: Final[tuple[tuple[str, Says], ...]] = (
    (
        PAULIE,
        lambda today: CustodySaid(
            first_on=today - timedelta(days=20),
            last_on=today - timedelta(days=19),
            kind="police",
            source="self_reported",
        ),
    ),
)
TOLD: Final[tuple[tuple[str, Says], ...]] = (
    (DANNY, lambda today: OffenceTold(on=today - timedelta(days=12), kind="shoplifting")),
)
INCIDENTS: Final[tuple[tuple[str, Says], ...]] = (
    (
        LORRAINE,
        lambda today: IncidentSaid(
            happened_on=today,
            kind=Kind.INJURY,
            place=Where.CLINIC,
            harm=Harm.LOW,
            naloxone_given=False,
            is_drug_related=False,
            words="Slipped on the wet step and grazed a knee. Cleaned, plaster put on.",
        ),
    ),
)


def _form(today: date) -> OutcomeSaid:
    """Return what Gemma answered at the start: heroin nearly every day, crack now and then."""
    nothing = dict.fromkeys(DAY_ITEMS, (0, 0, 0, 0))
    parts = [part for group in PARTS.values() for part in group]
    return outcome_said(
        on=today,
        stage="start",
        weeks={
            **nothing,
            "opiates_days": (5, 7, 7, 7),
            "crack_days": (1, 0, 2, 1),
            "injecting_days": (5, 7, 7, 7),
        },
        yes_no=dict.fromkeys((*parts, "assault", "eviction_risk"), False) | {"housing_acute": True},
        scores=dict.fromkeys(SCORE_ITEMS, 9),
    )


FORMS: Final[tuple[tuple[str, Says], ...]] = ((GEMMA, _form),)
OWN: Final[tuple[tuple[str, Says], ...]] = (
    (
        GEMMA,
        lambda today: OwnSaid(
            on=today,
            stage="start",
            spend_week_pence=15_000,
            public_injecting=True,
            unsafe_disposal=False,
            family_contact="wanted_not",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Lines of one kind: where they stand, what is said of whom, and the action that writes them."""

    table: Any
    lines: Iterable[tuple[str, Says]]
    write: Callable[..., Any]
    by_nurse: bool = False


SHEETS: Final = (
    Sheet(HousingRecord, HOMES, record_housing),
    Sheet(MoneyLine, MONEY, record_money),
    Sheet(HealthLine, HEALTH, record_health_step, by_nurse=True),
    Sheet(Goal, GOALS, set_goal),
    Sheet(ServiceUse, USES, record_service_use),
    Sheet(CustodyStay, STAYS, record_custody),
    Sheet(Offence, TOLD, record_told_offence),
    Sheet(OutcomeForm, FORMS, record_outcome_form),
    Sheet(OwnAnswers, OWN, record_own_answers),
    Sheet(IncidentReport, INCIDENTS, record_incident, by_nurse=True),
)


def write_demo_lives(*, clinic: Clinic, by: User, nurse: User, at: datetime) -> None:
    """Write down what is told of the demo's people; `by` is the case worker. What has a line already is left alone."""
    today = london_date(at)
    treated = {
        episode.person.full_name: episode.person_id
        for episode in Episode.objects.filter(clinic=clinic, exited_on__isnull=True).select_related("person")
    }
    for sheet in SHEETS:
        if sheet.table.objects.filter(clinic_id=clinic.id).exists():
            continue
        writer = nurse if sheet.by_nurse else by
        more = {"owner": writer.pk} if sheet.write is set_goal else {}
        for name, says in sheet.lines:
            if name in treated:
                sheet.write(
                    clinic=clinic,
                    person=treated[name],
                    said=says(today),
                    key=uuid.uuid4(),
                    by=writer,
                    at=at,
                    **more,
                )
