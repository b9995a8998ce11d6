"""People in treatment. All of them are invented."""

from __future__ import annotations

from datetime import date, timedelta

from factory import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from patients.models import (
    Assessment,
    Consent,
    ConsentWithdrawal,
    Episode,
    EpisodeStage,
    ImportRun,
    Person,
    PersonChange,
    PersonPhoto,
)
from patients.rules.consents import How, Purpose
from tests.factories.accounts import ClinicFactory, UserFactory
from tests.factories.moments import NINE, TODAY


class ImportRunFactory(DjangoModelFactory[ImportRun]):
    class Meta:
        model = ImportRun

    clinic = SubFactory(ClinicFactory)
    folder_sha256 = Sequence(lambda n: f"{n:064x}")
    imported_at = NINE
    imported_by = SubFactory(UserFactory)
    counts = LazyAttribute(lambda _: {"patients": 1})


class PersonFactory(DjangoModelFactory[Person]):
    class Meta:
        model = Person

    given_names = "Invented"
    family_name = Sequence(lambda n: f"Person{n}")
    born_on = date(1980, 1, 1)
    is_invented = True


class ImportedPersonFactory(DjangoModelFactory[Person]):
    class Meta:
        model = Person

    import_run = SubFactory(ImportRunFactory)
    imported_ref = Sequence(lambda n: f"P{n:03}")
    birth_year = 1980
    is_invented = True


class EpisodeFactory(DjangoModelFactory[Episode]):
    class Meta:
        model = Episode

    person = SubFactory(PersonFactory)
    clinic = SubFactory(ClinicFactory)
    accepted_on = TODAY - timedelta(days=30)
    started_on = SelfAttribute("accepted_on")


class ConsentFactory(DjangoModelFactory[Consent]):
    class Meta:
        model = Consent

    person = SubFactory(PersonFactory)
    purpose = Purpose.TREATMENT
    wording_version = "2026-11"
    given_at = NINE
    how = How.IN_WRITING
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class ConsentWithdrawalFactory(DjangoModelFactory[ConsentWithdrawal]):
    class Meta:
        model = ConsentWithdrawal

    consent = SubFactory(ConsentFactory)
    withdrawn_at = NINE
    recorded_by = SubFactory(UserFactory)


class AssessmentFactory(DjangoModelFactory[Assessment]):
    class Meta:
        model = Assessment

    episode = SubFactory(EpisodeFactory)
    number = 1
    opioid_since_year = 2001
    opioid_route = "injected"
    opioid_days_of_28 = 28
    injecting = "now"
    tolerance_evidence = "Seen to inject 1 g of street heroin a day."
    physical_health = "Breathless on stairs."
    mental_health = "Low, not suicidal."
    liver = "Hepatitis C treated."
    pregnancy = "not_applicable"
    alcohol = "None."
    benzodiazepines = "None."
    ecg = "normal"
    veins = "Both arms usable."
    naloxone = "held"
    options_offered = LazyAttribute(lambda _: ["injected", "oral"])
    option_chosen = "injected"
    why_in_their_words = "Methadone never held me."
    capacity = "yes"
    due_on = TODAY + timedelta(days=84)
    signed_by = SubFactory(UserFactory)
    signed_at = NINE


class EpisodeStageFactory(DjangoModelFactory[EpisodeStage]):
    class Meta:
        model = EpisodeStage

    episode = SubFactory(EpisodeFactory)
    number = 1
    stage = "settled"
    since_on = TODAY
    words = "No change of dose for four weeks."
    set_by = SubFactory(UserFactory)
    set_at = NINE


class PersonChangeFactory(DjangoModelFactory[PersonChange]):
    class Meta:
        model = PersonChange

    person = SubFactory(PersonFactory)
    version = 2
    changed_at = NINE
    changed_by = SubFactory(UserFactory)
    before = LazyAttribute(lambda _: {"phone": ""})
    after = LazyAttribute(lambda _: {"phone": "07700 900417"})


class PersonPhotoFactory(DjangoModelFactory[PersonPhoto]):
    class Meta:
        model = PersonPhoto

    person = SubFactory(PersonFactory)
    jpeg = b"\xff\xd8\xff"
    sha256 = "0" * 64
    added_at = NINE
    added_by = SubFactory(UserFactory)
