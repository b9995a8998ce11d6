"""Photos: kept under consent, handed out by the view alone, gone everywhere when the consent is taken back."""

from __future__ import annotations

import hashlib
import io
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from hat_clinic.core.uploads import MOST_BYTES
from patients.actions.consents import withdraw_consent
from patients.actions.photos import PhotoRefused, add_photo
from patients.models import Episode, PersonPhoto
from patients.queries import get_photo, photo_url, photo_urls, photo_version
from patients.rules.consents import Purpose
from tests.factories.people import consent_to
from tests.factories.pictures import a_picture, a_zip
from tests.factories.treatment import a_patient_in_treatment
from tests.integration.patients.pages import address, press, seal_of, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def episode(clinic, nurse) -> Episode:
    """Somebody who agreed to treatment and a photo."""
    return a_patient_in_treatment(clinic, by=nurse)


@pytest.fixture
def browser(client: Client, nurse, sign_in) -> Client:
    return sign_in(client, nurse)


def keep(episode: Episode, by, content: bytes | None = None, at=None) -> PersonPhoto:
    return add_photo(
        person=episode.person, clinic=episode.clinic, content=content or a_picture(), by=by, at=at or now()
    )


def take_back(episode: Episode, by) -> None:
    withdraw_consent(
        person_id=episode.person_id, clinic=episode.clinic, purpose=Purpose.PHOTO, by=by, at=now()
    )


class TestAPhoto:
    def test_is_kept_small_with_its_hash(self, episode, nurse) -> None:
        photo = keep(episode, nurse)

        stored = PersonPhoto.objects.get()
        assert Image.open(io.BytesIO(stored.jpeg)).size == (400, 400)
        assert stored.sha256 == hashlib.sha256(stored.jpeg).hexdigest()
        event = AuditEvent.objects.get(event="patients.photo_added")
        assert (event.person, event.object_id, event.detail) == (episode.person_id, str(photo.id), {})

    def test_hides_the_one_before_it_and_leaves_it_kept(self, episode, nurse) -> None:
        at = now()
        keep(episode, nurse, at=at)
        second = keep(episode, nurse, a_picture(colour="red"), at=at + timedelta(seconds=1))

        shown = photo_version(person_ids=[episode.person_id], at=at + timedelta(seconds=1))
        assert shown == {episode.person_id: second.id}
        assert PersonPhoto.objects.count() == 2

    def test_without_consent_is_refused(self, episode, nurse) -> None:
        take_back(episode, nurse)

        with pytest.raises(PhotoRefused, match="No consent to a photo stands"):
            keep(episode, nurse)

        assert not PersonPhoto.objects.exists()
        event = AuditEvent.objects.get(event="patients.photo_added")
        assert (event.outcome, event.detail) == (AuditEvent.Outcome.REFUSED, {"code": "no_photo_consent"})

    def test_that_is_none_is_refused_and_leaves_a_trace(self, episode, nurse) -> None:
        with pytest.raises(PhotoRefused, match="not a JPEG or PNG"):
            keep(episode, nurse, a_zip())

        assert not PersonPhoto.objects.exists()
        assert AuditEvent.objects.get(event="patients.photo_added").detail == {"code": "not_a_photo"}

    def test_disappears_with_the_consent_at_once(self, episode, nurse) -> None:
        keep(episode, nurse)
        assert get_photo(person_id=episode.person_id, at=now()) is not None

        take_back(episode, nurse)

        assert get_photo(person_id=episode.person_id, at=now()) is None
        assert photo_url(clinic=episode.clinic, person_id=episode.person_id, at=now()) is None

    def test_does_not_come_back_by_itself_when_they_agree_again(self, episode, nurse) -> None:
        keep(episode, nurse)
        take_back(episode, nurse)
        consent_to(Purpose.PHOTO, episode, by=nurse, at=now())
        assert get_photo(person_id=episode.person_id, at=now()) is None

        keep(episode, nurse)

        assert get_photo(person_id=episode.person_id, at=now()) is not None

    def test_is_told_of_many_people_in_one_query(self, clinic, nurse, django_assert_num_queries) -> None:
        episodes = [a_patient_in_treatment(clinic, by=nurse) for _ in range(3)]
        for episode in episodes[:2]:
            keep(episode, nurse)
        take_back(episodes[0], nurse)
        at = now()

        with django_assert_num_queries(1):
            shown = photo_urls(clinic=clinic, person_ids=[one.person_id for one in episodes], at=at)

        assert list(shown) == [episodes[1].person_id]

    def test_has_another_address_once_it_is_another(self, episode, nurse) -> None:
        keep(episode, nurse)
        first = photo_url(clinic=episode.clinic, person_id=episode.person_id, at=now())

        keep(episode, nurse)

        assert photo_url(clinic=episode.clinic, person_id=episode.person_id, at=now()) != first


