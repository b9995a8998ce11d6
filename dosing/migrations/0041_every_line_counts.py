"""What a drawn dose rests on reads every line of an injection, and no check that was put right passes a hold."""

from typing import Any

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# SECURITY DEFINER nowhere: the application and the register's role may both read the facts.
OF_ANY_LINE = """
CREATE FUNCTION injection_{name}_mg(p_injection uuid, p_first integer) RETURNS integer
    LANGUAGE sql STABLE
AS $$
    SELECT {choice}(
        p_first, (SELECT {total}(f.given_mg) FROM public.dosing_injectionfacts f WHERE f.injection_id = p_injection)
    )
$$;
"""
NAMES = (("most", "greatest", "max"), ("least", "least", "min"))
HELD = """                    AND EXISTS (
                        SELECT FROM public.dosing_hold h"""
CHANGED = (
    # What was put right to less frees nothing (clinical rules 12 and 7.11).
    (
        "prepared_dose_within_its_session()",
        "coalesce(sum(i.given_mg), 0)",
        "coalesce(sum(public.injection_most_mg(i.id, i.given_mg)), 0)",
    ),
    # A doctor lifts a hold on a new check: one that was put right keeps the moment of the first, and is none.
    ("preparation_is_allowed()", HELD, "                    AND c.amends_id IS NULL\n" + HELD),
)


def read_every_line(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add the two functions, and let the guards of a drawn dose ask them, in the functions as they stand."""
    for name, choice, total in NAMES:
        schema_editor.execute(OF_ANY_LINE.format(name=name, choice=choice, total=total), params=None)
    for name, before, after in CHANGED:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_functiondef(%s::regprocedure)", [name])
            standing: str = cursor.fetchone()[0]
        if standing.count(before) != 1:
            raise RuntimeError(f"{name} is not what it was")
        schema_editor.execute(standing.replace(before, after, 1), params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('dosing', '0040_paper_is_entered_first'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(read_every_line, migrations.RunPython.noop),
    ]
