"""What no committed file may contain, and how long one may be."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.house import ROOT, files, own_files, text_of

LINES_AT_MOST = 450
_CODE = {".py", ".html", ".css", ".js", ".toml", ".sql", ".sh", ".yml", ".yaml"}

# One letter in brackets, so that this file does not contain what it forbids.
_MACHINE = re.compile(r"(?<![\w.>}-])/(?:[h]ome|[r]oot|[w]ork|[f]arm)/|[f]ile://(?!host/|/etc/)")
_REGISTRY = re.compile(r"[p]ypi\.org|[p]ythonhosted\.org|[n]pmjs\.|--(?:extra-)?[i]ndex-url", re.IGNORECASE)
_CLAIM = re.compile(r"\b(?:[c]ompliant|[c]ertified|[a]ccredited)\b", re.IGNORECASE)
_UNDONE = re.compile(r"\b(?:[T]ODO|[F]IXME|[X]XX)\b")
_INLINE = re.compile(
    r"<style\b|\sstyle\s*=|<script\b(?![^>]*\b(?:src=|type=\"application/json\"))|\son[a-z]+\s*=\s*[\"']|javascript:",
    re.IGNORECASE,
)
_REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*(?:==|@)", re.M)


def lines_with(pattern: re.Pattern[str], paths: list[Path], root: Path) -> list[str]:
    """Return "file:line: what stands there" for each place where a pattern occurs."""
    return [
        f"{path.relative_to(root)}:{number}: {match.group(0).strip()}"
        for path in paths
        for number, line in enumerate((text_of(path) or "").splitlines(), start=1)
        for match in [pattern.search(line)]
        if match
    ]


def machine_paths(paths: list[Path], root: Path = ROOT) -> list[str]:
    """Return each place that names a folder of somebody's machine."""
    return lines_with(_MACHINE, paths, root)


def registry_hosts(paths: list[Path], root: Path = ROOT) -> list[str]:
    """Return each place that names the host of a package registry, or points an installer at one."""
    return lines_with(_REGISTRY, paths, root)


def claims(paths: list[Path], root: Path = ROOT) -> list[str]:
    """Return each place that uses a word only an outside body may use of us."""
    return lines_with(_CLAIM, paths, root)


def undone(paths: list[Path], root: Path = ROOT) -> list[str]:
    """Return each mark of work put off."""
    return lines_with(_UNDONE, paths, root)


def inline_code(paths: list[Path], root: Path = ROOT) -> list[str]:
    """Return each style or script written into a template: the content policy would refuse it."""
    return lines_with(_INLINE, [path for path in paths if path.suffix == ".html"], root)


def too_long(paths: list[Path], root: Path = ROOT) -> list[str]:
    """Return a sentence for each file of code that should become a package cut by noun."""
    violations = []
    for path in paths:
        if "migrations" in path.parts or not (path.suffix in _CODE or path.name == "hat"):
            continue
        count = len((text_of(path) or "").splitlines())
        if count >= LINES_AT_MOST:
            violations.append(f"{path.relative_to(root)} has {count} lines: cut it by noun")
    return violations


def second_drivers(locks: dict[str, str]) -> list[str]:
    """Return a sentence for each lock that would install psycopg 3, which silently replaces psycopg2."""
    return [
        f"{lock} installs {match['name']}"
        for lock, text in locks.items()
        for match in _REQUIREMENT.finditer(text)
        if re.fullmatch(r"psycopg(?:[-_.](?:binary|c|pool))?", match["name"])
    ]


def unexplained(pyproject: str) -> list[str]:
    """Return a sentence for each dependency without a comment that says what it is for."""
    project = tomllib.loads(pyproject)["project"]
    wanted = [
        *project["dependencies"],
        *(d for extra in project["optional-dependencies"].values() for d in extra),
    ]
    return [
        f"{dependency} has no comment saying what it is for"
        for dependency in wanted
        if not re.search(rf'^\s*"{re.escape(dependency)}",[ ]+# \S.{{3,}}$', pyproject, re.M)
    ]


