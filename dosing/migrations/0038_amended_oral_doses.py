"""An oral dose that puts another right: its order and day, and why. What was so is written, whatever it says."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


ORAL = """
CREATE FUNCTION amending_oral_dose_says_why() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.dosing_correction c WHERE c.oral_dose_id = NEW.id) THEN
        RAISE EXCEPTION 'An oral dose that amends another says why, and is signed.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'amending_oral_dose_says_why';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER amending_oral_dose_says_why AFTER INSERT ON dosing_oraldose
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.amends_id IS NOT NULL) EXECUTE FUNCTION amending_oral_dose_says_why();
ALTER TABLE dosing_oraldose ENABLE ALWAYS TRIGGER amending_oral_dose_says_why;
"""
LOCK = "    PERFORM pg_advisory_xact_lock("
ITS_OWN = """    -- What was so is a fact: it is held against the day by who puts it right, and refused by nothing.
    IF NEW.amends_id IS NOT NULL THEN
        IF NOT EXISTS (
            SELECT FROM public.dosing_oraldose d
                WHERE d.id = NEW.amends_id AND d.order_id = NEW.order_id AND d.patient_id = NEW.patient_id
                    AND d.drug = NEW.drug AND d.given_on = NEW.given_on
        ) THEN
            RAISE EXCEPTION 'An oral dose amends one of its own order and day.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'oral_dose_amends_its_own';
        END IF;
        RETURN NEW;
    END IF;
"""
COUNTED = "WHERE d.patient_id = NEW.patient_id AND d.drug = NEW.drug AND d.given_on = NEW.given_on"
LATER = " AND NOT EXISTS (SELECT FROM public.dosing_oraldose later WHERE later.amends_id = d.id)"
SIGNED = "WHERE f.id = NEW.facts_id AND f.recorded_by_id = NEW.corrected_by_id"
ORAL_SIGNED = (
    " UNION ALL SELECT FROM public.dosing_oraldose d WHERE d.id = NEW.oral_dose_id AND d.amends_id IS NOT NULL"
    " AND d.supervised_by_id = NEW.corrected_by_id"
)
CHANGED = (
    ("oral_dose_is_allowed()", LOCK, ITS_OWN + LOCK),
    ("oral_dose_is_allowed()", COUNTED, COUNTED + LATER),
    ("correction_is_signed_by_who_amends()", SIGNED, SIGNED + ORAL_SIGNED),
)


def let_what_was_so_be_written(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the guard of oral doses take a correction as a fact, and count each dose once, in the function as it stands."""
    schema_editor.execute(ORAL, params=None)
    for name, before, after in CHANGED:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_functiondef(%s::regprocedure)", [name])
            standing: str = cursor.fetchone()[0]
        if standing.count(before) != 1:
            raise RuntimeError(f"{name} is not what it was")
        schema_editor.execute(standing.replace(before, after, 1), params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('dosing', '0037_injection_facts'),
        ('patients', '0005_episode_stages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='correction',
            name='correction_is_of_one_thing',
        ),
        migrations.RemoveConstraint(
            model_name='oraldose',
            name='oral_dose_is_given_to_somebody_awake',
        ),
        migrations.AddField(
            model_name='correction',
            name='oral_dose',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='correction', to='dosing.oraldose'),
        ),
        migrations.AddField(
            model_name='oraldose',
            name='amends',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='dosing.oraldose'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('check_made__isnull', True), ('facts__isnull', True), ('oral_dose__isnull', True), ('outcome__isnull', True), ('reading__isnull', False)), models.Q(('check_made__isnull', True), ('facts__isnull', True), ('oral_dose__isnull', True), ('outcome__isnull', False), ('reading__isnull', True)), models.Q(('check_made__isnull', False), ('facts__isnull', True), ('oral_dose__isnull', True), ('outcome__isnull', True), ('reading__isnull', True)), models.Q(('check_made__isnull', True), ('facts__isnull', False), ('oral_dose__isnull', True), ('outcome__isnull', True), ('reading__isnull', True)), models.Q(('check_made__isnull', True), ('facts__isnull', True), ('oral_dose__isnull', False), ('outcome__isnull', True), ('reading__isnull', True)), _connector='OR'), name='correction_is_of_one_thing', violation_error_message='A correction is of one line of the room.'),
        ),
        migrations.AddConstraint(
            model_name='oraldose',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sedation__in', ['1', '2']), models.Q(('breaths__isnull', True), models.Q(('breaths__gte', 12), ('breaths__lte', 60)), _connector='OR')), models.Q(('amends__isnull', False), models.Q(('breaths__isnull', True), ('breaths__lte', 60), _connector='OR')), _connector='OR'), name='oral_dose_is_given_to_somebody_awake', violation_error_message='Nobody drowsy or breathing slowly is given an oral opioid.'),
        ),
        migrations.RunPython(let_what_was_so_be_written, migrations.RunPython.noop),
    ]
