"""Stands in for Celery: starts a process of its own, as its pool does, and sleeps until it is stopped."""

import subprocess
import sys
import time

subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
time.sleep(120)
