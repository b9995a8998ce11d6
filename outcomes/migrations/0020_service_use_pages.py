"""Health-service use is recorded by a named person, or imported; only added; a correction names what it amends."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION service_use_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_serviceuse first
            WHERE first.id = NEW.amends_id AND first.patient_id = NEW.patient_id AND first.clinic_id = NEW.clinic_id
    ) THEN
        RAISE EXCEPTION 'A correction is of a period of the same person in the same clinic.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'service_use_correction_is_of_the_same_person';
    END IF;
    -- Two at once for one person follow each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('service use ' || NEW.clinic_id || NEW.patient_id, 0));
    -- Imported history may tell of the same days twice: the files do not forbid it. What we write ourselves may not.
    IF NEW.import_run_id IS NULL AND NEW.correction NOT IN ('wrong_person', 'entered_twice') AND EXISTS (
        SELECT FROM public.outcomes_serviceuse other
            WHERE other.patient_id = NEW.patient_id AND other.clinic_id = NEW.clinic_id
                AND other.source = NEW.source AND other.from_on < NEW.to_on AND NEW.from_on < other.to_on
                AND other.id IS DISTINCT FROM NEW.amends_id
                AND other.correction NOT IN ('wrong_person', 'entered_twice')
                AND NOT EXISTS (
                    SELECT FROM public.outcomes_serviceuse later WHERE later.amends_id = other.id
                )
    ) THEN
        RAISE EXCEPTION 'Two periods of one person and one source share days.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'service_use_periods_do_not_overlap';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_serviceuse_in_order
    BEFORE INSERT ON public.outcomes_serviceuse
    FOR EACH ROW EXECUTE FUNCTION service_use_is_in_order();
ALTER TABLE public.outcomes_serviceuse ENABLE ALWAYS TRIGGER outcomes_serviceuse_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_serviceuse_in_order ON public.outcomes_serviceuse;
DROP FUNCTION service_use_is_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0028_money_lines'),
        ('patients', '0009_harm_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='serviceuse',
            name='amends',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='outcomes.serviceuse'),
        ),
        migrations.AddField(
            model_name='serviceuse',
            name='correction',
            field=models.CharField(blank=True, choices=[('wrong_key', 'Wrong key'), ('learned_later', 'Learned more later'), ('wrong_person', 'Logged for the wrong person'), ('entered_twice', 'Logged twice')], max_length=14),
        ),
        migrations.AddField(
            model_name='serviceuse',
            name='key',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='serviceuse',
            name='recorded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='serviceuse',
            name='recorded_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='serviceuse',
            constraint=models.UniqueConstraint(fields=('key',), name='one_service_use_per_key', violation_error_message='This period is stored already.'),
        ),
        migrations.AddConstraint(
            model_name='serviceuse',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('import_run__isnull', True), ('key__isnull', False), ('recorded_at__isnull', False), ('recorded_by__isnull', False)), models.Q(('amends__isnull', True), ('import_run__isnull', False), ('key__isnull', True), ('recorded_at__isnull', True), ('recorded_by__isnull', True)), _connector='OR'), name='service_use_is_recorded_by_a_person_or_imported', violation_error_message='Health-service use is recorded by a named person, or imported.'),
        ),
        migrations.AddConstraint(
            model_name='serviceuse',
            constraint=models.CheckConstraint(condition=models.Q(('import_run__isnull', False), ('amends__isnull', False), ('ambulance__isnull', False), ('ae__isnull', False), ('inpatient__isnull', False), _connector='OR'), name='service_use_of_ours_tells_a_number', violation_error_message='Write at least one number.'),
        ),
        migrations.AddConstraint(
            model_name='serviceuse',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amends__isnull', True), ('correction', '')), models.Q(('amends__isnull', False), models.Q(('correction', ''), _negated=True)), _connector='OR'), name='service_use_correction_has_its_reason', violation_error_message='Say why the period is written again.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_serviceuse"),
    ]
