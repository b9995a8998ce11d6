"""Signing checkpoints: of what changed, once, never in the way of a dose; and what is said when they are missing."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from dosing import tasks
from dosing.actions.checkpoints import make_checkpoints
from dosing.models import Checkpoint, RegisterLine, RegisterVerification
from dosing.queries.checkpoints import (
    list_alarms,
    list_checkpoints,
    list_line_states,
    list_paper_codes,
    look_at_checkpoints,
)
from dosing.queries.register import lock_line
from dosing.rules.checkpoints import as_kept, checkpoint_text, from_kept, short_code
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from hat_clinic.core.kept import KeptUnreadable
from hat_clinic.core.signing import SigningKeyMissing, fingerprint_of, is_signed_by, known_keys, public_key
from hat_clinic.scenarios.proofs.rewrites import drop_references
from tests.factories import PremisesFactory, UserFactory
from tests.factories.checkpoints import sign_all, signed_anew
from tests.factories.register import an_open_register, receive
from tests.owner import as_owner


@pytest.fixture
def line(clinic) -> RegisterLine:
    """A ledger of the clinic with two lines."""
    line = an_open_register(PremisesFactory(clinic=clinic, name="Harbour Street"))
    receive(line, 5)
    receive(line, 7)
    return line


@pytest.mark.django_db
class TestACheckpoint:
    def test_says_where_the_ledger_stood_signed_by_our_key(self, line) -> None:
        at = now()

        (one,) = sign_all(at=at)

        last = line.entries.get(seq=2)
        said = one.said
        assert (said.origin, said.incarnation, said.line_id) == ("CLINIC1", 1, line.id)
        assert (said.seq, said.head_hash, said.balance, said.made_at) == (2, last.hash, 12, at)
        assert one.key == fingerprint_of(public_key())
        assert is_signed_by(public_key(), text=checkpoint_text(said), signature=one.signature)
        assert not is_signed_by(public_key(), text=checkpoint_text(said) + b"x", signature=one.signature)

    def test_is_made_once_until_a_line_is_written(self, line) -> None:
        sign_all()
        assert len(sign_all()) == 1

        receive(line, 1)

        assert [one.said.seq for one in sign_all()] == [2, 3]

    def test_is_made_of_each_ledger_or_of_one_clinics(self, line, make_clinic) -> None:
        other = an_open_register(PremisesFactory(clinic=make_clinic("CLINIC2")))
        receive(other, 5)

        assert [one.said.line_id for one in sign_all(clinic_id=other.premises.clinic_id)] == [other.id]
        assert len(sign_all()) == 2

    def test_is_not_made_of_a_ledger_without_a_line(self, clinic) -> None:
        an_open_register(PremisesFactory(clinic=clinic))

        assert sign_all() == []

    def test_is_in_the_trail_when_somebodys_page_was_signed_and_not_for_the_workers(self, line) -> None:
        tasks.sign_checkpoints()
        assert not AuditEvent.objects.filter(event="dosing.checkpoint_signed").exists()
        receive(line, 1)
        by = UserFactory()

        make_checkpoints(by=by, at=now())

        event = AuditEvent.objects.get(event="dosing.checkpoint_signed")
        assert (event.actor, event.object_id, event.detail["line_number"]) == (by, str(line.id), 3)

    def test_is_not_made_without_a_key(self, line, settings) -> None:
        settings.CHECKPOINT_KEY = None

        with pytest.raises(SigningKeyMissing, match="CHECKPOINT_KEY is not set"):
            make_checkpoints(by=UserFactory(), at=now())

        assert not Checkpoint.objects.exists()

    def test_is_known_by_the_keys_that_settings_name(self, settings) -> None:
        settings.CHECKPOINT_PUBLIC_KEYS = [b"k" * 32]

        assert set(known_keys()) == {fingerprint_of(b"k" * 32), fingerprint_of(public_key())}


class TestTwoSigningAtOnce:
    def test_leave_one_checkpoint(self, own_database, clinic) -> None:
        line = an_open_register(PremisesFactory(clinic=clinic))
        receive(line, 5)
        by, barrier, failures = UserFactory(), threading.Barrier(4), []

        def sign() -> None:
            barrier.wait(timeout=30)
            try:
                make_checkpoints(by=by, at=now())
            except BaseException as failure:
                failures.append(failure)
            connection.close()

        threads = [threading.Thread(target=sign) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert failures == []
        assert Checkpoint.objects.count() == 1


class TestALedgerThatIsLocked:
    def test_is_signed_without_waiting(self, own_database, clinic) -> None:
        """A dose holds the ledger's lock; a checkpoint neither waits for it nor holds it up."""
        line = an_open_register(PremisesFactory(clinic=clinic))
        receive(line, 5)
        by, signed = UserFactory(), []

        def sign() -> None:
            signed.append(make_checkpoints(by=by, at=now()))
            connection.close()

        with transaction.atomic():
            lock_line(line_id=line.id)
            signer = threading.Thread(target=sign)
            signer.start()
            signer.join(timeout=20)

            assert signed == [1]


