"""Many referrals out of one file: all of them or none, once."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from referrals.actions import Imported, ImportRefused, import_referrals
from referrals.models import Referral, ReleasePlan
from tests.factories.referrals import WRITTEN, a_referral, agency_of
from tests.factories.treatment import a_clinic, a_member_of_staff
from tests.integration.referrals.reading import words

pytestmark = pytest.mark.django_db

HEADER = "given_names,family_name,born_on,agreed,contact,methadone,methadone_mg,release_on,address"
ROBIN = "Robin,Dale,1986-05-04,yes,01632 960123,yes,80,2099-01-01,"
JO = "Jo,Marsh,1990-01-01,yes,01632 960123,,,,1 Quay"


def file_of(*rows: str) -> bytes:
    return "\n".join((HEADER, *rows)).encode()


GOOD = file_of(ROBIN.replace("2099-01-01", ""), JO)


@pytest.fixture
def bring_in(clinic, referrer):
    def go(data):
        return import_referrals(
            clinic=clinic, agency_id=agency_of(referrer, clinic).pk, data=data, by=referrer, at=now()
        )

    return go


def upload(data: bytes, **more: str) -> dict[str, object]:
    return {"file": SimpleUploadedFile("people.csv", data), **more}


def said(answer) -> list[str]:
    """Return what the next page tells of what was done."""
    return [str(message) for message in get_messages(answer.wsgi_request)]


class TestImportReferrals:
    def test_stores_everybody_as_if_each_form_had_been_sent(self, clinic, bring_in, referrer):
        assert bring_in(GOOD) == Imported(2, 0)

        robin, jo = Referral.objects.order_by("-given_names")
        assert (robin.agency, robin.sent_by) == (agency_of(referrer, clinic), referrer)
        assert robin.treatments.get(treatment="methadone").highest_dose_mg == 80
        assert (jo.has_home, jo.address, robin.has_home) == ("yes", "1 Quay", "unknown")
        assert AuditEvent.objects.filter(event="referrals.person_referred").count() == 2
        assert AuditEvent.objects.filter(event="referrals.file_imported").count() == 1

    def test_adds_nobody_when_the_file_comes_again(self, bring_in):
        bring_in(GOOD)

        assert bring_in(GOOD) == Imported(2, 2)
        assert Referral.objects.count() == 2

    def test_adds_the_new_rows_alone_when_a_longer_file_comes(self, bring_in, clinic, other_referrer):
        bring_in(GOOD)
        longer = file_of(JO, JO.replace("Jo", "Kim"), ROBIN.replace("2099-01-01", ""))

        assert bring_in(longer) == Imported(3, 2)
        assert Referral.objects.count() == 3
        changed = file_of(JO.replace("1 Quay", "2 Quay"))
        assert bring_in(changed) == Imported(1, 0)
        elsewhere = import_referrals(
            clinic=clinic,
            agency_id=agency_of(other_referrer, clinic).pk,
            data=file_of(JO),
            by=other_referrer,
            at=now(),
        )
        assert elsewhere == Imported(1, 0)  # another agency's word is another referral

    def test_keeps_the_expected_release(self, bring_in, clinic):
        bring_in(file_of(ROBIN.replace("2099-01-01", f"{now().date():%Y-%m-%d}")))

        assert ReleasePlan.objects.get().release_on == now().date()

    def test_links_somebody_whom_another_agency_referred(self, bring_in, clinic, other_referrer):
        first = a_referral(clinic, by=other_referrer, person=WRITTEN)

        bring_in(file_of(ROBIN.replace("2099-01-01", "")))

        assert Referral.objects.get(agency__isnull=False, same_as=first).family_name == "Dale"

    def test_stores_nobody_when_one_row_is_wrong_and_says_where(self, bring_in):
        with pytest.raises(ImportRefused) as refused:
            bring_in(file_of(JO, ROBIN, JO.replace("1990", "2015").replace("Jo", "Al")))

        assert [(one.line, one.column) for one in refused.value.problems] == [
            (3, "release_on"),
            (4, "born_on"),
        ]
        assert not Referral.objects.exists()

    def test_names_the_treatment_that_is_impossible(self, bring_in):
        header = HEADER + ",methadone_from"
        data = f"{header}\n{ROBIN.replace('2099-01-01', '')},1985".encode()

        with pytest.raises(ImportRefused) as refused:
            bring_in(data)

        (problem,) = refused.value.problems
        assert (problem.line, problem.column) == (2, "")
        assert "before the person was born" in problem.message


class TestTheAgencysPage:
    def test_brings_everybody_in(self, visit, referrer):
        first = visit("import_referrals", referrer, data=upload(GOOD))
        assert said(first) == ["2 people are referred. The clinic has them all."]
        again = visit("import_referrals", referrer, data=upload(GOOD))

        assert again.status_code == 302
        assert said(again) == [
            "0 people are referred. 2 of this file had come before, word for word, and were not sent again. "
            "To refer somebody again, write what has changed."
        ]
        assert "Open (2)" in words(visit("list_own_referrals", referrer))

    def test_shows_every_error_by_line_and_column(self, visit, referrer):
        page = words(visit("import_referrals", referrer, data=upload(file_of(JO, ROBIN, JO))))

        assert "Nothing was brought in: 1 thing to put right" in page
        assert "Line 4 family_name Is the person of line 2" in page

    def test_refuses_a_spreadsheet_and_an_empty_file_in_words(self, visit, referrer):
        sheet = words(visit("import_referrals", referrer, data=upload(b"PK\x03\x04")))
        empty = words(visit("import_referrals", referrer, data=upload(b"")))

        assert "The file The file is a spreadsheet" in sheet
        assert "The file is empty." in empty
        assert "Choose the file." in words(visit("import_referrals", referrer, data={}))


class TestTheClinicsPage:
    def test_brings_in_what_an_agency_gave(self, clinic, visit, doctor, referrer):
        agency = agency_of(referrer, clinic)

        done = visit("import_for_agency", doctor, data=upload(GOOD, agency=str(agency.pk)))

        assert done.status_code == 302
        assert set(Referral.objects.values_list("agency", "sent_by")) == {(agency.pk, doctor.pk)}
        sent = Referral.objects.first()
        for page in ("see_own_referral", "print_own_letter"):
            seen = words(visit(page, referrer, sent.id))
            assert "Sent by the clinic on" in seen
            assert doctor.full_name not in seen
        assert "by the clinic" in words(visit("list_own_referrals", referrer))

    def test_says_so_while_no_agency_refers(self, visit, doctor):
        assert "No agency refers to this clinic yet." in words(visit("import_for_agency", doctor))

    def test_takes_no_agency_of_another_clinic(self, visit, doctor, referrer):
        elsewhere = a_clinic()
        there = agency_of(a_member_of_staff(elsewhere, Role.REFERRER, name="Kim Fry"), elsewhere)

        for agency in (there.pk, uuid.uuid4()):
            page = visit("import_for_agency", doctor, data=upload(GOOD, agency=str(agency)))
            assert page.status_code == 200
        assert not Referral.objects.exists()

    def test_shows_errors_and_tells_of_one_person(self, clinic, visit, doctor, referrer):
        agency = str(agency_of(referrer, clinic).pk)
        wrong = words(visit("import_for_agency", doctor, data=upload(file_of("a"), agency=agency)))
        done = visit("import_for_agency", doctor, data=upload(file_of(JO), agency=agency))

        assert "1 thing to put right" in wrong
        assert said(done) == ["1 person is referred. The clinic has them all."]
