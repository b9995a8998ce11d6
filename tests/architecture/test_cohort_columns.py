"""Every column of the cohort files has a page on which somebody enters it in the course of their work.

The evaluation's figures come from these columns: one that no page can enter fails here.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import pytest
from django import forms
from django.urls import get_resolver

from dosing.forms.preparations import RecordInjection
from dosing.forms.visits import RecordNotGiven
from outcomes.forms.area import RecordAreaFigure, RecordNeedEstimate
from outcomes.forms.clinic_corrections import CorrectClinic
from outcomes.forms.costs import AmendCost, RecordCosts
from outcomes.forms.custody import RecordCustody
from outcomes.forms.disruptions import RecordDisruption
from outcomes.forms.housing import RecordHousing
from outcomes.forms.incidents import RecordIncident
from outcomes.forms.outcome_forms import RecordOutcomeForm
from outcomes.forms.own_answers import RecordOwnAnswers
from outcomes.forms.phases import RecordPhase
from outcomes.forms.service_use import RecordServiceUse
from outcomes.forms.support import LogSupportSession
from outcomes.forms.told_offences import RecordToldOffence
from outcomes.forms.urine import EnterUrineResult, TakeUrine
from outcomes.rules.cohort.columns import FORMATS
from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS
from patients.forms.endings import EndTreatment
from referrals.forms.asking import ReferPerson
from referrals.forms.deciding import AcceptReferral
from tests.architecture.addresses import Address, addresses
from tests.architecture.test_number_fields import made


@dataclass(frozen=True)
class Asked:
    """A page and the question on it that is answered with this column."""

    page: str
    form: type[forms.BaseForm]
    field: str


@dataclass(frozen=True)
class Known:
    """A page whose act tells this column without a question, and why nobody need type it."""

    page: str
    why: str


OPEN_PERSON = "The person whose page is open."
TODAY = "The session that runs when it is saved."

# File: column: where it is entered.
ENTERED: dict[str, dict[str, Asked | Known]] = {
    "programme.csv": {
        "clinic_code": Known(
            "outcomes:see_clinic",
            "Given once, when the clinic is opened: every address, label and file is made from it.",
        ),
        "clinic_name": Asked("outcomes:correct_clinic", CorrectClinic, "name"),
        **{
            name: Asked("outcomes:correct_clinic", CorrectClinic, name)
            for name in ("opened_on", "places", "sessions_per_day")
        },
    },
    "patients.csv": {
        "patient_ref": Known("referrals:refer_person", "The person gets a number of their own."),
        "sex": Asked("referrals:refer_person", ReferPerson, "sex"),
        "birth_year": Asked("referrals:refer_person", ReferPerson, "born_on"),
        "area": Asked("referrals:refer_person", ReferPerson, "area"),
        "referred_on": Known("referrals:refer_person", "The day it is sent."),
        "referral_source": Known("referrals:refer_person", "The agency of whoever sends it."),
        "assessed_on": Asked("referrals:accept_referral", AcceptReferral, "assessed_on"),
        "eligible": Known("referrals:accept_referral", "Accepting says so; declining says no."),
        "started_on": Known("dosing:record_injection", "The day of the first dose."),
        "exited_on": Known("patients:end_treatment", "The day it is saved."),
        "exit_reason": Asked("patients:end_treatment", EndTreatment, "reason"),
    },
    "attendance.csv": {
        "patient_ref": Known("dosing:record_not_given", OPEN_PERSON),
        "date": Known("dosing:record_not_given", TODAY),
        "session": Known("dosing:record_not_given", TODAY),
        "outcome": Asked("dosing:record_not_given", RecordNotGiven, "why"),
        "dose_mg": Asked("dosing:record_injection", RecordInjection, "given_mg"),
        "reason": Asked("dosing:record_not_given", RecordNotGiven, "why"),
    },
    "urine.csv": {
        "patient_ref": Known("outcomes:take_urine", "The person whose day was drawn."),
        "due_on": Known("outcomes:draw_urine_days", "The day that was drawn."),
        "taken_on": Asked("outcomes:take_urine", TakeUrine, "taken_on"),
        "assay": Asked("outcomes:enter_urine_result", EnterUrineResult, "assay"),
        "result": Asked("outcomes:enter_urine_result", EnterUrineResult, "found"),
    },
    "top.csv": {
        "patient_ref": Known("outcomes:record_outcome_form", OPEN_PERSON),
        "date": Asked("outcomes:record_outcome_form", RecordOutcomeForm, "on"),
        "stage": Known("outcomes:record_outcome_form", "The form that is due is opened by its stage."),
        **{
            item: Asked("outcomes:record_outcome_form", RecordOutcomeForm, item)
            for item in (*DAY_ITEMS, *SCORE_ITEMS, "assault", "housing_acute", "eviction_risk")
        },
        "sharing": Asked("outcomes:record_outcome_form", RecordOutcomeForm, "shared_needle"),
        "other_theft": Asked("outcomes:record_outcome_form", RecordOutcomeForm, "stole_property"),
    },
    "own.csv": {
        "patient_ref": Known("outcomes:record_own_answers", OPEN_PERSON),
        "date": Asked("outcomes:record_own_answers", RecordOwnAnswers, "on"),
        "stage": Known("outcomes:record_own_answers", "The questions are opened by their stage."),
        "spend_week_gbp": Asked("outcomes:record_own_answers", RecordOwnAnswers, "pounds"),
        "public_injecting": Asked("outcomes:record_own_answers", RecordOwnAnswers, "public_injecting"),
        "unsafe_disposal": Asked("outcomes:record_own_answers", RecordOwnAnswers, "unsafe_disposal"),
        "family_contact": Asked("outcomes:record_own_answers", RecordOwnAnswers, "family"),
    },
    "offences.csv": {
        "patient_ref": Known("outcomes:record_told_offence", OPEN_PERSON),
        "occurred_on": Asked("outcomes:record_told_offence", RecordToldOffence, "on"),
        "offence": Asked("outcomes:record_told_offence", RecordToldOffence, "kind"),
        "source": Known("outcomes:import_police_file", "A file of the police, or what the person told."),
    },
    "custody.csv": {
        "patient_ref": Known("outcomes:record_custody", OPEN_PERSON),
        "from": Asked("outcomes:record_custody", RecordCustody, "first_on"),
        "to": Asked("outcomes:record_custody", RecordCustody, "last_on"),
    },
    "service_use.csv": {
        "patient_ref": Known("outcomes:record_service_use", OPEN_PERSON),
        "from": Asked("outcomes:record_service_use", RecordServiceUse, "first_on"),
        "to": Asked("outcomes:record_service_use", RecordServiceUse, "last_on"),
        "source": Asked("outcomes:record_service_use", RecordServiceUse, "source"),
        "ambulance": Asked("outcomes:record_service_use", RecordServiceUse, "ambulance"),
        "ae": Asked("outcomes:record_service_use", RecordServiceUse, "ae"),
        "inpatient": Asked("outcomes:record_service_use", RecordServiceUse, "inpatient"),
    },
    "housing.csv": {
        "patient_ref": Known("outcomes:record_housing", OPEN_PERSON),
        "date": Asked("outcomes:record_housing", RecordHousing, "on"),
        "state": Asked("outcomes:record_housing", RecordHousing, "state"),
    },
    "support.csv": {
        "patient_ref": Known("outcomes:log_support_session", OPEN_PERSON),
        "date": Asked("outcomes:log_support_session", LogSupportSession, "on"),
        "domain": Asked("outcomes:log_support_session", LogSupportSession, "domain"),
        "attended": Asked("outcomes:log_support_session", LogSupportSession, "attended"),
        "minutes": Asked("outcomes:log_support_session", LogSupportSession, "minutes"),
        "agency": Asked("outcomes:log_support_session", LogSupportSession, "agency"),
    },
    "events.csv": {
        "patient_ref": Known("outcomes:record_incident", OPEN_PERSON),
        "date": Asked("outcomes:record_incident", RecordIncident, "happened_on"),
        "category": Asked("outcomes:record_incident", RecordIncident, "kind"),
        "on_site": Asked("outcomes:record_incident", RecordIncident, "place"),
        "naloxone": Asked("outcomes:record_incident", RecordIncident, "naloxone_given"),
        "place": Asked("outcomes:record_incident", RecordIncident, "place"),
        "drug_related": Asked("outcomes:record_incident", RecordIncident, "is_drug_related"),
    },
    "costs.csv": {
        "month": Known("outcomes:record_costs", "The month whose page is open."),
        "payer": Asked("outcomes:record_costs", RecordCosts, "payer"),
        "category": Asked("outcomes:amend_cost", AmendCost, "category"),
        "amount_gbp": Asked("outcomes:record_costs", RecordCosts, "staff_pounds"),
    },
    "area.csv": {
        "area": Asked("outcomes:record_area_figure", RecordAreaFigure, "area"),
        "from": Asked("outcomes:record_area_figure", RecordAreaFigure, "first_on"),
        "to": Asked("outcomes:record_area_figure", RecordAreaFigure, "last_on"),
        "measure": Asked("outcomes:record_area_figure", RecordAreaFigure, "measure"),
        "count": Asked("outcomes:record_area_figure", RecordAreaFigure, "count"),
        "source": Asked("outcomes:record_area_figure", RecordAreaFigure, "source"),
    },
    "need.csv": {
        name: Asked("outcomes:record_need_estimate", RecordNeedEstimate, name)
        for name in ("as_of", "area", "people", "method", "source")
    },
    "phases.csv": {
        "from": Asked("outcomes:record_phase", RecordPhase, "first_on"),
        "to": Asked("outcomes:record_phase", RecordPhase, "last_on"),
        **{
            name: Asked("outcomes:record_phase", RecordPhase, name)
            for name in ("name", "places", "sessions_per_day", "funded_by", "funded_until")
        },
    },
    "disruptions.csv": {
        "from": Asked("outcomes:record_disruption", RecordDisruption, "first_on"),
        "to": Asked("outcomes:record_disruption", RecordDisruption, "last_on"),
        "kind": Asked("outcomes:record_disruption", RecordDisruption, "kind"),
        "label": Asked("outcomes:record_disruption", RecordDisruption, "label"),
    },
}

COLUMNS = [(one.name, column.name) for one in FORMATS for column in one.columns]
PLACES = [(file, name, place) for file, columns in ENTERED.items() for name, place in columns.items()]


@pytest.fixture(scope="module")
def pages() -> dict[str, Address]:
    """Return every address of the program by its name."""
    return {address.name: address for address in addresses(get_resolver())}


class TestEveryColumn:
    @pytest.mark.parametrize(("file", "name"), COLUMNS)
    def test_is_entered_on_a_page(self, file: str, name: str) -> None:
        assert name in ENTERED.get(file, {}), f"{file}, {name}: name the page that enters it in ENTERED"

    def test_that_is_named_here_is_one_of_the_files(self) -> None:
        assert {(file, name) for file, name, _ in PLACES} <= set(COLUMNS)


class TestEveryPlace:
    @pytest.mark.parametrize(("file", "name", "place"), PLACES)
    def test_is_a_page_of_the_program(
        self, file: str, name: str, place: Asked | Known, pages: dict[str, Address]
    ) -> None:
        assert place.page in pages, f"{file}, {name}: there is no page {place.page}"

    @pytest.mark.parametrize(("file", "name", "place"), [one for one in PLACES if isinstance(one[2], Asked)])
    def test_asks_the_question_on_that_page(
        self, file: str, name: str, place: Asked, pages: dict[str, Address]
    ) -> None:
        shown_by: dict[str, Any] = vars(importlib.import_module(pages[place.page].view.__module__))

        assert shown_by.get(place.form.__name__) is place.form, f"{place.page} shows no {place.form.__name__}"
        assert place.field in made(place.form).fields, (
            f"{file}, {name}: {place.form.__name__} does not ask it"
        )

    @pytest.mark.parametrize(("file", "name", "place"), [one for one in PLACES if isinstance(one[2], Known)])
    def test_that_asks_nothing_says_why(self, file: str, name: str, place: Known) -> None:
        assert place.why.endswith("."), f"{file}, {name}"