@pytest.mark.django_db
class TestTheJobs:
    def test_sign_and_copy_elsewhere(self, line, settings, tmp_path: Path) -> None:
        settings.CHECKPOINT_FOLDER = str(tmp_path / "elsewhere")

        assert tasks.sign_checkpoints() == 1
        assert tasks.sign_checkpoints() == 0

        (file,) = (tmp_path / "elsewhere").glob("checkpoints-*.jsonl")
        assert [from_kept(one) for one in file.read_text().splitlines()] == list_checkpoints()

    def test_never_take_a_line_out_of_what_is_kept(self, line, settings, tmp_path: Path) -> None:
        settings.CHECKPOINT_FOLDER = str(tmp_path)
        tasks.sign_checkpoints()
        (file,) = tmp_path.glob("*.jsonl")
        file.write_text("of a life that was lost\n" + file.read_text())

        tasks.sign_checkpoints()

        assert file.read_text().startswith("of a life that was lost\n")

    def test_write_whole_again_what_a_crash_cut_short_and_verify_with_the_rest(
        self, line, settings, tmp_path: Path
    ) -> None:
        settings.CHECKPOINT_FOLDER = str(tmp_path)
        tasks.sign_checkpoints()
        (file,) = tmp_path.glob("*.jsonl")
        whole = file.read_text()
        file.write_text(whole[:40])

        tasks.sign_checkpoints()

        assert file.read_text() == f"{whole[:40]}\n{whole}"
        assert tasks.verify_register() == 0
        assert RegisterVerification.objects.get(line=line).result == "whole"

    def test_sign_without_a_folder_to_copy_to(self, line, settings) -> None:
        settings.CHECKPOINT_FOLDER = ""

        assert tasks.sign_checkpoints() == 1

    def test_verify_and_store_what_was_found(self, line, settings, tmp_path: Path) -> None:
        settings.CHECKPOINT_FOLDER = str(tmp_path)
        tasks.sign_checkpoints()

        assert tasks.verify_register() == 0

        stored = RegisterVerification.objects.get(line=line)
        assert (stored.line, stored.result, stored.lines, stored.reason) == (line, "whole", 2, "")
        assert stored.checkpoints == 2  # the one of this database, and the same one elsewhere

    def test_store_what_cannot_be_told(self, line, settings) -> None:
        settings.CHECKPOINT_FOLDER = ""
        sign_all()
        settings.CHECKPOINT_KEY = bytes(32)

        tasks.verify_register()

        stored = RegisterVerification.objects.get(line=line)
        assert (stored.result, stored.first_bad_seq) == ("cannot_tell", None)
        assert "which is not known here" in stored.reason

    @pytest.mark.parametrize("name", ["missing", "emptied"])
    def test_verify_nothing_without_the_folder_that_was_written_to(
        self, line, settings, tmp_path: Path, name: str
    ) -> None:
        settings.CHECKPOINT_FOLDER = str(tmp_path / name)
        sign_all()
        if name == "emptied":
            (tmp_path / name).mkdir()

        with pytest.raises(KeptUnreadable):
            tasks.verify_register()

        assert not RegisterVerification.objects.exists()

    def test_verify_before_anything_was_signed(self, line, settings, tmp_path: Path) -> None:
        settings.CHECKPOINT_FOLDER = str(tmp_path / "new")

        assert tasks.verify_register() == 0

    def test_store_that_a_kept_line_cannot_be_read(self, line, settings, tmp_path: Path) -> None:
        settings.CHECKPOINT_FOLDER = str(tmp_path)
        tasks.sign_checkpoints()
        (file,) = tmp_path.glob("*.jsonl")
        file.write_text(file.read_text() + "no checkpoint\n")

        assert tasks.verify_register() == 0

        stored = RegisterVerification.objects.get(line=line)
        assert (stored.result, "is no checkpoint" in stored.reason) == ("cannot_tell", True)

    def test_alarm_of_a_register_that_is_not_here_any_more(self, line, clinic, settings, tmp_path) -> None:
        settings.CHECKPOINT_FOLDER = str(tmp_path)
        tasks.sign_checkpoints()
        (one,) = list_checkpoints()
        (file,) = tmp_path.glob("*.jsonl")
        gone = signed_anew(replace(one.said, line_id=clinic.id))
        file.write_text(file.read_text() + as_kept(gone) + "\n")

        assert tasks.verify_register() == 1

        assert RegisterVerification.objects.get(line=line).result == "whole"
        (told,) = list_alarms(clinic=clinic, at=now())
        assert told.startswith("The register is NOT WHOLE: a checkpoint tells of register " + str(clinic.id))
        event = AuditEvent.objects.get(event="dosing.register_verified", detail__vanished=1)
        assert (event.clinic, event.detail["is_whole"]) == (clinic.id, False)
        file.write_text(as_kept(one) + "\n")
        tasks.verify_register()
        assert list_alarms(clinic=clinic, at=now()) == ()


