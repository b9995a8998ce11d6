#!/usr/bin/env python
"""Django's command line. Commands that change tables run as the owner role, all others as the app role."""

import os
import sys

# The application's own database login may not change tables, so that it cannot switch a trigger off.
OWNER_COMMANDS = {"migrate", "make_test_template"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hat_clinic.settings")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ["HAT_DATABASE_ROLE"] = "owner"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
