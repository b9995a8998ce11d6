"""What a file of the national dataset says of help and of a postcode, and which wording lets it out of the clinic."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest

import outcomes
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.actions.ndtms import export_ndtms, load_code_set
from outcomes.queries.ndtms import get_gaps_page
from outcomes.rules.ndtms import OLD_WORDING, CodeSetSaid
from patients.models import Person
from patients.rules.consent_wordings import current_wording
from patients.rules.consents import Purpose
from tests.factories import ConsentFactory, SupportSessionFactory
from tests.factories.treatment import TreatmentRoom

pytestmark = pytest.mark.django_db


EXAMPLE = Path(outcomes.__file__).parent / "data" / "example-code-set.csv"


@pytest.fixture
def room(treated: TreatmentRoom) -> TreatmentRoom:
    return treated


@pytest.fixture
def manager(room, make_member) -> User:
    return make_member(room.clinic, Role.MANAGER, "mona")


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def load(room, manager):
    def loaded(content: bytes) -> None:
        said = CodeSetSaid(
            dataset="Example", version="1", valid_from=date(2026, 11, 1), source="invented", verified_by=""
        )
        load_code_set(clinic=room.clinic, said=said, content=content, by=manager, at=now())

    return loaded


@pytest.fixture
def agreed(room):
    """Return a consent to the first wording."""
    return ConsentFactory(
        person=room.patient, purpose=Purpose.NDTMS, given_at=now() - timedelta(minutes=1), recorded_at=now()
    )


@pytest.fixture
def agreed_to_more(room):
    """Return a consent to the wording that names the postcode and help, too."""
    return ConsentFactory(
        person=room.patient,
        purpose=Purpose.NDTMS,
        wording_version=current_wording(Purpose.NDTMS).version,
        given_at=now() - timedelta(seconds=30),
        recorded_at=now(),
    )


def made(room: TreatmentRoom, by: User) -> list[dict[str, str]]:
    """Make the file and return its lines by field, without the statement."""
    text = export_ndtms(clinic=room.clinic, key=uuid.uuid4(), by=by, at=now()).text
    return list(csv.DictReader(io.StringIO(text.split("\r\n", 1)[1], newline="")))


class TestTheFile:
    def test_tells_of_help_they_came_to_in_this_treatment_and_of_half_a_postcode(
        self, room, manager, worker, load, agreed_to_more
    ):
        load(EXAMPLE.read_bytes())
        Person.objects.filter(id=room.patient.id).update(address="8 Cable Yard, Harbour Town, TS1 2AB")
        today = london_date(now())
        before = today - timedelta(days=400)
        for domain, on, more in (
            ("housing", today, {}),
            ("family", today, {"attended": False, "minutes": None}),
            ("health", before, {}),
        ):
            SupportSessionFactory(
                clinic=room.clinic,
                patient=room.patient,
                domain=domain,
                booked_on=on,
                recorded_by=worker,
                **more,
            )
        struck = SupportSessionFactory(
            clinic=room.clinic, patient=room.patient, domain="welfare", booked_on=today, recorded_by=worker
        )
        SupportSessionFactory(
            clinic=room.clinic,
            patient=room.patient,
            domain="welfare",
            booked_on=today,
            recorded_by=worker,
            amends=struck,
            correction="wrong_person",
        )

        (line,) = made(room, manager)

        assert (line["EX_AGENCY"], line["EX_POSTCODE"]) == (room.clinic.code, "TS1")
        said = {name: value for name, value in line.items() if name.startswith("EX_HELP_")}
        assert [name for name, value in said.items() if value == "EX1"] == ["EX_HELP_HOUSING"]
        assert set(said.values()) == {"EX0", "EX1"}
        assert "Cable Yard" not in str(line)

    def test_says_by_a_code_that_somebody_has_no_fixed_abode(self, room, manager, load, agreed_to_more):
        load(EXAMPLE.read_bytes())
        Person.objects.filter(id=room.patient.id).update(address="", has_no_fixed_abode=True)

        assert made(room, manager)[0]["EX_POSTCODE"] == "EX4"

    def test_keeps_in_the_clinic_what_the_wording_they_agreed_to_does_not_name(
        self, room, manager, load, agreed
    ):
        load(EXAMPLE.read_bytes())
        Person.objects.filter(id=room.patient.id).update(address="8 Cable Yard, Harbour Town, TS1 2AB")

        (line,) = made(room, manager)

        assert {line["EX_POSTCODE"], line["EX_HELP_HOUSING"]} == {""}
        (person,) = get_gaps_page(clinic=room.clinic, at=now()).people
        assert OLD_WORDING in person.gaps

    def test_goes_by_the_newest_wording_they_agreed_to(self, room, manager, load, agreed, agreed_to_more):
        load(b"field,fact,required,ours,theirs\nZ,help_housing,yes,,\n")

        assert made(room, manager) == [{"Z": "no"}]
        gaps = [gap for person in get_gaps_page(clinic=room.clinic, at=now()).people for gap in person.gaps]
        assert OLD_WORDING not in gaps
