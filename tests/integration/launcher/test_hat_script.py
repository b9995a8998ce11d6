"""The shell script: it finds a Python, or says in one sentence that there is none."""

import re
import shutil
import stat
import subprocess
from pathlib import Path

from launcher.__main__ import DELEGATED

from .conftest import ROOT, Pretend


def put_program(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


class TestHatScript:
    def test_is_plain_shell(self) -> None:
        for script in ("hat", ".ci/run", "docker/init-database.sh", "docker/check-compose"):
            checked = subprocess.run(
                ["sh", "-n", str(ROOT / script)], capture_output=True, text=True, check=False
            )

            assert checked.returncode == 0, checked.stderr

    def test_says_one_sentence_when_every_python_is_too_old(self, pretend: Pretend, tmp_path: Path) -> None:
        programs = tmp_path / "programs"
        put_program(programs, "python3", "#!/bin/sh\nexit 1\n")
        (programs / "dirname").symlink_to(shutil.which("dirname") or "")

        said = pretend.hat("help", PATH=str(programs), HAT_PYTHON="")

        assert said.returncode == 1
        assert said.stderr.count("\n") == 1
        assert "no Python 3.11 or newer was found; install one" in said.stderr

    def test_takes_a_later_python_when_the_first_is_too_old(self, pretend: Pretend, tmp_path: Path) -> None:
        programs = tmp_path / "programs"
        put_program(programs, "python3", "#!/bin/sh\nexit 1\n")
        newer = f'#!/bin/sh\nexec "{pretend.environment["HAT_PYTHON"]}" "$@"\n'
        put_program(programs, "python3.12", newer)
        (programs / "dirname").symlink_to(shutil.which("dirname") or "")

        said = pretend.hat("help", PATH=str(programs), HAT_PYTHON="")

        assert said.returncode == 0, said.stderr
        assert "./hat VERB" in said.stdout

    def test_takes_no_other_python_than_the_one_it_was_told(self, pretend: Pretend, tmp_path: Path) -> None:
        programs = tmp_path / "programs of old"
        put_program(programs, "python3", "#!/bin/sh\nexit 1\n")

        said = pretend.hat("help", HAT_PYTHON=str(programs / "python3"))

        assert said.returncode == 1
        assert said.stderr.count("\n") == 1
        assert f"HAT_PYTHON is {programs / 'python3'}, which is no Python 3.11 or newer" in said.stderr

    def test_lists_every_verb_that_the_readme_names(self, pretend: Pretend) -> None:
        readme = (ROOT / "README.md").read_text()
        named = set(re.findall(r"^\| `\./hat (\w+)", readme, flags=re.MULTILINE))
        commands = pretend.root / "hat_clinic" / "pretend" / "management" / "commands"
        commands.mkdir(parents=True)
        for verb in DELEGATED.keys() & named:
            (commands / f"{verb}.py").touch()

        listed = set(re.findall(r"^  (\w+)", pretend.hat("help").stdout, flags=re.MULTILINE))

        assert named == listed

    def test_refuses_a_verb_that_does_not_exist(self, pretend: Pretend) -> None:
        said = pretend.hat("dmeo")

        assert said.returncode == 2
        assert said.stderr == "hat: There is no ./hat dmeo; ./hat help lists what there is.\n"

    def test_refuses_further_words_where_it_takes_none(self, pretend: Pretend) -> None:
        said = pretend.hat("demo", "--port=9000")

        assert said.returncode == 2
        assert "./hat demo takes no further words" in said.stderr

    def test_lists_a_long_program_only_where_the_project_has_it(self, pretend: Pretend) -> None:
        before = pretend.hat("help").stdout
        commands = pretend.root / "hat_clinic" / "demo" / "management" / "commands"
        commands.mkdir(parents=True)
        (commands / "prove.py").touch()

        after = pretend.hat("help").stdout

        assert "prove" not in before
        assert "prove" in after


class TestReadme:
    def test_names_every_variable_the_settings_read(self) -> None:
        settings = (ROOT / "hat_clinic" / "settings.py").read_text()
        read = set(
            re.findall(r"\"((?:HAT_|DATABASE_)\w+|SECRET_KEY|REDIS_URL|PIN_PEPPER|FIELD_KEY)\"", settings)
        )
        readme = (ROOT / "README.md").read_text()

        missing = {name for name in read if f"| `{name}`" not in readme}

        assert not missing