class TestARegisterThatWasEmptied:
    def test_is_told_to_the_lead(self, own_database, clinic, settings) -> None:
        settings.CHECKPOINT_FOLDER = ""
        line = an_open_register(PremisesFactory(clinic=clinic, name="Harbour Street"))
        receive(line, 5)
        sign_all()
        with as_owner(own_database) as owner:
            drop_references(owner)
            for table in ("dosing_registerentry", "dosing_registerhead"):
                owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            owner.execute("DELETE FROM dosing_registerentry")
            owner.execute("UPDATE dosing_registerhead SET seq = 0, balance = 0, hash = repeat('0', 64)")

        assert tasks.verify_register() == 1

        (told,) = list_alarms(clinic=clinic, at=now())
        assert told.startswith("The register is NOT WHOLE: diamorphine 100 mg")


class TestARegisterThatWasRewritten:
    def test_is_told_to_the_lead_and_the_manager_after_the_night(
        self, own_database, client, clinic, cd_lead, manager, nurse, sign_in, settings
    ) -> None:
        settings.CHECKPOINT_FOLDER = ""
        line = an_open_register(PremisesFactory(clinic=clinic, name="Harbour Street"))
        receive(line, 5)
        receive(line, 7)
        with as_owner(own_database) as owner:
            owner.execute("ALTER TABLE dosing_registerentry DISABLE TRIGGER USER")
            owner.execute("UPDATE dosing_registerentry SET reference = 'x' WHERE seq = 2")

        assert tasks.verify_register() == 1

        pages = {}
        for user, page in ((cd_lead, "register"), (manager, "reports"), (nurse, "register")):
            pages[user] = sign_in(client, user).get(f"/clinics/{clinic.code}/{page}/").content.decode()
        told = "The register is NOT WHOLE: diamorphine 100 mg, ampoule, powder for injection, Harbour Street, line 2"
        assert told in pages[cd_lead]
        assert told in pages[manager]
        assert "The register is NOT WHOLE" not in pages[nurse]


@pytest.mark.django_db
class TestTheAge:
    def test_of_a_line_without_a_checkpoint_is_said_after_five_minutes(self, line, clinic) -> None:
        written = line.entries.get(seq=1).recorded_at

        assert "No checkpoint" not in str(list_alarms(clinic=clinic, at=written + timedelta(minutes=5)))
        assert list_alarms(clinic=clinic, at=written + timedelta(minutes=6))[0].startswith(
            "No checkpoint of diamorphine 100 mg, ampoule, powder for injection, Harbour Street for 6 minutes"
        )

    def test_is_none_once_it_is_signed(self, line, clinic, settings) -> None:
        settings.CHECKPOINT_FOLDER = ""
        sign_all()
        tasks.verify_register()

        assert list_alarms(clinic=clinic, at=now() + timedelta(hours=1)) == ()

    def test_is_read_in_one_statement(self, line, clinic, django_assert_num_queries) -> None:
        sign_all()
        at = now()

        with django_assert_num_queries(1):
            (state,) = list_line_states(at=at, clinic=clinic)

        assert (state.seq, state.checkpoint_seq, state.is_current) == (2, 2, True)

    def test_is_on_the_readiness_page(self, line, monkeypatch) -> None:
        assert look_at_checkpoints().is_well
        later = now() + timedelta(minutes=9)
        monkeypatch.setattr("dosing.queries.checkpoints.now", lambda: later)

        check = look_at_checkpoints()

        assert (check.is_well, check.is_needed) == (False, False)
        assert "have had no checkpoint for 9 minutes" in check.words


@pytest.mark.django_db
class TestTheCodesForPaper:
    def test_are_of_the_newest_checkpoint_at_the_moment(
        self, line, clinic, django_assert_num_queries
    ) -> None:
        sign_all()
        early = now()
        receive(line, 1)
        sign_all()

        with django_assert_num_queries(1):
            (then,) = list_paper_codes(clinic=clinic, at=early)
        (newest,) = list_paper_codes(clinic=clinic, at=now(), line_id=line.id)

        assert (then.seq, newest.seq) == (2, 3)
        last = line.entries.get(seq=3)
        assert newest.code == short_code(line_id=line.id, seq=3, head_hash=last.hash).text

    def test_are_none_before_the_first(self, line, clinic) -> None:
        assert list_paper_codes(clinic=clinic, at=now()) == ()
