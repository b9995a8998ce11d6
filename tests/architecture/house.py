"""What the checks look at: the files of the house, its modules and its models.

Every check is a function that takes such a list and returns its violations as sentences, so that each can be
shown the real house and a copy with a planted fault.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

ROOMS = ("patients", "referrals", "dosing", "outcomes")
PACKAGES = ("hat_clinic", *ROOMS)

# Never ours to judge: made by programs, or other people's work carried along.
_NOT_OURS = {".git", ".venv", ".hat", "__pycache__", "staticfiles", "htmlcov", "node_modules"}


def files(root: Path = ROOT) -> list[Path]:
    """Return every file that is or would be committed, as absolute paths, sorted."""
    if (root / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split("\0")
        found = [root / name for name in listed if name]
    else:
        found = [path for path in root.rglob("*") if not _NOT_OURS & set(path.relative_to(root).parts)]
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def own_files(root: Path = ROOT) -> list[Path]:
    """Return the files we wrote ourselves: no vendored ones, no locks, no carried data."""
    return [path for path in files(root) if not is_foreign(path.relative_to(root))]


def is_foreign(path: Path) -> bool:
    """Tell whether a path, relative to the root, is a copy of other people's work or a computed lock."""
    return "vendor" in path.parts or path.parts[0] == "requirements" or path.name == "LICENSE"


def text_of(path: Path) -> str | None:
    """Return a file's text, or None for pictures, fonts and the like."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def copy_of_the_house(to: Path) -> Path:
    """Copy our packages and configuration to a folder in which a fault can be planted."""
    for name in PACKAGES:
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", to / "pyproject.toml")
    return to


def plant(root: Path, module: str, code: str) -> Path:
    """Append code to a module of a copy, making the module and its packages where they are missing."""
    path = root.joinpath(*module.split("."))
    if path.is_dir():
        file = path / "__init__.py"
    else:
        file = path.with_suffix(".py")
        package = file.parent
        while package != root:
            package.mkdir(parents=True, exist_ok=True)
            (package / "__init__.py").touch()
            package = package.parent
    with file.open("a", encoding="utf-8") as handle:
        handle.write(f"\n{code}\n")
    return file


@dataclass(frozen=True)
class Module:
    """One module of the house: its dotted name and its parsed text."""

    name: str
    path: Path

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"), filename=str(self.path))

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @cached_property
    def imports(self) -> dict[str, str]:
        """Local name to dotted origin of every import anywhere in the module."""
        found: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    found[name] = alias.name if alias.asname else name
            elif isinstance(node, ast.ImportFrom):
                found.update({a.asname or a.name: f"{self._origin(node)}.{a.name}" for a in node.names})
        return found

    @cached_property
    def imported(self) -> set[str]:
        """Dotted names of everything imported anywhere in the module."""
        names: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names |= {f"{self._origin(node)}.{alias.name}" for alias in node.names}
        return names

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")
        package = parts if self.is_package else parts[:-1]
        base = package[: len(package) - node.level + 1]
        return ".".join([*base, node.module] if node.module else base)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Yield the functions at the top of the module."""
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def modules(root: Path = ROOT) -> list[Module]:
    """Return every module of our packages except migrations."""
    found = []
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            if "migrations" in parts or "__pycache__" in parts:
                continue
            found.append(Module(".".join(parts[:-1] if parts[-1] == "__init__" else parts), path))
    return found


def shelf(module: Module | str) -> str:
    """Return the shelf a module stands on: actions, rules, views and so on; empty for a package itself."""
    parts = (module if isinstance(module, str) else module.name).split(".")
    depth = 2 if parts[0] == "hat_clinic" else 1
    return parts[depth] if len(parts) > depth else ""
