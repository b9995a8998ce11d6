"""Stands in for Celery: starts a process and leaves a folder, as its pool does, and sleeps until it is stopped."""

import subprocess
import sys
import tempfile
import time

tempfile.mkdtemp(prefix="left-by-celery-")
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
time.sleep(120)
