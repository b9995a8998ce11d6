from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from hat_clinic.accounts.actions import PinProof, PinRefused, close_account, prove_pin, set_pin
from hat_clinic.accounts.models import SigningPin, Terminal, User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.treatment import a_terminal

RIGHT, WRONG = "481592", "295184"


def terminal_of(user: User) -> Terminal:
    """Return the terminal of the person's clinic; it is made at the first call."""
    clinic = user.memberships.get().clinic
    return Terminal.objects.filter(clinic=clinic).first() or a_terminal(clinic, by=user)[0]


def try_pin(user: User, pin: str, at) -> str:
    """Return the refusal's sentence, or nothing."""
    try:
        prove_pin(user=user, pin=pin, terminal_id=terminal_of(user).pk, at=at)
    except PinRefused as refusal:
        return str(refusal)
    return ""


@pytest.fixture
def signer(nurse) -> User:
    set_pin(user=nurse, pin=RIGHT, by=nurse, at=now())
    return nurse


@pytest.mark.django_db
class TestProvePin:
    def test_proves_who_typed_it_and_when(self, signer) -> None:
        at = now()

        assert prove_pin(user=signer, pin=RIGHT, terminal_id=terminal_of(signer).pk, at=at) == PinProof(
            signer.pk, at
        )

    def test_refuses_another_persons_pin(self, signer, second_nurse) -> None:
        set_pin(user=second_nurse, pin=WRONG, by=second_nurse, at=now())

        assert "1 try used" in try_pin(signer, WRONG, now())

    def test_refuses_who_has_none(self, second_nurse) -> None:
        assert "no signing PIN yet" in try_pin(second_nurse, RIGHT, now())

    def test_refuses_a_leaver(self, signer, clinic, manager) -> None:
        close_account(user=signer, clinic=clinic, by=manager, at=now())
        signer.refresh_from_db()

        assert try_pin(signer, RIGHT, now())

    def test_waits_after_five_and_is_off_after_ten(self, signer) -> None:
        at = now()
        for number in range(1, 6):
            assert f"{number} tr" in try_pin(signer, WRONG, at)
        assert "Wait 30 seconds" in try_pin(signer, RIGHT, at)
        for number in range(6, 10):
            at += timedelta(seconds=30)
            assert f"{number} tries" in try_pin(signer, WRONG, at)
        at += timedelta(seconds=30)
        assert "your PIN is now off" in try_pin(signer, WRONG, at)

        assert "Your PIN is off" in try_pin(signer, RIGHT, at + timedelta(days=1))

    def test_does_not_count_while_it_makes_wait(self, signer) -> None:
        at = now()
        for _ in range(8):
            try_pin(signer, WRONG, at)

        assert SigningPin.objects.get(user=signer).failures == 5

    def test_forgets_wrong_tries_at_a_right_one(self, signer) -> None:
        at = now()
        for _ in range(4):
            try_pin(signer, WRONG, at)

        assert try_pin(signer, RIGHT, at) == ""
        assert "1 try used" in try_pin(signer, WRONG, at)

    def test_holds_up_nobody_else(self, signer, second_nurse) -> None:
        set_pin(user=second_nurse, pin="735028", by=second_nurse, at=now())
        at = now()
        for _ in range(6):
            try_pin(signer, WRONG, at)

        assert try_pin(second_nurse, "735028", at) == ""

    def test_writes_each_try_down(self, signer) -> None:
        try_pin(signer, WRONG, now())
        try_pin(signer, RIGHT, now())

        tries = AuditEvent.objects.filter(event="accounts.pin_proved").order_by("id")
        assert [event.outcome for event in tries] == ["refused", "done"]
        assert WRONG not in str(list(tries.values()))


