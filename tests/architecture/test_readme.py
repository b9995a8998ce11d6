"""What the README tells a newcomer to type is there."""

from __future__ import annotations

import re
from pathlib import Path

from launcher.__main__ import DELEGATED, VERBS
from launcher.checkout import Checkout
from tests.architecture.house import ROOT

_VERB = re.compile(r"\./hat ([a-z]+)")
_VARIABLE = re.compile(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`")
_READ = re.compile(
    r"""env\.\w+\(\s*"([A-Z0-9_]+)"|database_from\("([A-Z0-9_]+)"|environ(?:\.get)?[\[(]"([A-Z0-9_]+)"""
)


def known_verbs() -> set[str]:
    """Return every word that ./hat takes."""
    checkout = Checkout(ROOT)
    return {*VERBS, *(verb for verb in DELEGATED if checkout.has_command(verb))}


def program_text() -> str:
    """Return the text of everything that reads the environment."""
    files = [
        ROOT / "hat",
        ROOT / "manage.py",
        *(ROOT / "launcher").rglob("*.py"),
        ROOT / "hat_clinic/settings.py",
    ]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def unknown_verbs(readme: str, known: set[str]) -> list[str]:
    """Return a sentence for each verb a text names and ./hat does not take."""
    return [f"./hat {verb} is not there" for verb in sorted(set(_VERB.findall(readme)) - known)]


def untold_verbs(readme: str, known: set[str]) -> list[str]:
    """Return a sentence for each verb that a text does not name."""
    return [f"./hat {verb} is not told of" for verb in sorted(known - set(_VERB.findall(readme)))]


def unread_variables(readme: str, program: str) -> list[str]:
    """Return a sentence for each environment variable a text names and no program reads."""
    return [
        f"{name} is read by nothing" for name in sorted(set(_VARIABLE.findall(readme))) if name not in program
    ]


def untold_variables(readme: str, settings: str) -> list[str]:
    """Return a sentence for each environment variable the settings read and a text does not name."""
    read = {name for names in _READ.findall(settings) for name in names if name}
    return [f"{name} is not told of" for name in sorted(read) if f"`{name}`" not in readme]


def unset_in_production(readme: str, compose: str) -> list[str]:
    """Return the variables that the README marks with a star and docker-compose.yml does not set."""
    starred = re.findall(r"^\| `([A-Z_]+)` \* \|", readme, re.MULTILINE)
    return [name for name in starred if not re.search(rf"^ +{name}:", compose, re.MULTILINE)]


def lost_files(readme: str, root: Path = ROOT) -> list[str]:
    """Return each picture or page of this project that a text links to and that is not there."""
    targets = re.findall(r"\]\(([^)#:]+)\)", readme)
    return [target for target in targets if not (root / target).exists()]


class TestTheComposeFile:
    def test_sets_every_variable_that_production_sets(self) -> None:
        readme, compose = (ROOT / "README.md").read_text(), (ROOT / "docker-compose.yml").read_text()

        assert unset_in_production(readme, compose) == []

    def test_leaving_one_out_is_seen(self) -> None:
        assert unset_in_production("| `A_KEY` * | a |\n| `B_KEY` * | b |\n", "  A_KEY: 1\n") == ["B_KEY"]


class TestTheReadme:
    def test_names_verbs_that_are_there(self) -> None:
        readme = (ROOT / "README.md").read_text(encoding="utf-8")

        assert unknown_verbs(readme, known_verbs()) == []

    def test_names_them_all(self) -> None:
        readme = (ROOT / "README.md").read_text(encoding="utf-8")

        assert untold_verbs(readme, known_verbs()) == []

    def test_naming_another_verb_is_seen(self) -> None:
        assert unknown_verbs("type ./hat fly", known_verbs()) == ["./hat fly is not there"]

    def test_leaving_a_verb_out_is_seen(self) -> None:
        assert untold_verbs("type ./hat demo", {"demo", "stop"}) == ["./hat stop is not told of"]

    def test_names_variables_that_are_read(self) -> None:
        readme = (ROOT / "README.md").read_text(encoding="utf-8")

        assert unread_variables(readme, program_text()) == []

    def test_naming_another_variable_is_seen(self) -> None:
        assert unread_variables("set `HAT_WINGS=2`", program_text()) == ["HAT_WINGS is read by nothing"]

    def test_names_every_variable_the_settings_read(self) -> None:
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        settings = (ROOT / "hat_clinic" / "settings.py").read_text(encoding="utf-8")

        assert untold_variables(readme, settings) == []

    def test_leaving_a_variable_out_is_seen(self) -> None:
        assert untold_variables("", 'X = env.bool("HAT_WINGS", default=False)') == [
            "HAT_WINGS is not told of"
        ]

    def test_shows_pictures_and_links_pages_that_are_there(self) -> None:
        readme = (ROOT / "README.md").read_text(encoding="utf-8")

        assert "![" in readme
        assert lost_files(readme) == []

    def test_showing_a_picture_that_is_not_there_is_seen(self, tmp_path: Path) -> None:
        (tmp_path / "here.png").touch()

        assert lost_files("![a](here.png) ![b](gone.png)", tmp_path) == ["gone.png"]
