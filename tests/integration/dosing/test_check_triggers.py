"""What the database asks of a doctor's decisions about a check, whoever writes the row: both sides."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from dosing.models import (
    Acknowledgement,
    Authorisation,
    AuthorisationUse,
    OxygenBaseline,
    PreInjectionCheck,
    Preparation,
    Reading,
)
from patients.models import Episode
from tests.factories import (
    NINE,
    EpisodeFactory,
    InjectionFactory,
    LicenceFactory,
    LicenceRevocationFactory,
    PersonFactory,
    PreInjectionCheckFactory,
    SignatureFactory,
    UserFactory,
)
from tests.factories.accounts import PremisesFactory
from tests.factories.drawn import a_drawn_dose, injection_of
from tests.factories.oral import OralDoseFactory, OralOrderFactory
from tests.factories.visits import ReadingFactory
from tests.refusals import refused_by

pytestmark = pytest.mark.usefixtures("unfinished")

STOP = {"check_made__alcohol_ug": 25, "check_made__lets_a_dose_go_ahead": False}


def commit() -> None:
    """Ask now what would be asked when the transaction commits."""
    connection.check_constraints()


def a_stopped_check(**changes: Any) -> PreInjectionCheck:
    return PreInjectionCheckFactory(**{"alcohol_ug": 25, "lets_a_dose_go_ahead": False} | changes)


def authorised(check: PreInjectionCheck, **changes: Any) -> Authorisation:
    """Insert that a licensed doctor lets the next dose on a check pass its stop, by PIN."""
    doctor = changes.pop("authorised_by", None) or UserFactory()
    arguments: dict[str, Any] = {
        "clinic": check.session.clinic,
        "patient": check.patient,
        "session": check.session,
        "check_made": check,
        "code": "alcohol_stop",
        "message": "Breath alcohol 25, 20 or more.",
        "reason": "seen",
        "words": "Seen, and alert.",
        "authorised_at": check.made_at + timedelta(minutes=1),
        "authorised_by": doctor,
        "entered_by": check.made_by,
    } | changes
    if "licence" not in arguments:
        arguments["licence"] = LicenceFactory(doctor=doctor, premises=check.session.order.premises)
    if "signature" not in arguments:
        arguments["signature"] = SignatureFactory(signed_by=doctor, part="doctor")
    return Authorisation.objects.create(**arguments)


def used(drawn: Preparation, **changes: Any) -> AuthorisationUse:
    authorisation = authorised(drawn.check_made, **changes)
    return AuthorisationUse.objects.create(authorisation=authorisation, preparation=drawn)


def an_oral_dose_of(drawn: Preparation, given_at: datetime) -> None:
    """Store an oral opioid that the person of a drawn dose was given."""
    order = OralOrderFactory(episode=drawn.session.episode, premises=drawn.order.premises)
    OralDoseFactory(order=order, given_at=given_at)


class TestADrawnDoseOnAStop:
    @pytest.mark.parametrize("alcohol", [20, 34, None])
    def test_needs_the_doctors_reason(self, alcohol: int | None) -> None:
        drawn = a_drawn_dose(
            **STOP | {"check_made__alcohol_ug": alcohol, "check_made__unable_reason": "declined"}
        )
        with refused_by("prepared_stop_is_authorised"):
            commit()

        used(drawn)
        commit()

    def test_is_refused_at_35_whatever_a_doctor_writes(self) -> None:
        a_drawn_dose(**STOP | {"check_made__alcohol_ug": 35})

        with refused_by("preparation_has_a_fresh_check"):
            commit()

    @pytest.mark.parametrize(
        "reading",
        [
            {"sedation": "3"},
            {"breaths": 11},
            {"oxygen": 93},
            {"oxygen": None, "unable_reason": "cold"},
            {"pulse": None, "unable_reason": "cold"},
            {"is_intoxicated": True},
        ],
    )
    def test_is_refused_over_what_holds_a_dose(self, reading: dict[str, Any]) -> None:
        drawn = a_drawn_dose(**STOP | {f"check_made__{name}": value for name, value in reading.items()})
        used(drawn)

        with refused_by("preparation_has_a_fresh_check"):
            commit()

    def test_needs_no_reason_at_19(self) -> None:
        a_drawn_dose(check_made__alcohol_ug=19)
        commit()


class TestADrawnDoseAfterAnOralOpioid:
    @pytest.mark.parametrize(("minutes", "is_refused"), [(29, True), (30, False)])
    def test_needs_the_doctors_reason_for_half_an_hour(self, minutes: int, is_refused: bool) -> None:
        drawn = a_drawn_dose()
        an_oral_dose_of(drawn, drawn.prepared_at - timedelta(minutes=minutes))

        if is_refused:
            with refused_by("prepared_after_oral_is_authorised"):
                commit()
            used(drawn, code="oral_before")
        commit()

    @pytest.mark.parametrize(("seconds", "is_refused"), [(0, False), (1, True)])
    def test_needs_one_given_after_that_oral_dose(self, seconds: int, is_refused: bool) -> None:
        drawn = a_drawn_dose()
        decided_at = drawn.check_made.made_at + timedelta(minutes=1)
        an_oral_dose_of(drawn, decided_at + timedelta(seconds=seconds))
        used(drawn, code="oral_before", authorised_at=decided_at)

        if is_refused:
            with refused_by("prepared_after_oral_is_authorised"):
                commit()
        else:
            commit()

    def test_of_a_treatment_that_has_ended_is_refused(self) -> None:
        drawn = a_drawn_dose()
        Episode.objects.filter(id=drawn.session.episode_id).update(
            exited_on=NINE.date(), exit_reason=Episode.ExitReason.COMPLETED
        )

        with refused_by("preparation_is_ordered"):
            commit()


class TestAnInjectionOverAStop:
    def test_is_not_recorded_by_who_let_it_go_ahead(self) -> None:
        drawn = a_drawn_dose(**STOP)
        doctor = used(drawn).authorisation.authorised_by

        with refused_by("injection_is_not_recorded_by_its_authoriser"):
            injection_of(drawn, watched_by=doctor)
        injection_of(drawn)


class TestAnAuthorisation:
    def test_stands_when_all_is_in_order(self) -> None:
        authorised(a_stopped_check())

    @pytest.mark.parametrize(("alcohol", "is_refused"), [(19, True), (20, False), (34, False), (35, True)])
    def test_is_of_what_its_check_found(self, alcohol: int, is_refused: bool) -> None:
        check = a_stopped_check(alcohol_ug=alcohol)
        if is_refused:
            with refused_by("authorisation_is_of_its_check"):
                authorised(check)
        else:
            authorised(check)

    def test_is_of_a_check_of_its_person_and_half_hour(self) -> None:
        check, doctor, elsewhere = a_stopped_check(), UserFactory(), PremisesFactory()
        for changes in (
            {"patient": PersonFactory()},
            {"clinic": elsewhere.clinic, "licence": LicenceFactory(doctor=doctor, premises=elsewhere)},
            {"authorised_at": check.made_at - timedelta(seconds=1)},
            {"authorised_at": check.made_at + timedelta(minutes=30, seconds=1)},
        ):
            with refused_by("authorisation_is_of_its_check"):
                authorised(check, authorised_by=doctor, **changes)
        authorised(check, authorised_at=check.made_at + timedelta(minutes=30))

    @pytest.mark.parametrize(
        ("seconds", "escalation", "is_refused"), [(300, "", False), (301, "", True), (300, "A", True)]
    )
    def test_of_a_further_injection_is_of_a_reading_of_the_last_five_minutes(
        self, seconds: int, escalation: str, is_refused: bool
    ) -> None:
        given = InjectionFactory()
        check = a_stopped_check(session=given.session)
        at = check.made_at + timedelta(hours=1)
        sedation = "3" if escalation else "1"
        ReadingFactory(
            injection=given,
            sedation=sedation,
            escalation=escalation,
            taken_at=at - timedelta(seconds=seconds),
        )

        if is_refused:
            with refused_by("authorisation_is_of_its_check"):
                authorised(check, authorised_at=at)
        else:
            authorised(check, authorised_at=at)

    def test_is_a_licensed_doctors_who_did_not_make_the_check(self) -> None:
        check, doctor = a_stopped_check(), UserFactory()
        here = check.session.order.premises
        revoked = LicenceFactory(doctor=doctor, premises=here)
        LicenceRevocationFactory(licence=revoked, revoked_at=NINE - timedelta(days=1))
        for changes in (
            {"licence": LicenceFactory(premises=here)},
            {"licence": LicenceFactory(doctor=doctor, premises=here, ends_at=check.made_at)},
            {"licence": LicenceFactory(doctor=doctor)},
            {"licence": LicenceFactory(doctor=doctor, premises=here, product="methadone")},
            {"licence": revoked},
        ):
            with refused_by("authorisation_is_a_licensed_doctors"):
                authorised(check, authorised_by=doctor, **changes)
        with refused_by("authorisation_is_a_licensed_doctors"):
            authorised(check, authorised_by=check.made_by)

    def test_is_signed_by_the_doctor(self) -> None:
        check, doctor = a_stopped_check(), UserFactory()
        with refused_by("authorisation_is_signed"):
            authorised(check, authorised_by=doctor, signature=SignatureFactory())
        with refused_by("authorisation_is_signed"):
            authorised(check, authorised_by=doctor, signature=None)
        authorised(check, authorised_by=doctor, signature=None, entered_by=doctor)

    def test_is_of_a_stop_alone(self) -> None:
        with refused_by("authorisation_is_of_a_stop"):
            authorised(a_stopped_check(), code="oxygen")

    @pytest.mark.parametrize("changes", [{"words": ""}, {"reason": "used_in_the_gap"}])
    def test_says_why(self, changes: dict[str, str]) -> None:
        with refused_by("authorisation_says_why"):
            authorised(a_stopped_check(), **changes)

    def test_is_used_for_a_dose_on_its_check(self) -> None:
        drawn = a_drawn_dose(**STOP)
        with refused_by("authorisation_is_used_for_its_check"):
            AuthorisationUse.objects.create(authorisation=authorised(a_stopped_check()), preparation=drawn)
        with refused_by("authorisation_is_used_for_its_check"):
            used(drawn, authorised_at=drawn.prepared_at + timedelta(seconds=1))

    @pytest.mark.parametrize("part", ["prepared_by", "witness"])
    def test_is_used_for_no_dose_that_its_doctor_gives_or_witnesses(self, part: str) -> None:
        drawn = a_drawn_dose(**STOP)
        with refused_by("authorisation_is_used_for_its_check"):
            used(drawn, authorised_by=getattr(drawn, part))

    def test_is_used_once(self) -> None:
        drawn = a_drawn_dose(**STOP)
        use = used(drawn)
        with refused_by("dosing_authorisationuse_pkey"):
            AuthorisationUse.objects.create(authorisation=use.authorisation, preparation=drawn)


class TestATick:
    def test_of_one_note_stands_once(self) -> None:
        drawn = a_drawn_dose()
        tick = {
            "preparation": drawn,
            "code": "short_interval",
            "message": "Under 4 hours.",
            "acknowledged_at": NINE,
            "acknowledged_by": drawn.prepared_by,
        }
        Acknowledgement.objects.create(**tick)
        with refused_by("each_note_is_acknowledged_once"):
            Acknowledgement.objects.create(**tick, id=uuid.uuid4())


def a_baseline(**changes: Any) -> OxygenBaseline:
    """Insert a target of 90 % that a licensed doctor set."""
    episode, doctor = EpisodeFactory(), UserFactory()
    arguments: dict[str, Any] = {
        "patient": episode.person,
        "episode": episode,
        "percent": 90,
        "scale": 1,
        "evidence": "A letter.",
        "review_on": date(2027, 1, 10),
        "licence": LicenceFactory(doctor=doctor, premises=PremisesFactory(clinic=episode.clinic)),
        "set_at": NINE,
        "set_by": doctor,
    } | changes
    return OxygenBaseline.objects.create(**arguments)


class TestATargetForOxygen:
    @pytest.mark.parametrize(
        ("percent", "scale", "is_refused"),
        [
            (89, 1, True),
            (90, 1, False),
            (94, 1, False),
            (95, 1, True),
            (87, 2, True),
            (88, 2, False),
            (90, 3, True),
        ],
    )
    def test_is_not_under_its_scale(self, percent: int, scale: int, is_refused: bool) -> None:
        if is_refused:
            with refused_by("oxygen_baseline_is_not_under_its_scale"):
                a_baseline(percent=percent, scale=scale)
        else:
            a_baseline(percent=percent, scale=scale)

    def test_has_evidence(self) -> None:
        with refused_by("oxygen_baseline_has_evidence"):
            a_baseline(evidence="")

    def test_is_reviewed_later(self) -> None:
        with refused_by("oxygen_baseline_is_reviewed_later"):
            a_baseline(review_on=NINE.date() - timedelta(days=1))

    def test_is_a_licensed_doctors_and_of_its_person(self) -> None:
        doctor = UserFactory()
        for changes in (
            {"licence": LicenceFactory()},
            {"set_by": doctor, "licence": LicenceFactory(doctor=doctor)},
            {"patient": PersonFactory()},
        ):
            with refused_by("oxygen_baseline_is_a_licensed_doctors"):
                a_baseline(**changes)


class TestOxygen:
    @pytest.mark.parametrize(("target", "scale"), [(89, 1), (95, 1), (87, 2), (94, 3)])
    def test_of_a_check_is_held_against_an_allowed_target(self, target: int, scale: int) -> None:
        with refused_by("check_target_for_oxygen_is_allowed"):
            PreInjectionCheckFactory(oxygen_target=target, oxygen_scale=scale)

    @pytest.mark.parametrize(("target", "scale"), [(89, 1), (95, 1), (87, 2), (94, 3)])
    def test_of_a_reading_is_held_against_an_allowed_target(self, target: int, scale: int) -> None:
        given = InjectionFactory()
        with refused_by("reading_target_for_oxygen_is_allowed"):
            Reading.objects.create(
                injection=given,
                session=given.session,
                sedation="1",
                breaths=14,
                oxygen=97,
                pulse=70,
                oxygen_target=target,
                oxygen_scale=scale,
                taken_at=NINE,
                taken_by=given.giver,
            )

    def test_of_a_check_that_goes_ahead_is_at_its_target(self) -> None:
        PreInjectionCheckFactory(oxygen=90, oxygen_target=90)
        with refused_by("check_that_lets_go_ahead_is_within_limits"):
            PreInjectionCheckFactory(oxygen=93)
        with refused_by("check_that_lets_go_ahead_is_within_limits"):
            PreInjectionCheckFactory(oxygen=89, oxygen_target=90)

    def test_lets_a_dose_be_drawn_up_at_ones_own_target(self) -> None:
        a_drawn_dose(check_made__oxygen=90, check_made__oxygen_target=90)
        commit()
