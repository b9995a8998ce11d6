"""`./hat VERB ...`: finds the verb, and turns every failure into one sentence and an exit code."""

import errno
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from launcher import commands
from launcher.checkout import Checkout
from launcher.demo import demo
from launcher.interrupts import Interrupted, Interrupts
from launcher.problems import Problem, say
from launcher.testing import bench, test

VERBS = {
    "demo": "start the demo clinic: database, broker, web server, worker, schedule; Ctrl-C stops it",
    "test": "run all checks and the whole test suite; further words go to pytest",
    "check": "run the checks alone: format, lint, templates, import contracts, types, migrations, deployment",
    "bench": "measure what the pages of the treatment room cost; further words go to pytest",
    "fix": "format the code and the templates and repair what can be repaired",
    "manage": "run a Django management command in the demo's environment",
    "code": "print the current second factor of the demo's user of a role, as in ./hat code nurse",
    "stop": "stop the demo of this folder from another window",
    "reset": "stop the demo and delete its data, keys and logs (asks; --yes does not)",
    "lock": "write the lock files in requirements/ anew from pyproject.toml",
    "help": "print this",
}
# Verbs that are management commands of the project, listed when it has them.
DELEGATED = {
    "prove": "run the long proofs and write their results to docs/measures/",
    "scenarios": "run a folder of clinical scenarios",
}
NO_WORDS = {"demo", "check", "fix", "stop", "lock", "help"}


def main(words: Sequence[str]) -> int:
    checkout = Checkout(Path(__file__).resolve().parent.parent)
    verb = words[0] if words else "help"
    verb = "help" if verb in ("-h", "--help") else verb
    known = VERBS | {name: text for name, text in DELEGATED.items() if checkout.has_command(name)}
    if verb not in known:
        raise Problem(f"There is no ./hat {verb}; ./hat help lists what there is.", code=2)
    if verb in NO_WORDS and len(words) > 1:
        raise Problem(f"./hat {verb} takes no further words; ./hat help lists what there is.", code=2)
    if verb == "help":
        print("Use: ./hat VERB ...\n\n" + "\n".join(f"  {name:<10} {text}" for name, text in known.items()))
        return 0
    checkout.prepare()
    interrupts = Interrupts()
    interrupts.install()
    return _verb(checkout, interrupts, verb, words[1:])()


def _verb(checkout: Checkout, interrupts: Interrupts, verb: str, words: Sequence[str]) -> Callable[[], int]:
    if verb in DELEGATED:
        return lambda: commands.manage_verb(checkout, interrupts, [verb, *words])
    return {
        "demo": lambda: demo(checkout, interrupts),
        "test": lambda: test(checkout, interrupts, words),
        "check": lambda: test(checkout, interrupts, (), with_pytest=False),
        "bench": lambda: bench(checkout, interrupts, words),
        "fix": lambda: commands.fix(checkout, interrupts),
        "manage": lambda: commands.manage_verb(checkout, interrupts, words),
        "code": lambda: commands.code(checkout, interrupts, words),
        "stop": lambda: commands.stop(checkout),
        "reset": lambda: commands.reset(checkout, words),
        "lock": lambda: commands.lock(checkout, interrupts),
    }[verb]


def run(words: Sequence[str]) -> int:
    """`main`, with every way to fail put into one sentence."""
    try:
        return main(words)
    except Problem as problem:
        say(str(problem))
        return problem.code
    except Interrupted as interrupted:
        say("Stopped before it was done; nothing is left running.")
        return 128 + interrupted.signum
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        if error.errno == errno.EPIPE:
            return 1  # whoever read the output has gone; everything is stopped by now
        if error.errno == errno.ENOSPC:
            say(f"The disk is full{where}: make room and run ./hat again.")
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            say(f"No permission{where}: run ./hat as this folder's owner, or make a checkout of your own.")
        else:
            return _unforeseen(error)
        return 1
    except Exception as error:
        return _unforeseen(error)


def _unforeseen(error: Exception) -> int:
    log = Path(__file__).resolve().parent.parent / ".hat" / "logs" / "launcher.log"
    text = "".join(traceback.format_exception(error))
    try:
        log.write_text(text)
        say(f"The launcher itself failed ({type(error).__name__}): {log} says where; please report it.")
    except OSError:
        print(text, file=sys.stderr)
    return 1


if __name__ == "__main__":
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
