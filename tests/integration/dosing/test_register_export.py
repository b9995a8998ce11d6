"""The exported register, and the verifier that needs nothing of the program: whatever is altered is caught."""

from __future__ import annotations

import base64
import importlib.util
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.management import CommandError, call_command

from dosing.models import RegisterLine
from dosing.rules.checkpoints import as_kept, short_code
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.signing import fingerprint_of, public_key
from hat_clinic.scenarios.proofs.rewrites import REWRITINGS, read_entries, rewrite, write
from tests.factories import PremisesFactory
from tests.factories.checkpoints import begin_life, sign_all, signed_anew
from tests.factories.register import a_stocked_batch, a_whole_injection, an_open_register, receive
from tests.owner import as_owner

SCRIPT = Path(settings.BASE_DIR) / "tools" / "verify_register_export.py"
# How many lines are altered field by field: HAT_PROVE_N makes it many.
REASON = "The disk failed; restored the backup of 02:00 this night."
LINES = int(os.environ.get("HAT_PROVE_N", "4"))


@pytest.fixture(scope="module")
def verifier() -> ModuleType:
    """The script as a module, so that a thousand verifications need no thousand processes."""
    spec = importlib.util.spec_from_file_location("verify_register_export", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def line(clinic) -> RegisterLine:
    """A ledger with receipts, in awkward words too, and a supply."""
    batch = a_stocked_batch(10, premises=PremisesFactory(clinic=clinic, name="Harbour Street"))
    a_whole_injection(batch)
    for number in range(LINES):
        receive(batch.line, 1 + number, supplier_name="Zoë, 東京: -,", requisition=f"{number}\n")
    return batch.line


@pytest.fixture
def export(line, cd_lead, tmp_path: Path) -> Callable[[], Path]:
    """Return a function that exports the ledger into a new file."""

    def write() -> Path:
        file = tmp_path / f"export-{len(list(tmp_path.iterdir()))}.jsonl"
        call_command("export_register", str(file), line=str(line.id), by=cd_lead.email, stdout=io.StringIO())
        return file

    return write


def read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in file.read_text().splitlines()]


