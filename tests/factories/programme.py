"""What disturbed the programme, and what is known of the area, as a manager entered it."""

from __future__ import annotations

import uuid

from factory.declarations import LazyAttribute, LazyFunction, SubFactory
from factory.django import DjangoModelFactory

from outcomes.models import (
    AreaFigure,
    ClinicCorrection,
    ClinicCorrectionApproval,
    Disruption,
    NeedEstimate,
    PhaseLine,
    ProgrammeFile,
)
from tests.factories.accounts import ClinicFactory, UserFactory
from tests.factories.outcomes import MONTH, NINE, TODAY


class DisruptionFactory(DjangoModelFactory[Disruption]):
    class Meta:
        model = Disruption

    clinic = SubFactory(ClinicFactory)
    from_on = TODAY
    kind = Disruption.Kind.CLOSED
    label = "flood"
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class AreaFigureFactory(DjangoModelFactory[AreaFigure]):
    class Meta:
        model = AreaFigure

    clinic = SubFactory(ClinicFactory)
    area = "Invented Town"
    from_on = MONTH
    to_on = TODAY
    measure = AreaFigure.Measure.RECORDED_ALL
    count = 1000
    source = "invented"
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class NeedEstimateFactory(DjangoModelFactory[NeedEstimate]):
    class Meta:
        model = NeedEstimate

    clinic = SubFactory(ClinicFactory)
    as_of = TODAY
    area = "Invented Town"
    people = 60
    method = "counted by hand (invented)"
    source = "invented"
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class PhaseLineFactory(DjangoModelFactory[PhaseLine]):
    """The first line of a phase, which comes into being with it."""

    class Meta:
        model = PhaseLine

    clinic = SubFactory(ClinicFactory)
    phase_id = LazyFunction(uuid.uuid4)
    name = "first year"
    from_on = MONTH
    to_on = TODAY
    places = 15
    sessions_per_day = 2
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class ClinicCorrectionFactory(DjangoModelFactory[ClinicCorrection]):
    """A correction of what stands: one place more."""

    class Meta:
        model = ClinicCorrection

    clinic = SubFactory(ClinicFactory)
    name = LazyAttribute(lambda row: row.clinic.name)
    opened_on = LazyAttribute(lambda row: row.clinic.opened_on)
    places = LazyAttribute(lambda row: row.clinic.places + 1)
    sessions_per_day = LazyAttribute(lambda row: row.clinic.sessions_per_day)
    was_name = LazyAttribute(lambda row: row.clinic.name)
    was_opened = LazyAttribute(lambda row: row.clinic.opened_on)
    was_places = LazyAttribute(lambda row: row.clinic.places)
    was_sessions_per_day = LazyAttribute(lambda row: row.clinic.sessions_per_day)
    why = "The contract names one place more"
    key = LazyFunction(uuid.uuid4)
    written_at = NINE
    written_by = SubFactory(UserFactory)


class ClinicCorrectionApprovalFactory(DjangoModelFactory[ClinicCorrectionApproval]):
    class Meta:
        model = ClinicCorrectionApproval

    correction = SubFactory(ClinicCorrectionFactory)
    approved_at = NINE
    approved_by = SubFactory(UserFactory)


class ProgrammeFileFactory(DjangoModelFactory[ProgrammeFile]):
    class Meta:
        model = ProgrammeFile

    clinic = SubFactory(ClinicFactory)
    name = "area.csv"
    sha256 = "0" * 64
    lines = 1
    imported_at = NINE
    imported_by = SubFactory(UserFactory)
