"""How much of the code the whole suite must run: `./hat test` fails below these gates.

What decides is run branch by branch, what writes almost, and everything else mostly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher.processes import Run


@dataclass(frozen=True)
class Gate:
    """A share of branches and lines, in per cent, that a part of the code must reach."""

    name: str
    files: str
    percent: int


GATES = (
    Gate("rules", "*/rules.py,*/rules/*", 100),
    Gate("actions", "*/actions.py,*/actions/*", 95),
    Gate("all code", "*", 90),
)


def measured(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment of a run that is counted: its counts lie in the folder, and not in somebody else's."""
    kept = {name: value for name, value in environment.items() if not name.startswith("COVERAGE_")}
    return {**kept, "COVERAGE_FILE": str(folder / "coverage")}


def check_gates(run: Run, environment: Mapping[str, str]) -> list[str]:
    """What to say of each gate that was not reached; prints one line of shares, and every line not run."""
    coverage = [str(run.checkout.python), "-m", "coverage"]
    run.call("coverage-combine", [*coverage, "combine", "--quiet"], environment=environment)
    shares, failed = [], []
    for gate in GATES:
        report = ["report", "--precision=1", f"--include={gate.files}", f"--fail-under={gate.percent}"]
        code, printed = run.call("coverage-report", [*coverage, *report], environment=environment)
        totals = [line.split()[-1] for line in printed.splitlines() if line.startswith("TOTAL")]
        share = totals[0].replace("%", " %") if totals else "not measured"
        shares.append(f"{gate.name} {share}")
        if code:
            failed.append(f"coverage of {gate.name} ({share}; {gate.percent} % needed)")
            print(f"--- coverage of {gate.name} ---\n{printed}")
    print(f"Coverage: {', '.join(shares)}.", flush=True)
    return failed
