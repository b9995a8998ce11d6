"""People in treatment. All of them are invented."""

from __future__ import annotations

from datetime import date, timedelta

from factory import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from patients.models import Episode, ImportRun, Person
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