class TestHandingOutAPhoto:
    def test_gives_a_jpeg_that_no_browser_keeps_or_guesses_about(self, episode, nurse, browser) -> None:
        photo = keep(episode, nurse)

        answer = browser.get(address("see_photo", episode))

        assert (answer.status_code, answer.content) == (200, bytes(photo.jpeg))
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"] == 'inline; filename="photo.jpg"'
        assert "no-store" in answer["Cache-Control"]

    def test_gives_nobodys_face_after_the_consent_was_taken_back(self, episode, nurse, browser) -> None:
        keep(episode, nurse)
        take_back(episode, nurse)

        answer = browser.get(address("see_photo", episode))

        assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
        assert b"script" not in answer.content

    def test_is_a_look_at_the_person(self, episode, nurse, browser) -> None:
        browser.get(address("see_photo", episode))

        event = AuditEvent.objects.get(event="patients.photo_seen")
        assert (event.actor, event.person) == (nurse, episode.person_id)

    def test_is_refused_to_a_stranger_like_one_that_is_not_there(self, episode, browser, make_member) -> None:
        missing = reverse(
            "patients:see_photo", kwargs={"clinic_code": episode.clinic.code, "patient_id": uuid.uuid4()}
        )

        assert browser.get(missing).status_code == 404


class TestThePageForAPhoto:
    def test_takes_one_in(self, episode, browser) -> None:
        file = SimpleUploadedFile("../../photo.exe", a_picture(), content_type="text/html")

        answer = press(browser, address("add_photo", episode), {"photo": file})

        assert answer.status_code == 302
        assert PersonPhoto.objects.count() == 1

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "This file is empty"),
            (b"MZ\x90\x00", "not a JPEG or PNG photo, whatever its name says"),
            (a_picture("GIF"), "not a JPEG or PNG photo"),
            (a_picture()[:300], "damaged"),
            (b"\xff\xd8\xff" + b"\x00" * (MOST_BYTES + 1000), "more than 8 MB"),
        ],
    )
    def test_says_at_the_field_what_is_wrong(self, episode, browser, content, said) -> None:
        file = SimpleUploadedFile("photo.jpg", content, content_type="image/jpeg")

        answer = press(browser, address("add_photo", episode), {"photo": file})

        assert answer.status_code == 200
        assert said in words(answer)
        assert not PersonPhoto.objects.exists()

    def test_asks_for_a_file(self, episode, browser) -> None:
        assert "Choose a photo." in words(press(browser, address("add_photo", episode), {}))

    def test_is_barred_without_consent_and_leads_there(self, episode, nurse, browser) -> None:
        take_back(episode, nurse)

        answer = browser.get(address("add_photo", episode))

        assert "No consent to a photo stands" in words(answer)
        assert f"{address('record_consent', episode)}?purpose=photo" in answer.content.decode()
        assert 'type="file"' not in answer.content.decode()

    def test_of_one_person_is_refused_under_another(self, episode, clinic, nurse, browser) -> None:
        other = a_patient_in_treatment(clinic, by=nurse)
        seal = seal_of(browser.get(address("add_photo", other)))

        answer = browser.post(
            address("add_photo", episode),
            {"photo": SimpleUploadedFile("photo.jpg", a_picture()), "seal": seal},
        )

        assert "opened by somebody else or for somebody else" in words(answer)
        assert not PersonPhoto.objects.exists()

    def test_of_one_nurse_is_refused_under_another(
        self, episode, clinic, browser, make_member, sign_in
    ) -> None:
        seal = seal_of(browser.get(address("add_photo", episode)))
        other = sign_in(Client(), make_member(clinic, Role.NURSE, "nurse3"))

        answer = other.post(
            address("add_photo", episode),
            {"photo": SimpleUploadedFile("photo.jpg", a_picture()), "seal": seal},
        )

        assert "opened by somebody else" in words(answer)
        assert not PersonPhoto.objects.exists()

    def test_keeps_a_big_file_off_the_disc(self, episode, browser, tmp_path, settings) -> None:
        settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "not there")
        file = SimpleUploadedFile("photo.jpg", a_picture() + b"\x00" * 3_000_000)

        assert press(browser, address("add_photo", episode), {"photo": file}).status_code == 302