@pytest.mark.django_db
class TestSetPin:
    @pytest.mark.parametrize("pin", ["12345", "123456", "000000", "٤٨١٥٩٢"])
    def test_refuses_in_words_and_keeps_the_old(self, signer, pin) -> None:
        before = SigningPin.objects.get(user=signer).digest

        with pytest.raises(PinRefused):
            set_pin(user=signer, pin=pin, by=signer, at=now())

        assert SigningPin.objects.get(user=signer).digest == before

    def test_starts_with_a_clean_count(self, signer) -> None:
        try_pin(signer, WRONG, now())

        set_pin(user=signer, pin="735028", by=signer, at=now())

        assert SigningPin.objects.get(user=signer).failures == 0

    def test_needs_the_pepper_to_be_checked(self, signer, settings) -> None:
        settings.PIN_PEPPER = b"another"

        assert "1 try used" in try_pin(signer, RIGHT, now())

    def test_hides_that_two_people_chose_the_same(self, signer, second_nurse) -> None:
        digest = SigningPin.objects.get(user=signer).digest
        SigningPin.objects.create(user=second_nurse, digest=digest, set_at=now())

        assert "1 try used" in try_pin(second_nurse, RIGHT, now())


@pytest.mark.race
class TestProvePinAtOnce:
    def test_counts_every_wrong_try(self, own_database, make_clinic, make_member) -> None:
        nurse = make_member(make_clinic(), Role.NURSE)
        set_pin(user=nurse, pin=RIGHT, by=nurse, at=now())
        terminal_of(nurse)
        start = threading.Barrier(4)

        def type_wrong() -> None:
            start.wait()
            try_pin(nurse, WRONG, now())
            connection.close()

        threads = [threading.Thread(target=type_wrong) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert SigningPin.objects.get(user=nurse).failures == 4

    def test_waits_longer_than_the_database_lets_it_in_one_go(
        self, own_database, make_clinic, make_member
    ) -> None:
        """Twenty posts of one page prove one PIN after the other; none may fail because it came last."""
        nurse = make_member(make_clinic(), Role.NURSE)
        set_pin(user=nurse, pin=RIGHT, by=nurse, at=now())
        terminal_of(nurse)
        answers = []

        def type_right() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '300ms'")
            answers.append(try_pin(nurse, RIGHT, now()))
            connection.close()

        thread = threading.Thread(target=type_right)
        with transaction.atomic():
            SigningPin.objects.select_for_update().get(user=nurse)
            thread.start()
            time.sleep(0.5)
        thread.join()

        assert answers == [""]

    def test_keeps_the_count_of_a_refused_act(self, own_database, make_clinic, make_member) -> None:
        nurse = make_member(make_clinic(), Role.NURSE)
        set_pin(user=nurse, pin=RIGHT, by=nurse, at=now())
        try_pin(nurse, WRONG, now())

        connection.close()

        assert SigningPin.objects.get(user=nurse).failures == 1


@pytest.mark.django_db
class TestATryThatIsNotChecked:
    def test_is_in_the_trail_while_the_pin_waits_or_is_off(self, signer) -> None:
        at = now()
        SigningPin.objects.filter(user=signer).update(failures=5, last_failed_at=at)
        try_pin(signer, RIGHT, at)
        SigningPin.objects.filter(user=signer).update(failures=10)
        try_pin(signer, RIGHT, at)

        refusals = AuditEvent.objects.filter(event="accounts.pin_proved", actor=signer).order_by("id")
        assert [(event.outcome, event.detail) for event in refusals] == [
            ("refused", {"why": "pin_must_wait"}),
            ("refused", {"why": "pin_is_off"}),
        ]
        assert SigningPin.objects.get(user=signer).failures == 10

    def test_is_in_the_trail_for_somebody_without_a_pin(self, second_nurse) -> None:
        try_pin(second_nurse, RIGHT, now())

        event = AuditEvent.objects.get(event="accounts.pin_proved", actor=second_nurse)
        assert (event.outcome, event.detail) == ("refused", {"why": "no_pin"})
