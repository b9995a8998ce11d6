"""A line of costs is entered by a named person, or imported; only added; a correction names what it amends."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION costs_are_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_programmecost first
            WHERE first.id = NEW.amends_id AND first.clinic_id = NEW.clinic_id AND first.month = NEW.month
    ) THEN
        RAISE EXCEPTION 'A correction is of a line of the same month in the same clinic.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cost_correction_is_of_the_same_month';
    END IF;
    -- Two at once for one clinic follow each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('costs ' || NEW.clinic_id, 0));
    -- Imported history may hold two lines of one kind: the files do not forbid it. What we enter ourselves may not.
    IF NEW.import_run_id IS NULL AND NEW.correction <> 'entered_twice' AND EXISTS (
        SELECT FROM public.outcomes_programmecost other
            WHERE other.clinic_id = NEW.clinic_id AND other.month = NEW.month
                AND lower(other.payer) = lower(NEW.payer) AND other.category = NEW.category
                AND other.id IS DISTINCT FROM NEW.amends_id
                AND other.correction <> 'entered_twice'
                AND NOT EXISTS (
                    SELECT FROM public.outcomes_programmecost later WHERE later.amends_id = other.id
                )
    ) THEN
        RAISE EXCEPTION 'There is already a line of this payer and category in this month.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'one_cost_per_month_payer_and_category';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_programmecost_in_order
    BEFORE INSERT ON public.outcomes_programmecost
    FOR EACH ROW EXECUTE FUNCTION costs_are_in_order();
ALTER TABLE public.outcomes_programmecost ENABLE ALWAYS TRIGGER outcomes_programmecost_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_programmecost_in_order ON public.outcomes_programmecost;
DROP FUNCTION costs_are_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0029_dataset'),
        ('patients', '0009_harm_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='programmecost',
            name='amends',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='outcomes.programmecost'),
        ),
        migrations.AddField(
            model_name='programmecost',
            name='correction',
            field=models.CharField(blank=True, choices=[('wrong_key', 'Wrong key'), ('learned_later', 'Learned more later'), ('entered_twice', 'Logged twice')], max_length=14),
        ),
        migrations.AddField(
            model_name='programmecost',
            name='key',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='programmecost',
            name='recorded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='programmecost',
            name='recorded_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='programmecost',
            constraint=models.UniqueConstraint(fields=('key',), name='one_cost_per_key', violation_error_message='This line is stored already.'),
        ),
        migrations.AddConstraint(
            model_name='programmecost',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('import_run__isnull', True), ('key__isnull', False), ('recorded_at__isnull', False), ('recorded_by__isnull', False)), models.Q(('amends__isnull', True), ('import_run__isnull', False), ('key__isnull', True), ('recorded_at__isnull', True), ('recorded_by__isnull', True)), _connector='OR'), name='cost_is_recorded_by_a_person_or_imported', violation_error_message='A cost is entered by a named person, or imported.'),
        ),
        migrations.AddConstraint(
            model_name='programmecost',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amends__isnull', True), ('correction', '')), models.Q(('amends__isnull', False), models.Q(('correction', ''), _negated=True)), _connector='OR'), name='cost_correction_has_its_reason', violation_error_message='Say why the line is written again.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_programmecost"),
    ]