# What is planted is spelt backwards, for the same reason.
PLANTED = [
    (machine_paths, "notes.md", "see {}ann/notes", "/emoh/"[::-1]),
    (machine_paths, "notes.md", "open {}notes.html", "//:elif"[::-1]),
    (registry_hosts, "install.sh", "pip install {}=x hat", "lru-xedni--"[::-1]),
    (registry_hosts, "install.sh", "curl https://{}/simple", "gro.ipyp"[::-1]),
    (claims, "README.md", "fully {}", "tnailpmoC"[::-1]),
    (undone, "views.py", "x = 1  # {} later", "ODOT"[::-1]),
    (inline_code, "page.html", "<p {}'color:red'>", "style="),
    (inline_code, "page.html", "{} nonce='x'>go()</script>", "<script"),
    (inline_code, "page.html", "<a {}go()'>", "onclick='"),
]


class TestCommittedFiles:
    def test_name_no_folder_of_a_machine(self) -> None:
        assert machine_paths(own_files()) == []

    def test_name_no_package_registry(self) -> None:
        assert registry_hosts([path for path in files() if "vendor" not in path.parts]) == []

    def test_claim_nothing_that_others_must_grant(self) -> None:
        assert claims(own_files()) == []

    def test_put_nothing_off(self) -> None:
        assert undone(own_files()) == []

    def test_are_short(self) -> None:
        assert too_long(own_files()) == []

    def test_that_are_long_are_seen(self, tmp_path: Path) -> None:
        (tmp_path / "short.py").write_text("\n" * (LINES_AT_MOST - 1))
        (tmp_path / "long.py").write_text("\n" * LINES_AT_MOST)

        assert too_long(sorted(tmp_path.iterdir()), tmp_path) == ["long.py has 450 lines: cut it by noun"]

    @pytest.mark.parametrize(("check", "name", "text", "seen"), PLANTED)
    def test_with_what_they_may_not_have_are_seen(self, tmp_path: Path, check, name, text, seen) -> None:
        (tmp_path / name).write_text(f"first line\n{text.format(seen)}\n")

        assert check([tmp_path / name], tmp_path) == [f"{name}:2: {seen}"]

    def test_that_are_pictures_are_passed_over(self, tmp_path: Path) -> None:
        (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff\xfe")

        assert claims([tmp_path / "picture.png"], tmp_path) == []


class TestTemplates:
    def test_hold_no_style_and_no_script(self) -> None:
        assert inline_code(own_files()) == []


class TestLocks:
    def test_install_one_driver(self) -> None:
        locks = {path.name: path.read_text() for path in (ROOT / "requirements").glob("*.txt")}

        assert {"app.txt", "demo.txt", "test.txt"} <= set(locks)
        assert second_drivers(locks) == []

    @pytest.mark.parametrize("name", ["psycopg", "psycopg-binary", "psycopg_pool"])
    def test_with_the_other_driver_are_seen(self, name: str) -> None:
        assert second_drivers({"app.txt": f"{name}==3.2 \\\n    --hash=sha256:0"}) == [
            f"app.txt installs {name}"
        ]

    def test_with_psycopg2_are_fine(self) -> None:
        assert second_drivers({"app.txt": "psycopg2-binary==2.9.10 \\"}) == []


class TestDependencies:
    def test_say_what_they_are_for(self) -> None:
        assert unexplained((ROOT / "pyproject.toml").read_text()) == []

    def test_that_do_not_are_seen(self) -> None:
        planted = '[project]\ndependencies = [\n    "one>=1",  # the first of its kind\n    "two",\n]\n'
        planted += "[project.optional-dependencies]\ntest = []\n"

        assert unexplained(planted) == ["two has no comment saying what it is for"]
