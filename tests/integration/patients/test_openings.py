"""A record opened with a reason by somebody who does not work with the person: one hour, logged, looked into."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.actions import openings as acts
from patients.actions.endings import end_treatment
from patients.models import Person, RecordOpening
from patients.queries.openings import (
    Asked,
    count_waiting,
    find_asked,
    find_opening,
    get_opening,
    get_openings_page,
)
from patients.rules.relationships import OpeningFinding, OpeningReason
from tests.factories import EpisodeFactory, PersonFactory, UserFactory
from tests.factories.around import (
    WHY,
    AlertFactory,
    DisclosureFactory,
    OpeningReviewFactory,
    RecordOpeningFactory,
    RelationshipFactory,
    plan_for,
)
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room
from tests.integration.patients.pages import address, press, seal_of, words
from tests.pages import shown
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger() -> Person:
    """Somebody whom another clinic treats."""
    return EpisodeFactory(person__family_name="O'Hara", person__nhs_number=_number()).person


def _number() -> str:
    import nhs_number

    return nhs_number.generate(for_region=nhs_number.REGION_SYNTHETIC, quantity=1)[0]


@pytest.fixture
def nurse(clinic: Clinic) -> User:
    return a_member_of_staff(clinic, Role.NURSE, name="Grace Okafor")


def asked(person: Person, *, by_number: bool = True) -> Asked:
    number = person.nhs_number or ""
    return Asked(number, "", None) if by_number else Asked("", "o hara", person.born_on)


def opened(clinic: Clinic, person: Person, by: User, **changes: object) -> RecordOpening:
    content: dict = {
        "clinic": clinic,
        "asked": asked(person),
        "reason": OpeningReason.EMERGENCY,
        "words": WHY,
        "by": by,
        "at": now(),
    }
    return acts.open_record(**content | changes)


class TestWhoIsFound:
    def test_is_exactly_who_was_asked_for(self, stranger: Person) -> None:
        assert find_asked(asked(stranger)) == stranger
        assert find_asked(asked(stranger, by_number=False)) == stranger

    @pytest.mark.parametrize("case", ["nothing", "a name", "a birth date", "a wrong digit", "both differ"])
    def test_is_nobody_for_less_or_other(self, stranger: Person, case: str) -> None:
        born = stranger.born_on
        assert born is not None and stranger.nhs_number is not None
        wrong = stranger.nhs_number[:-1] + str((int(stranger.nhs_number[-1]) + 1) % 10)
        cases = {
            "nothing": Asked("", "", None),
            "a name": Asked("", "O'Hara", None),
            "a birth date": Asked("", "", born),
            "a wrong digit": Asked(wrong, "", None),
            "both differ": Asked(stranger.nhs_number, "Other", born),
        }
        assert find_asked(cases[case]) is None

    def test_is_found_among_many_of_the_same_birth_date(self, stranger: Person) -> None:
        Person.objects.bulk_create(PersonFactory.build_batch(300, born_on=stranger.born_on))
        assert find_asked(asked(stranger, by_number=False)) == stranger

    def test_is_nobody_where_two_share_name_and_birth_date(self, stranger: Person) -> None:
        PersonFactory(family_name="O'Hara", born_on=stranger.born_on)
        assert find_asked(asked(stranger, by_number=False)) is None


class TestOpeningARecord:
    def test_is_stored_once_an_hour_and_waits_for_a_finding(
        self, clinic: Clinic, stranger: Person, nurse: User
    ) -> None:
        first = opened(clinic, stranger, nurse)

        assert opened(clinic, stranger, nurse).pk == first.pk
        assert first.ends_at - first.opened_at == timedelta(hours=1)
        event, again = AuditEvent.objects.filter(event="patients.record_opened").order_by("id")
        assert (event.person, event.detail) == (stranger.pk, {"reason": "emergency"})
        assert (again.person, again.detail) == (stranger.pk, {"reason": "emergency", "again": True})
        page = get_openings_page(clinic=clinic, viewer=UserFactory(), at=now())
        assert [row.id for row in page.waiting] == [first.pk]
        assert stranger.family_name not in page.waiting[0].about

    def test_waits_for_the_clinic_that_holds_the_record_too(
        self, clinic: Clinic, stranger: Person, nurse: User
    ) -> None:
        opening = opened(clinic, stranger, nurse)
        holder, third = stranger.episodes.get().clinic, EpisodeFactory().clinic
        viewer, at = UserFactory(), now()

        def queue(at_clinic: Clinic) -> tuple[int, int, bool]:
            found = find_opening(opening_id=opening.pk, clinic=at_clinic, viewer=viewer, at=at)
            waiting = get_openings_page(clinic=at_clinic, viewer=viewer, at=at).waiting
            return len(waiting), count_waiting(clinic=at_clinic), found is not None

        assert queue(clinic) == queue(holder) == (1, 1, True)
        assert queue(third) == (0, 0, False)
        acts.review_opening(
            clinic=holder,
            opening_id=opening.pk,
            finding=OpeningFinding.JUSTIFIED,
            words="Asked the ward.",
            by=viewer,
            at=at,
        )
        assert queue(clinic)[:2] == (0, 0)

    def test_is_over_after_the_hour_and_of_its_opener_alone(
        self, clinic: Clinic, stranger: Person, nurse: User
    ) -> None:
        opening = opened(clinic, stranger, nurse)
        find = {"opening_id": opening.pk, "clinic": clinic}

        last = opening.ends_at - timedelta(microseconds=1)
        assert get_opening(colleague=nurse, at=last, **find) == opening
        assert get_opening(colleague=nurse, at=opening.ends_at, **find) is None
        assert get_opening(colleague=UserFactory(), at=last, **find) is None

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"words": "Too short."}, "words"),
            ({"reason": None}, "reason"),
            ({"asked": Asked("", "Nobody", None)}, "nobody"),
        ],
        ids=["words", "reason", "nobody"],
    )
    def test_is_refused_in_the_trail(
        self, clinic: Clinic, stranger: Person, nurse: User, changes: dict, code: str
    ) -> None:
        with pytest.raises(acts.OpeningRefused):
            opened(clinic, stranger, nurse, **changes)
        assert not RecordOpening.objects.exists()
        assert AuditEvent.objects.get(event="patients.record_opened").detail == {"codes": [code]}

    @pytest.mark.parametrize("how", ["treated here", "named"])
    def test_is_not_for_those_one_works_with(
        self, clinic: Clinic, stranger: Person, nurse: User, how: str
    ) -> None:
        if how == "named":
            RelationshipFactory(person=stranger, clinic=clinic, colleague=nurse)
        else:
            stranger.episodes.update(clinic=clinic)
        with pytest.raises(acts.OpeningRefused, match="You work with this person"):
            opened(clinic, stranger, nurse)

    def test_has_a_reason_and_an_hour_in_the_database(self) -> None:
        assert RecordOpeningFactory(words="x" * 20).pk
        with refused_by("opening_has_a_reason_in_words"):
            RecordOpeningFactory(words="x" * 19)
        with refused_by("opening_has_a_reason_in_words"):
            RecordOpeningFactory(reason="curious")
        with refused_by("opening_lasts_one_hour"):
            RecordOpeningFactory(ends_at=now() + timedelta(days=1))


@pytest.mark.parametrize(
    ("year", "about"), [(1980, "born 1980"), (None, "year of birth not known")], ids=["born", "unknown"]
)
def test_the_queue_tells_of_whom_by_initials_and_year_alone(
    clinic: Clinic, year: int | None, about: str
) -> None:
    opening = RecordOpeningFactory(clinic=clinic, person__birth_year=year)
    (row,) = get_openings_page(clinic=clinic, viewer=opening.opened_by, at=now()).waiting
    assert row.about.endswith(f", {about}")
    assert opening.person.family_name not in row.about


class TestTheFinding:
    def review(self, opening: RecordOpening, by: User, **changes: object) -> object:
        content: dict = {
            "clinic": opening.clinic,
            "opening_id": opening.pk,
            "finding": OpeningFinding.JUSTIFIED,
            "words": "Asked the ward.",
            "by": by,
            "at": now(),
        }
        return acts.review_opening(**content | changes)

    def test_closes_an_opening_once(self) -> None:
        opening, officer = RecordOpeningFactory(), UserFactory()
        self.review(opening, officer)

        page = get_openings_page(clinic=opening.clinic, viewer=officer, at=now())
        assert (len(page.waiting), page.reviewed[0].finding) == (0, "it was right to open it")
        with pytest.raises(acts.ReviewRefused, match="closed this one already"):
            self.review(opening, officer)
        codes = AuditEvent.objects.get(event="patients.opening_reviewed", outcome="refused").detail
        assert codes == {"codes": ["reviewed"]}

    def test_is_never_by_who_opened_it(self) -> None:
        opening = RecordOpeningFactory()
        with pytest.raises(acts.ReviewRefused, match="yourself"):
            self.review(opening, opening.opened_by)
        with refused_by("opening_is_reviewed_by_another"):
            OpeningReviewFactory(opening=opening, reviewed_by=opening.opened_by)

    def test_says_what_was_found_in_the_database(self) -> None:
        with refused_by("opening_review_has_a_finding_in_words"):
            OpeningReviewFactory(words="")
        with refused_by("opening_review_has_a_finding_in_words"):
            OpeningReviewFactory(finding="maybe")


class TestThePages:
    def test_open_read_and_close(
        self, clinic: Clinic, stranger: Person, make_member, sign_in, make_clinic
    ) -> None:
        AlertFactory(person=stranger, starts_on=london_date(now()), words="Do not visit alone.")
        nurse = sign_in(Client(), make_member(clinic, Role.NURSE, "nurse"))
        officer = sign_in(Client(), make_member(clinic, Role.PRIVACY_OFFICER, "officer"))
        path = reverse("patients:open_record", args=[clinic.code])
        typed = {"nhs_number": stranger.nhs_number, "reason": "emergency", "words": WHY}

        short = press(nurse, path, typed | {"words": "Emergency."})
        answer = press(nurse, path, typed)
        record = nurse.get(answer["Location"])

        assert "at least 20 letters" in words(short)
        assert "Do not visit alone." in words(record) and "In treatment in" in words(record)
        look = AuditEvent.objects.get(event="patients.opened_record_seen")
        assert (look.person, look.is_look) == (stranger.pk, True)
        assert officer.get(answer["Location"]).status_code == 403
        queue = reverse("patients:see_openings", args=[clinic.code])
        assert WHY in words(officer.get(queue)) and "(1 to look into)" in words(officer.get(queue))
        opening = RecordOpening.objects.get()
        one = reverse("patients:review_opening", args=[clinic.code, opening.pk])
        assert "Choose what you found." in words(press(officer, one, {}))
        closed = press(officer, one, {"finding": "justified", "words": "Asked the ward."})
        assert closed.status_code == 302
        assert "It was right to open it" in words(officer.get(queue))
        assert "A finding is written once." in words(officer.get(one))

    def test_are_not_there_once_the_hour_is_over(self, clinic: Clinic, make_member, sign_in) -> None:
        nurse = make_member(clinic, Role.NURSE, "nurse")
        over = RecordOpeningFactory(clinic=clinic, opened_by=nurse, opened_at=now() - timedelta(hours=1))
        runs = RecordOpeningFactory(clinic=clinic, opened_by=nurse, opened_at=now() - timedelta(minutes=59))
        browser = sign_in(Client(), nurse)

        def see(opening: RecordOpening) -> int:
            path = reverse("pages:see_opened_record", args=[clinic.code, opening.pk])
            return browser.get(path).status_code

        assert (see(over), see(runs)) == (404, 200)

    def test_are_of_who_opened_them(self, clinic: Clinic, make_member, sign_in) -> None:
        doctor = sign_in(Client(), make_member(clinic, Role.DOCTOR, "doctor"))
        nurse = sign_in(Client(), make_member(clinic, Role.NURSE, "nurse"))
        officer = sign_in(Client(), make_member(clinic, Role.PRIVACY_OFFICER, "officer"))
        path = reverse("patients:open_record", args=[clinic.code])
        seal = seal_of(doctor.get(path))
        one = reverse("patients:review_opening", args=[clinic.code, RecordOpeningFactory(clinic=clinic).pk])

        assert "opened by somebody else" in words(nurse.post(path, {"seal": seal}))
        assert "opened by somebody else" in words(officer.post(one, {"seal": seal}))

    def test_tell_the_manager_of_those_that_wait_too_long(self, clinic: Clinic, make_member, sign_in) -> None:
        manager = sign_in(Client(), make_member(clinic, Role.MANAGER, "manager"))
        path = reverse("pages:see_acts", args=[clinic.code])
        RecordOpeningFactory(clinic=clinic, opened_at=now() - timedelta(hours=71))
        before = words(manager.get(path))
        RecordOpeningFactory(clinic=clinic, opened_at=now() - timedelta(hours=72))

        after = words(manager.get(path))

        assert "waited over 72 hours" not in before
        assert "1 record opened with a reason has waited over 72 hours" in after

    def test_of_another_clinic_are_not_there(self, clinic: Clinic, make_member, sign_in) -> None:
        officer = sign_in(Client(), make_member(clinic, Role.PRIVACY_OFFICER, "officer"))
        elsewhere = reverse("patients:review_opening", args=[clinic.code, RecordOpeningFactory().pk])
        assert officer.get(elsewhere).status_code == 404

    def test_show_who_left_to_whoever_is_named_for_them(self, clinic: Clinic, make_member, sign_in) -> None:
        episode = EpisodeFactory(clinic=clinic)
        plan_for(episode, by=UserFactory())
        named = make_member(clinic, Role.NURSE, "nurse")
        RelationshipFactory(person=episode.person, clinic=clinic, colleague=named, part="aftercare")
        browser = sign_in(Client(), named)
        other = sign_in(Client(), make_member(clinic, Role.DOCTOR, "doctor"))
        path = address("pages:see_left_person", episode)

        while_treated = browser.get(path)
        end_treatment(episode=episode, reason="transferred", by=named, at=now())
        people = words(browser.get(reverse("pages:list_people", args=[clinic.code])))

        assert while_treated.status_code == 404
        assert episode.person.full_name in people
        assert "Community drug service" in words(browser.get(path))
        assert other.get(path).status_code == 404
        missing = address("pages:see_left_person", EpisodeFactory())
        missing = missing.replace(str(missing.split("/")[2]), clinic.code)
        assert shown(other.get(path)) == shown(other.get(missing))


class TestThePagesOfSomebodyWhoLeft:
    PAGES = (
        "see_orders",
        "see_timeline",
        "print_order",
        "print_prescription",
        "give_statement",
        "end_order",
        "end_oral_order",
    )

    @pytest.fixture
    def room(self) -> TreatmentRoom:
        room = a_treatment_room()
        end_treatment(episode=room.episode, reason="transferred", by=room.doctor, at=now(), without_plan=True)
        return room

    @pytest.fixture
    def reader(self, room: TreatmentRoom, make_member) -> User:
        """A doctor of the team that treated them."""
        return make_member(room.clinic, Role.DOCTOR, "reader")

    def see(self, room: TreatmentRoom, reader: User, sign_in) -> set[int]:
        browser = sign_in(Client(), reader)
        return {browser.get(address(f"dosing:{page}", room.episode)).status_code for page in self.PAGES}

    def test_are_not_there_for_the_team_that_treated_them(
        self, room: TreatmentRoom, reader: User, sign_in
    ) -> None:
        assert self.see(room, reader, sign_in) == {404}
        stored = DisclosureFactory(person=room.patient, clinic=room.clinic, disclosed_at=now())
        browser = sign_in(Client(), reader)
        for page in ("see_statement", "print_statement"):
            path = address(f"dosing:{page}", room.episode, statement_id=stored.pk)
            assert browser.get(path).status_code == 404

    @pytest.mark.parametrize(("by_another", "found"), [(True, {200}), (False, {404})])
    def test_are_there_for_whom_somebody_else_named(
        self, room: TreatmentRoom, reader: User, sign_in, by_another: bool, found: set[int]
    ) -> None:
        named = {"person": room.patient, "clinic": room.clinic, "colleague": reader}
        named |= {} if by_another else {"added_by": reader}
        RelationshipFactory(**named, part="aftercare")
        assert self.see(room, reader, sign_in) == found

    def test_are_there_for_an_hour_after_opening_with_a_reason(
        self, room: TreatmentRoom, reader: User, sign_in
    ) -> None:
        row = {"person": room.patient, "clinic": room.clinic, "opened_by": reader}
        RecordOpeningFactory(**row, opened_at=now() - timedelta(hours=1))
        RecordOpeningFactory(**row | {"opened_by": room.nurse}, opened_at=now())
        assert self.see(room, reader, sign_in) == {404}
        RecordOpeningFactory(**row, opened_at=now() - timedelta(minutes=59))
        assert self.see(room, reader, sign_in) == {200}