def written(file: Path, rows: list[dict[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def key_in_words() -> str:
    return base64.b64encode(public_key()).decode()


@pytest.mark.django_db
class TestTheExport:
    def test_has_a_head_and_every_line_and_nobodys_name(self, export, line, cd_lead) -> None:
        head, *lines = read(export())

        assert (head["version"], head["origin"], head["line"]) == (
            "hat-register-export/1",
            "CLINIC1",
            str(line.id),
        )
        assert [one["seq"] for one in lines] == [str(seq) for seq in range(1, line.entries.count() + 1)]
        assert "Invented" not in json.dumps(lines)
        look = AuditEvent.objects.get(event="dosing.register_exported")
        assert (look.actor, look.detail["lines"], look.is_look) == (cd_lead, len(lines), True)

    def test_is_refused_for_a_ledger_a_person_or_a_file_that_is_not_there(
        self, export, line, cd_lead, tmp_path: Path
    ) -> None:
        taken = export()
        told = {"line": str(line.id), "by": cd_lead.email}

        with pytest.raises(CommandError, match=f"Those here are:\n  {line.id}"):
            call_command("export_register", str(tmp_path / "x"), **told | {"line": "7"})
        with pytest.raises(CommandError, match="Nobody with an open account has the address a@b"):
            call_command("export_register", str(tmp_path / "x"), **told | {"by": "a@b"})
        with pytest.raises(CommandError, match="cannot be written"):
            call_command("export_register", str(taken), **told)


@pytest.mark.django_db
class TestExportedCheckpoints:
    def test_are_added_once(self, line, tmp_path: Path) -> None:
        sign_all()
        file, out = tmp_path / "kept.jsonl", io.StringIO()

        for _ in range(2):
            call_command("export_checkpoints", str(file), stdout=out)

        assert "1 of 1 checkpoints added" in out.getvalue()
        assert "0 of 1 checkpoints added" in out.getvalue()
        assert len(read(file)) == 1
        with pytest.raises(CommandError, match="cannot be written"):
            call_command("export_checkpoints", str(tmp_path))

    def test_are_verified_with_the_key_that_is_shown(self, settings) -> None:
        out = io.StringIO()

        call_command("show_checkpoint_key", stdout=out)

        assert key_in_words() in out.getvalue()
        assert fingerprint_of(public_key()) in out.getvalue()
        settings.CHECKPOINT_KEY = None
        with pytest.raises(CommandError, match="CHECKPOINT_KEY is not set"):
            call_command("show_checkpoint_key")


@pytest.mark.django_db
class TestTheVerifier:
    def test_needs_the_files_and_the_key_alone(self, export, line, tmp_path: Path) -> None:
        sign_all()
        kept = tmp_path / "kept"
        call_command("export_checkpoints", str(kept), stdout=io.StringIO())
        last = line.entries.order_by("-seq")[0]
        code = short_code(line_id=line.id, seq=last.seq, head_hash=last.hash).text

        told = subprocess.run(
            [
                *(sys.executable, "-I", "-S", SCRIPT, export()),
                *("--public-key", key_in_words(), "--checkpoint", kept, "--code", code),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env={},
        )

        assert (told.returncode, told.stderr) == (0, "")
        assert told.stdout == f"WHOLE: {last.seq} lines, 1 checkpoints, 1 codes\n"

    def test_is_one_file_of_180_lines_at_most(self) -> None:
        assert len(SCRIPT.read_text().splitlines()) <= 180

    def test_catches_every_field_of_every_line(self, verifier, export) -> None:
        rows = read(export())
        missed = []
        for place in range(1, len(rows)):
            for name, value in rows[place].items():
                forged = deepcopy(rows)
                forged[place][name] = {None: "7", "7": "8"}.get(value, f"{value}1" if value else "1")
                try:
                    against = verifier.verify(forged, None, [], [])
                except (ValueError, LookupError):
                    against = ["cannot tell"]
                if not against:
                    missed.append((place, name))

        assert missed == []
        assert verifier.verify(rows, None, [], []) == []

    @pytest.mark.parametrize(
        "forge",
        [
            lambda rows: [*rows[:2], rows[3], rows[2], *rows[4:]],
            lambda rows: [*rows[:2], *rows[3:]],
            lambda rows: [*rows[:2], rows[1], *rows[2:]],
            lambda rows: rows[:-1],
            lambda rows: rows[:1],
        ],
        ids=["swapped", "dropped", "doubled", "cut", "emptied"],
    )
    def test_catches_what_is_moved_or_missing_with_a_checkpoint(
        self, verifier, export, line, forge, tmp_path, capsys
    ) -> None:
        sign_all()
        kept = tmp_path / "kept"
        call_command("export_checkpoints", str(kept), stdout=io.StringIO())
        file = export()
        forged = written(file, forge(read(file)))

        words = [str(forged), "--public-key", key_in_words(), "--checkpoint", str(kept)]

        assert verifier.main(words) == 1
        assert "NOT WHOLE: line" in capsys.readouterr().out

    def test_catches_a_code_that_no_line_has(self, verifier, export, capsys) -> None:
        assert verifier.main([str(export()), "--code", "1-0000-0000-0000-0000"]) == 1
        assert "no line has the code" in capsys.readouterr().out

    def test_says_when_it_cannot_tell(self, verifier, export, line, tmp_path: Path, capsys) -> None:
        sign_all()
        kept, file = tmp_path / "kept", str(export())
        call_command("export_checkpoints", str(kept), stdout=io.StringIO())
        other = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
        (tmp_path / "broken").write_text("{")

        for words in (
            [str(tmp_path / "gone")],
            [str(tmp_path / "broken")],
            [str(kept)],
            [file, "--checkpoint", str(kept)],
            [file, "--checkpoint", str(kept), "--public-key", "no base64"],
            [file, "--checkpoint", str(kept), "--public-key", "AAAA"],
            [file, "--checkpoint", str(kept), "--public-key", other],
        ):
            assert (words, verifier.main(words)) == (words, 2)
        assert capsys.readouterr().out.count("CANNOT TELL") == 7

    def test_knows_a_restore_that_is_on_record_and_no_forged_one(
        self, verifier, export, line, cd_lead, manager, tmp_path: Path, capsys
    ) -> None:
        begin_life(reason=REASON, second=manager, by=cd_lead)
        receive(line, 3)
        sign_all()
        kept = tmp_path / "kept"
        call_command("export_checkpoints", str(kept), stdout=io.StringIO())
        file = export()
        words = ["--public-key", key_in_words(), "--checkpoint", str(kept)]

        assert verifier.main([str(file), *words]) == 0
        for change in ({"text": "x"}, {"signature": "00" * 64}, {"version": "hat-incarnation/1"}):
            rows = read(file)
            rows[1].update(change)
            assert (change, verifier.main([str(written(tmp_path / "forged", rows)), *words])) == (change, 2)
        rows = read(file)
        del rows[1]
        assert verifier.main([str(written(tmp_path / "forged", rows)), *words]) == 1
        assert verifier.main([str(file)]) == 2
        capsys.readouterr()

    def test_counts_no_checkpoint_of_another_register(
        self, verifier, export, line, tmp_path: Path, capsys
    ) -> None:
        sign_all()
        file, kept = str(export()), tmp_path / "kept"
        call_command("export_checkpoints", str(kept), stdout=io.StringIO())
        mine = kept.read_text()
        other = json.loads(mine) | {"line": str(line.premises_id)}
        words = [file, "--public-key", key_in_words(), "--checkpoint", str(kept)]

        kept.write_text(mine + json.dumps(other) + "\n")
        assert verifier.main(words) == 0
        assert "1 checkpoints" in capsys.readouterr().out
        kept.write_text(json.dumps(other) + "\n")
        assert verifier.main(words) == 2
        assert "no checkpoint given is of this register" in capsys.readouterr().out


class TestTheVerifierAfterARestore:
    @pytest.fixture
    def line(self, own_database, clinic) -> RegisterLine:
        """A ledger of receipts alone, whose owner is somebody else."""
        line = an_open_register(PremisesFactory(clinic=clinic, name="Harbour Street"))
        for number in range(8):
            receive(line, 10 + number)
        return line

    @pytest.mark.parametrize("beside", [{"seq": None}, {"number": 99}, {"seq": 1}, {}])
    def test_believes_of_a_restore_only_what_is_signed(
        self, own_database, verifier, export, line, cd_lead, manager, tmp_path: Path, beside, capsys
    ) -> None:
        """A register made anew is not excused by what somebody wrote beside the signed record of a restore."""
        sign_all()
        begin_life(reason=REASON, second=manager, by=cd_lead)
        kept = tmp_path / "kept"
        call_command("export_checkpoints", str(kept), stdout=io.StringIO())
        with as_owner(own_database) as owner:
            rewrite(owner, line.id, REWRITINGS["edit"])
        rows = read(export())
        rows[1].update(beside)
        words = ["--public-key", key_in_words(), "--checkpoint", str(kept)]

        assert verifier.main([str(written(tmp_path / "forged", rows)), *words]) == 1
        told = capsys.readouterr().out
        assert "is not the one with which incarnation 2 began" in told
        assert "note:" not in told

    def test_knows_the_lost_lines_of_two_restores(
        self, own_database, verifier, export, line, cd_lead, manager, tmp_path: Path, capsys
    ) -> None:
        first = sign_all()
        entries = read_entries(line.id)
        second = replace(first[0].said, incarnation=2, seq=2, head_hash="b" * 64)
        with as_owner(own_database) as owner:
            owner.execute("ALTER TABLE dosing_checkpoint DISABLE TRIGGER USER")
            owner.execute("DELETE FROM dosing_checkpoint")
            write(owner, line.id, entries[:3])
        kept = [*first, signed_anew(second)]
        assert begin_life(reason=REASON, second=manager, by=cd_lead, kept=kept).number == 3
        file = tmp_path / "kept"
        file.write_text("".join(f"{as_kept(one)}\n" for one in [*kept, *sign_all()]))

        words = ["--public-key", key_in_words(), "--checkpoint", str(file)]

        assert verifier.main([str(export()), *words]) == 0
        told = capsys.readouterr().out
        assert told.count("tells of lines that a recorded restore lost") == 2
        assert "WHOLE: 3 lines, 3 checkpoints" in told


class TestTheVerifiersSignatures:
    def test_are_those_of_the_library(self, verifier) -> None:
        for number in range(20):
            key, text = Ed25519PrivateKey.generate(), b"t" * number
            public, signature = key.public_key().public_bytes_raw(), key.sign(text)

            grown = (int.from_bytes(signature[32:], "little") + verifier.Q).to_bytes(32, "little")

            verifier.must_be_signed(public, text, signature, "it")
            for forged in (
                (public, text + b"x", signature),
                (public, text, signature[:-1] + bytes([signature[-1] ^ 1])),
                (public, text, bytes([signature[0] ^ 1]) + signature[1:]),
                (Ed25519PrivateKey.generate().public_key().public_bytes_raw(), text, signature),
                (public, text, signature[:32] + grown),
            ):
                with pytest.raises((ValueError, LookupError)):
                    verifier.must_be_signed(*forged, "it")

    def test_are_those_of_the_standard(self, verifier) -> None:
        """The second test vector of RFC 8032, 7.1."""
        verifier.must_be_signed(
            bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
            bytes.fromhex("72"),
            bytes.fromhex(
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
            ),
            "it",
        )
