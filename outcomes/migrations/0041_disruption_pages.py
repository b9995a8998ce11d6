"""A disruption is entered by a named person, or imported; only added; a correction names what it amends."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION disruptions_are_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_disruption first
            WHERE first.id = NEW.amends_id AND first.clinic_id = NEW.clinic_id
    ) THEN
        RAISE EXCEPTION 'A correction is of a disruption of the same clinic.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'disruption_correction_is_of_the_same_clinic';
    END IF;
    -- Two at once for one clinic follow each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('disruptions ' || NEW.clinic_id, 0));
    -- Imported history may hold two of one kind at once: the files do not forbid it. What we enter ourselves may not.
    IF NEW.import_run_id IS NULL AND NEW.correction <> 'entered_twice' AND EXISTS (
        SELECT FROM public.outcomes_disruption other
            WHERE other.clinic_id = NEW.clinic_id AND other.kind = NEW.kind
                AND daterange(other.from_on, other.to_on) && daterange(NEW.from_on, NEW.to_on)
                AND other.id IS DISTINCT FROM NEW.amends_id
                AND other.correction <> 'entered_twice'
                AND NOT EXISTS (SELECT FROM public.outcomes_disruption later WHERE later.amends_id = other.id)
    ) THEN
        RAISE EXCEPTION 'There is already a disruption of this kind on one of these days.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'one_disruption_of_a_kind_at_a_time';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_disruption_in_order
    BEFORE INSERT ON public.outcomes_disruption
    FOR EACH ROW EXECUTE FUNCTION disruptions_are_in_order();
ALTER TABLE public.outcomes_disruption ENABLE ALWAYS TRIGGER outcomes_disruption_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_disruption_in_order ON public.outcomes_disruption;
DROP FUNCTION disruptions_are_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0035_police_days_by_force'),
        ('patients', '0010_ndtms_consent'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='disruption',
            name='amends',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='outcomes.disruption'),
        ),
        migrations.AddField(
            model_name='disruption',
            name='correction',
            field=models.CharField(blank=True, choices=[('wrong_key', 'Wrong key'), ('learned_later', 'Learned more later'), ('entered_twice', 'Logged twice')], max_length=14),
        ),
        migrations.AddField(
            model_name='disruption',
            name='key',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='disruption',
            name='recorded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='disruption',
            name='recorded_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='disruption',
            constraint=models.UniqueConstraint(fields=('key',), name='one_disruption_per_key', violation_error_message='This line is stored already.'),
        ),
        migrations.AddConstraint(
            model_name='disruption',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('import_run__isnull', True), ('key__isnull', False), ('recorded_at__isnull', False), ('recorded_by__isnull', False)), models.Q(('amends__isnull', True), ('import_run__isnull', False), ('key__isnull', True), ('recorded_at__isnull', True), ('recorded_by__isnull', True)), _connector='OR'), name='disruption_is_recorded_by_a_person_or_imported', violation_error_message='A disruption is entered by a named person, or imported.'),
        ),
        migrations.AddConstraint(
            model_name='disruption',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amends__isnull', True), ('correction', '')), models.Q(('amends__isnull', False), models.Q(('correction', ''), _negated=True)), _connector='OR'), name='disruption_correction_has_its_reason', violation_error_message='Say why the line is written again.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_disruption"),
    ]
