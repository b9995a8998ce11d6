"""What must be true before the program starts; each check says what to do."""

from __future__ import annotations

import hmac
import importlib.util
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

FIELD_KEY_BYTES = 32
SIGNING_KEY_BYTES = 32


@register()
def driver_is_psycopg2(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Refuse psycopg 3: where it can be imported Django takes it, silently, in place of psycopg2."""
    return check_driver()


def check_driver() -> list[CheckMessage]:
    """Return an error if psycopg (3) is there, or if the driver in use is not psycopg2."""
    driver: Any = connection  # only its backends have a Database
    is_there = importlib.util.find_spec("psycopg") is not None
    if is_there or driver.Database.__name__ != "psycopg2":
        return [
            Error(
                "The database driver must be psycopg2, and psycopg (version 3) is installed beside it.",
                hint="Run `pip uninstall psycopg`, and install from requirements/ only.",
                id="hat.E001",
            )
        ]
    return []


@register()
def roles_differ(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Refuse one login for both: whoever owns the tables can switch the register's triggers off."""
    if (
        settings.DATABASE_OWNER_ROLE is not None
        and settings.DATABASE_OWNER_ROLE == settings.DATABASE_APP_ROLE
    ):
        return [
            Error(
                "DATABASE_URL and DATABASE_OWNER_URL name the same database role.",
                hint="Give the application a role of its own that owns no table.",
                id="hat.E002",
            )
        ]
    return []


@register()
def field_key_is_there(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Refuse to start without a key: second factors could neither be stored nor read."""
    if settings.FIELD_KEY is None or len(settings.FIELD_KEY) != FIELD_KEY_BYTES:
        return [
            Error(
                "FIELD_KEY is missing or is not 32 bytes in base64.",
                hint='Make one with: python3 -c "import base64, os; '
                'print(base64.b64encode(os.urandom(32)).decode())", and keep it where backups of the '
                "database are not kept.",
                id="hat.E003",
            )
        ]
    return []


@register()
def checkpoint_keys_are_keys(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Refuse a key that is none: what it signed could be verified by nobody."""
    keys = [settings.CHECKPOINT_KEY, *settings.CHECKPOINT_PUBLIC_KEYS]
    if any(key is not None and len(key) != SIGNING_KEY_BYTES for key in keys):
        return [
            Error(
                "CHECKPOINT_KEY or one of CHECKPOINT_PUBLIC_KEYS is not 32 bytes in base64.",
                hint="./hat manage show_checkpoint_key prints the public key that belongs to CHECKPOINT_KEY.",
                id="hat.E007",
            )
        ]
    return []


@register(deploy=True)
def checkpoints_are_signed(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Ask for the key that signs checkpoints, without which a rewritten register is not seen."""
    if settings.CHECKPOINT_KEY is None:
        return [
            Error(
                "CHECKPOINT_KEY is not set: a register that the database's owner wrote anew would not be seen.",
                hint='Make one with: python3 -c "import base64, os; '
                'print(base64.b64encode(os.urandom(32)).decode())", and keep it from whoever runs the database.',
                id="hat.E008",
            )
        ]
    return []


@register(deploy=True)
def pepper_is_its_own(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Refuse a clinic whose PIN pepper is its SECRET_KEY: changing the one would turn every PIN off."""
    if hmac.compare_digest(settings.PIN_PEPPER, settings.SECRET_KEY.encode()):
        return [
            Error(
                "PIN_PEPPER is not set, so SECRET_KEY stands in for it.",
                hint="Set PIN_PEPPER once, to a long random text; changing it turns every PIN off.",
                id="hat.E004",
            )
        ]
    return []


@register(deploy=True)
def is_not_the_demo(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Refuse to deploy the demo, whose second factors are printed on request."""
    if settings.IS_DEMO:
        return [
            Error(
                "HAT_DEMO is set: this is the demo, not a clinic.",
                hint="Unset HAT_DEMO, and start with an empty database.",
                id="hat.E005",
            )
        ]
    return []


@register(Tags.database, deploy=True)
def clock_is_the_databases(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Refuse a database whose clock can be set by hand."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.clock_override') IS NOT NULL")
        (is_set_by_hand,) = cursor.fetchone()
    if is_set_by_hand:
        return [
            Error(
                "The table clock_override exists: this is a test or demo database.",
                hint="Use another database for a clinic.",
                id="hat.E006",
            )
        ]
    return []
