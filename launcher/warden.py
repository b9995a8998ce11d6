"""Outlives the launcher by a moment: when it dies without stopping its programs, the warden stops them.

It waits for the end of its standard input, which comes when the launcher ends, whichever way. A launcher that
stopped everything itself has removed the folder of its run by then, and there is nothing left to do.
"""

import os
import signal
import sys
from pathlib import Path

from launcher.processes import clean_up


def main() -> None:
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.SIG_IGN)
    while os.read(0, 1024):
        pass
    folder = Path(sys.argv[1])
    if folder.exists():
        clean_up(folder)


if __name__ == "__main__":
    main()
