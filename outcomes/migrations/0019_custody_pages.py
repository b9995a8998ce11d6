"""A stay in custody is recorded by a named person, or imported; only added; its end or correction names what it amends."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION custody_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_custodystay first
            WHERE first.id = NEW.amends_id AND first.patient_id = NEW.patient_id AND first.clinic_id = NEW.clinic_id
    ) THEN
        RAISE EXCEPTION 'A correction is of a stay of the same person in the same clinic.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'custody_correction_is_of_the_same_person';
    END IF;
    IF NEW.correction = 'ended' AND NOT EXISTS (
        SELECT FROM public.outcomes_custodystay first
            WHERE first.id = NEW.amends_id AND upper_inf(first.during) AND NOT upper_inf(NEW.during)
                AND lower(first.during) = lower(NEW.during)
                AND first.kind = NEW.kind AND first.source = NEW.source
                AND first.correction NOT IN ('wrong_person', 'entered_twice')
    ) THEN
        RAISE EXCEPTION 'Only an open stay ends, and nothing else of it changes.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'custody_end_is_of_an_open_stay';
    END IF;
    -- Two at once for one person follow each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('custody ' || NEW.clinic_id || NEW.patient_id, 0));
    IF NEW.correction NOT IN ('wrong_person', 'entered_twice') AND EXISTS (
        SELECT FROM public.outcomes_custodystay other
            WHERE other.patient_id = NEW.patient_id AND other.clinic_id = NEW.clinic_id
                AND other.source = NEW.source AND other.during && NEW.during
                AND other.id IS DISTINCT FROM NEW.amends_id
                AND other.correction NOT IN ('wrong_person', 'entered_twice')
                AND NOT EXISTS (
                    SELECT FROM public.outcomes_custodystay later WHERE later.amends_id = other.id
                )
    ) THEN
        RAISE EXCEPTION 'Two custody stays of one person overlap.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'custody_stays_of_a_person_do_not_overlap';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_custodystay_in_order
    BEFORE INSERT ON public.outcomes_custodystay
    FOR EACH ROW EXECUTE FUNCTION custody_is_in_order();
ALTER TABLE public.outcomes_custodystay ENABLE ALWAYS TRIGGER outcomes_custodystay_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_custodystay_in_order ON public.outcomes_custodystay;
DROP FUNCTION custody_is_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', "0030_urine_weeks_of_treatment"),
        ('patients', '0009_harm_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='custodystay',
            name='custody_stays_of_a_person_do_not_overlap',
        ),
        migrations.AddField(
            model_name='custodystay',
            name='amends',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='outcomes.custodystay'),
        ),
        migrations.AddField(
            model_name='custodystay',
            name='correction',
            field=models.CharField(blank=True, choices=[('ended', 'They came out'), ('wrong_key', 'Wrong key'), ('learned_later', 'Learned more later'), ('wrong_person', 'Logged for the wrong person'), ('entered_twice', 'Logged twice')], max_length=14),
        ),
        migrations.AddField(
            model_name='custodystay',
            name='key',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='custodystay',
            name='kind',
            field=models.CharField(blank=True, choices=[('police', 'police custody'), ('prison', 'Prison')], max_length=6),
        ),
        migrations.AddField(
            model_name='custodystay',
            name='recorded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='custodystay',
            name='recorded_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='custodystay',
            name='source',
            field=models.CharField(blank=True, choices=[('self_reported', 'told by the person'), ('record', "another service's record")], max_length=13),
        ),
        migrations.AddConstraint(
            model_name='custodystay',
            constraint=models.UniqueConstraint(fields=('key',), name='one_custody_stay_per_key', violation_error_message='This stay is stored already.'),
        ),
        migrations.AddConstraint(
            model_name='custodystay',
            constraint=models.CheckConstraint(condition=models.Q(('during__isempty', False), ('during__lower_inf', False)), name='custody_stay_has_a_first_day', violation_error_message='A stay has its first day, and ends after it.'),
        ),
        migrations.AddConstraint(
            model_name='custodystay',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('import_run__isnull', True), ('key__isnull', False), ('recorded_at__isnull', False), ('recorded_by__isnull', False)), models.Q(('amends__isnull', True), ('import_run__isnull', False), ('key__isnull', True), ('kind', ''), ('recorded_at__isnull', True), ('recorded_by__isnull', True), ('source', '')), _connector='OR'), name='custody_is_recorded_by_a_person_or_imported', violation_error_message='A stay in custody is recorded by a named person, or imported.'),
        ),
        migrations.AddConstraint(
            model_name='custodystay',
            constraint=models.CheckConstraint(condition=models.Q(('import_run__isnull', False), ('amends__isnull', False), models.Q(models.Q(('kind', ''), _negated=True), models.Q(('source', ''), _negated=True)), _connector='OR'), name='custody_of_ours_has_kind_and_source', violation_error_message='Say which custody it was, and who told it.'),
        ),
        migrations.AddConstraint(
            model_name='custodystay',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amends__isnull', True), ('correction', '')), models.Q(('amends__isnull', False), models.Q(('correction', ''), _negated=True)), _connector='OR'), name='custody_correction_has_its_reason', violation_error_message='Say why the stay is written again.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_custodystay"),
    ]
