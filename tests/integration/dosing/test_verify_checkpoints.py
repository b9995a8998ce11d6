"""verify_register with checkpoints: what the owner rewrites is caught, and what cannot be told is said."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from dosing.actions.checkpoints import IncarnationRefused, start_incarnation
from dosing.management.commands import new_incarnation
from dosing.models import Incarnation, RegisterLine
from dosing.queries.chain import verify_line
from dosing.queries.verification import check_code, read_checkpoints, verify_registers
from dosing.rules.checkpoints import SignedCheckpoint, as_kept, short_code
from hat_clinic.accounts.models import SigningPin, Terminal, User
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from hat_clinic.core.kept import KeptUnreadable
from hat_clinic.core.signing import public_key
from hat_clinic.scenarios.proofs.ledgers import rehashed
from hat_clinic.scenarios.proofs.rewrites import REWRITINGS, read_entries, rewrite, write
from tests.factories import PremisesFactory, UserFactory
from tests.factories.checkpoints import (
    PIN,
    SECOND_PIN,
    begin_life,
    by_another_key,
    sign_all,
    signed_anew,
    two_with_pins,
)
from tests.factories.register import an_open_register, receive
from tests.owner import as_owner

REASON = "The disk failed; restored the backup of 02:00 this night."
Keep = Callable[[list[SignedCheckpoint]], Path]


def stocked(clinic) -> RegisterLine:
    line = an_open_register(PremisesFactory(clinic=clinic, name="Harbour Street"))
    for number in range(8):
        receive(line, 10 + number)
    return line


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    """Return a function that writes checkpoints to a file, as they are kept elsewhere."""

    def write_file(checkpoints: list[SignedCheckpoint]) -> Path:
        file = tmp_path / "kept.jsonl"
        file.write_text("".join(f"{as_kept(one)}\n" for one in checkpoints))
        return file

    return write_file


@pytest.fixture
def begin(monkeypatch, settings) -> Callable[..., str]:
    """Return a function that begins a new life with the command, each of two typing a PIN; it returns what is printed."""

    settings.CHECKPOINT_FOLDER = ""

    def start(by: User, second: User, *, pins: tuple[str, str] = (PIN, SECOND_PIN), **more: Any) -> str:
        typed, out = iter(pins), io.StringIO()
        monkeypatch.setattr(new_incarnation, "getpass", lambda prompt: next(typed))
        told = {"reason": REASON, "terminal": "Hatch"} | more
        call_command("new_incarnation", by=by.email, second=second.email, stdout=out, **told)
        return out.getvalue()

    return start


def run(*words: object) -> tuple[str, int]:
    """Run the command and return what it printed, its refusal included, and its exit code."""
    out = io.StringIO()
    try:
        call_command("verify_register", *map(str, words), stdout=out)
    except CommandError as refusal:
        return f"{out.getvalue()}{refusal}", refusal.returncode
    return out.getvalue(), 0


def forget_checkpoints(database: str) -> None:
    with as_owner(database) as owner:
        owner.execute("ALTER TABLE dosing_checkpoint DISABLE TRIGGER USER")
        owner.execute("DELETE FROM dosing_checkpoint")


class TestARegisterRewrittenByItsOwner:
    @pytest.mark.parametrize("name", REWRITINGS)
    def test_is_whole_in_itself_and_caught_with_a_kept_checkpoint(
        self, own_database, clinic, keep: Keep, name: str
    ) -> None:
        line = stocked(clinic)
        file = keep(sign_all())
        forget_checkpoints(own_database)

        with as_owner(own_database) as owner:
            rewrite(owner, line.id, REWRITINGS[name])

        assert verify_line(line.id).verdict.ok
        assert run()[1] == 0
        printed, code = run("--checkpoint", file)
        assert code == 1
        assert "TAMPERED at line" in printed

    def test_is_caught_by_a_checkpoint_that_was_left_in_the_database(self, own_database, clinic) -> None:
        line = stocked(clinic)
        sign_all()

        with as_owner(own_database) as owner:
            rewrite(owner, line.id, REWRITINGS["edit"])

        printed, code = run()
        assert code == 1
        assert "TAMPERED at line 1: line 8 is not what the checkpoint of" in printed

    def test_is_caught_although_the_stored_checkpoints_were_made_to_fit(self, own_database, clinic) -> None:
        line = stocked(clinic)
        sign_all()

        with as_owner(own_database) as owner:
            rewrite(owner, line.id, REWRITINGS["edit"])
            owner.execute("ALTER TABLE dosing_checkpoint DISABLE TRIGGER USER")
            owner.execute(
                "UPDATE dosing_checkpoint SET head_hash = (SELECT hash FROM dosing_registerhead LIMIT 1)"
            )

        assert "the stored checkpoint of line 8 is not what was signed" in run()[0]


@pytest.mark.django_db
class TestAWholeRegister:
    def test_agrees_with_what_was_kept_in_a_file_or_a_folder(self, clinic, keep: Keep) -> None:
        stocked(clinic)
        file = keep(sign_all())

        for path in (file, file.parent):
            printed, code = run("--checkpoint", path)

            assert code == 0
            assert "whole, 8 lines. Agrees with 2 signed checkpoints." in printed
            assert "Compared with 1 checkpoints kept elsewhere." in printed


@pytest.mark.django_db
class TestARegisterThatVanished:
    def test_is_not_whole_where_a_signed_checkpoint_tells_of_it(self, clinic, keep: Keep) -> None:
        line = stocked(clinic)
        (one,) = sign_all()
        gone = signed_anew(replace(one.said, line_id=clinic.id))

        printed, code = run("--checkpoint", keep([one, gone]))

        assert code == 1
        assert f"tells of register {clinic.id}, line 8; no such register is here" in printed
        assert "1 of 2 registers are not whole." in printed
        assert str(line.id) not in printed

    def test_is_on_record_once_a_restore_lost_it(self, clinic, keep: Keep, cd_lead, manager) -> None:
        stocked(clinic)
        (one,) = sign_all()
        gone = signed_anew(replace(one.said, line_id=clinic.id))

        row = begin_life(reason=REASON, second=manager, by=cd_lead, kept=[one, gone, by_another_key(gone)])

        assert row.lost == [[str(clinic.id), "8", one.said.head_hash]]
        assert run("--checkpoint", keep([one, gone]))[1] == 0
        later = signed_anew(replace(gone.said, incarnation=2))
        assert run("--checkpoint", keep([later]))[1] == 1


@pytest.mark.django_db
class TestWhatCannotBeTold:
    def test_is_a_file_that_is_not_there_or_holds_no_checkpoint(self, clinic, tmp_path: Path) -> None:
        stocked(clinic)
        (tmp_path / "empty.jsonl").touch()
        (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe")
        (tmp_path / "folder").mkdir()
        (tmp_path / "words.jsonl").write_text("no checkpoint\n")

        for name in ("gone.jsonl", "empty.jsonl", "bytes.jsonl", "folder", "words.jsonl"):
            printed, code = run("--checkpoint", tmp_path / name)

            assert (name, code) == (name, 2)
            assert "Cannot tell" in printed

    def test_is_a_checkpoint_by_a_key_that_is_not_known(self, clinic, keep: Keep) -> None:
        stocked(clinic)

        printed, code = run("--checkpoint", keep([by_another_key(one) for one in sign_all()]))

        assert code == 2
        assert "which is not known here" in printed

    def test_is_a_kept_checkpoint_that_was_altered(self, clinic, keep: Keep) -> None:
        stocked(clinic)
        (one,) = sign_all()

        printed, code = run("--checkpoint", keep([replace(one, said=replace(one.said, balance=1))]))

        assert code == 2
        assert "The kept checkpoint of line 8 is not what was signed." in printed

    def test_is_a_forged_checkpoint_of_a_register_that_is_not_here(self, clinic, keep: Keep) -> None:
        stocked(clinic)
        (one,) = sign_all()
        gone = replace(one, said=replace(one.said, line_id=clinic.id))

        for forged in (gone, by_another_key(gone)):
            printed, code = run("--checkpoint", keep([forged]))

            assert code == 2
            assert "no such register is here" not in printed

    def test_is_a_restore_signed_by_a_key_that_is_not_known(self, clinic, cd_lead, manager, settings) -> None:
        stocked(clinic)
        begin_life(reason=REASON, second=manager, by=cd_lead)
        before = public_key()
        settings.CHECKPOINT_KEY = b"another" + bytes(25)

        printed, code = run()

        assert code == 2
        assert "The record of incarnation 2 is signed by the key" in printed
        settings.CHECKPOINT_PUBLIC_KEYS = [before]
        assert run()[1] == 0

    def test_is_no_line_that_a_crash_cut_short_and_that_was_written_again(self, clinic, keep: Keep) -> None:
        stocked(clinic)
        file = keep(sign_all())
        whole = file.read_text()
        file.write_text(f"{whole[:50]}\n{whole}")

        assert run("--checkpoint", file)[1] == 0

        file.write_text(f"{whole[:50]}x\n{whole}")
        assert run("--checkpoint", file)[1] == 2

    def test_does_not_hide_that_another_register_is_not_whole(self, clinic, keep: Keep) -> None:
        stocked(clinic)
        (one,) = sign_all()
        later = replace(one, said=replace(one.said, incarnation=1))
        kept, doubts = read_checkpoints(keep([later, by_another_key(one)]))

        found = verify_registers(kept=kept)

        assert doubts == []
        assert (found.bad, len(found.every_doubt)) == (0, 1)

    def test_is_a_folder_without_files(self, tmp_path: Path) -> None:
        with pytest.raises(KeptUnreadable, match=r"without any \.jsonl file"):
            read_checkpoints(tmp_path)


class TestARestoreFromAnOldBackup:
    @pytest.fixture
    def restored(self, own_database, clinic, keep: Keep) -> tuple[RegisterLine, Path]:
        """A ledger of eight lines put back to five, and the checkpoint of the eighth, kept elsewhere."""
        line = stocked(clinic)
        file = keep(sign_all())
        with as_owner(own_database) as owner:
            owner.execute("ALTER TABLE dosing_checkpoint DISABLE TRIGGER USER")
            owner.execute("DELETE FROM dosing_checkpoint")
            write(owner, line.id, read_entries(line.id)[:5])
        return line, file

    def test_is_reported(self, restored) -> None:
        _, file = restored

        printed, code = run("--checkpoint", file)

        assert code == 1
        assert "TAMPERED at line 6" in printed
        assert "it cannot have this history, it was restored or cut" in printed

    def test_is_on_record_after_two_people_began_a_new_life(self, restored, cd_lead, manager, begin) -> None:
        line, file = restored
        two_with_pins(cd_lead, manager)
        out = begin(cd_lead, manager, checkpoint=file)

        assert f"LOST: register {line.id} had lines up to 8 before." in out
        printed, code = run("--checkpoint", file)
        assert code == 0
        assert "1 checkpoints tell of lines that a restore lost" in printed
        assert "RESTORED: incarnation 2 began" in printed
        assert f"by {cd_lead.full_name} and {manager.full_name}: {REASON}" in printed
        event = AuditEvent.objects.get(event="dosing.incarnation_started")
        assert (event.actor, event.detail["second"]) == (cd_lead, str(manager.id))
        sign_all()
        assert run("--checkpoint", file)[1] == 0

    def test_may_come_a_second_time_from_a_backup_before_the_first(
        self, restored, own_database, cd_lead, manager, keep: Keep, begin
    ) -> None:
        line, file = restored
        kept, _ = read_checkpoints(file)
        old = read_entries(line.id)
        with as_owner(own_database) as owner:
            write(owner, line.id, old[:4])
            begin_life(reason=REASON, second=manager, by=cd_lead, kept=kept)
            write(owner, line.id, rehashed([*old[:4], replace(old[4], reference="of the second life")]))
            file = keep([*kept, *sign_all()])
            for table in ("checkpoint", "incarnation"):
                owner.execute(f"ALTER TABLE dosing_{table} DISABLE TRIGGER USER")
                owner.execute(f"DELETE FROM dosing_{table}")
            write(owner, line.id, old)
        assert run("--checkpoint", file)[1] == 1

        assert "Incarnation 3 began" in begin(cd_lead, manager, checkpoint=file)

        assert run("--checkpoint", file)[1] == 0
        sign_all()
        assert run("--checkpoint", file)[1] == 0

    @pytest.mark.parametrize(
        "change", ["reason = 'a better one, written afterwards'", """lost = '[["a", "9", "b"]]'"""]
    )
    def test_is_no_longer_whole_when_its_record_is_altered(
        self, restored, own_database, cd_lead, manager, change: str
    ) -> None:
        _, file = restored
        begin_life(reason=REASON, second=manager, by=cd_lead)

        with as_owner(own_database) as owner:
            owner.execute("ALTER TABLE dosing_incarnation DISABLE TRIGGER USER")
            owner.execute(f"UPDATE dosing_incarnation SET {change}")

        printed, code = run("--checkpoint", file)
        assert code == 1
        assert "the record of incarnation 2 is not what was signed" in printed


@pytest.mark.django_db
class TestANewIncarnation:
    def test_is_not_started_by_one_alone_without_a_reason_or_by_others(self, clinic, cd_lead, nurse) -> None:
        told = {"pin": "", "second_pin": "", "terminal_id": None, "by": cd_lead, "at": now()}

        with pytest.raises(IncarnationRefused, match="Two people start a new incarnation"):
            start_incarnation(reason=REASON, second=cd_lead, **told)
        with pytest.raises(IncarnationRefused, match="controlled-drug lead or manager"):
            start_incarnation(reason=REASON, second=nurse, **told)
        with pytest.raises(IncarnationRefused, match="20 to 300 characters"):
            start_incarnation(reason="short", second=nurse, **told)

        assert not Incarnation.objects.exists()
        refused = AuditEvent.objects.filter(event="dosing.incarnation_started", outcome="refused")
        assert refused.count() == 3

    @pytest.mark.parametrize(("whose", "pins"), [(0, (SECOND_PIN, SECOND_PIN)), (1, (PIN, PIN))])
    def test_is_not_started_without_the_pin_of_each(self, begin, cd_lead, manager, whose, pins) -> None:
        two_with_pins(cd_lead, manager)

        with pytest.raises(CommandError, match=r"No new incarnation was started\. .*PIN"):
            begin(cd_lead, manager, pins=pins)

        assert not Incarnation.objects.exists()
        person = (cd_lead, manager)[whose]
        assert SigningPin.objects.get(user=person).failures == 1
        assert Terminal.objects.get(name="Hatch").failures == 1
        assert AuditEvent.objects.filter(event="accounts.pin_proved", outcome="refused").get().actor == person

    def test_is_not_started_for_somebody_nobody_knows(self, begin, cd_lead) -> None:
        with pytest.raises(CommandError, match="Nobody with an open account has the address x@y"):
            begin(cd_lead, UserFactory.build(email="x@y"))

    def test_is_not_started_at_a_terminal_that_does_not_stand(self, begin, cd_lead, manager) -> None:
        with pytest.raises(CommandError, match="Those that stand are:\n  none"):
            begin(cd_lead, manager)
        terminal = two_with_pins(cd_lead, manager)

        with pytest.raises(CommandError, match=str(terminal.id)):
            begin(cd_lead, manager, terminal="Hall")

    def test_is_told_by_the_command_why_it_was_not_started(
        self, begin, cd_lead, nurse, tmp_path: Path
    ) -> None:
        two_with_pins(cd_lead, nurse)

        with pytest.raises(CommandError, match=r"No new incarnation was started\. Both people"):
            begin(cd_lead, nurse)
        with pytest.raises(CommandError, match=r"No new incarnation was started\. .* cannot be read"):
            begin(cd_lead, nurse, checkpoint=tmp_path / "x")

    def test_says_what_it_did_not_count(self, begin, clinic, cd_lead, manager, keep, settings) -> None:
        stocked(clinic)
        (one,) = sign_all()
        high = by_another_key(replace(one, said=replace(one.said, incarnation=9)))
        file = keep([one, high])
        file.write_text(file.read_text() + "no checkpoint\n")
        settings.CHECKPOINT_FOLDER = str(file.parent)
        two_with_pins(cd_lead, manager)

        printed = begin(cd_lead, manager)

        assert "Incarnation 2 began" in printed
        assert printed.count("NOT COUNTED: ") == 2

    def test_says_that_nothing_is_known_of_what_was_lost(self, begin, cd_lead, manager) -> None:
        two_with_pins(cd_lead, manager)

        assert "nothing is known of what was lost" in begin(cd_lead, manager)


class TestAPrintedCode:
    def test_is_found_unchanged_changed_and_cut(self, own_database, clinic) -> None:
        line = stocked(clinic)
        entry = line.entries.get(seq=6)
        code = short_code(line_id=line.id, seq=6, head_hash=entry.hash).text

        assert check_code(clinic=clinic, typed=code.lower()).is_unchanged
        with as_owner(own_database) as owner:
            owner.execute("ALTER TABLE dosing_registerentry DISABLE TRIGGER USER")
            owner.execute("UPDATE dosing_registerentry SET reference = 'x' WHERE seq = 8")
            after = check_code(clinic=clinic, typed=code)
            owner.execute("UPDATE dosing_registerentry SET reference = 'x' WHERE seq = 3")
            before = check_code(clinic=clinic, typed=code)
            rewrite(owner, line.id, REWRITINGS["edit"])
        rewritten = check_code(clinic=clinic, typed=code)

        assert (after.is_unchanged, before.is_unchanged, before.line is None) == (True, False, False)
        assert (rewritten.is_unchanged, rewritten.line) == (False, None)

    @pytest.mark.django_db
    def test_of_another_clinic_is_not_found(self, clinic, make_clinic) -> None:
        line = stocked(clinic)
        code = short_code(line_id=line.id, seq=6, head_hash=line.entries.get(seq=6).hash).text

        answer = check_code(clinic=make_clinic("CLINIC2"), typed=code)

        assert (answer.is_readable, answer.line, answer.is_unchanged) == (True, None, False)
