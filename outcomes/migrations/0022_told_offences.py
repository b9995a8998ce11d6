"""An offence is told to a named person, or imported; it is only ever added, and a correction names what it amends."""
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION offence_correction_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    -- What police recorded is put right by police alone, in a file; nobody corrects it by a form.
    IF NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_offence first
            WHERE first.id = NEW.amends_id AND first.person_id = NEW.person_id AND first.clinic_id = NEW.clinic_id
                AND first.source = 'self_reported'
    ) THEN
        RAISE EXCEPTION 'A correction is of an offence that the same person told of in the same clinic.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'offence_correction_is_of_the_same_person';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_offence_in_order
    BEFORE INSERT ON public.outcomes_offence
    FOR EACH ROW EXECUTE FUNCTION offence_correction_is_in_order();
ALTER TABLE public.outcomes_offence ENABLE ALWAYS TRIGGER outcomes_offence_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_offence_in_order ON public.outcomes_offence;
DROP FUNCTION offence_correction_is_in_order();
"""

class Migration(migrations.Migration):

    dependencies = [
        ('outcomes', '0016_own_answers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='offence',
            name='amends',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='outcomes.offence'),
        ),
        migrations.AddField(
            model_name='offence',
            name='correction',
            field=models.CharField(blank=True, choices=[('wrong_key', 'Wrong key'), ('learned_later', 'Learned more later'), ('wrong_person', 'Logged for the wrong person'), ('entered_twice', 'Logged twice')], max_length=14),
        ),
        migrations.AddField(
            model_name='offence',
            name='key',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='offence',
            name='recorded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='offence',
            name='recorded_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='offence',
            index=models.Index(fields=['person_id', '-occurred_on'], name='offences_of_a_person'),
        ),
        migrations.AddConstraint(
            model_name='offence',
            constraint=models.UniqueConstraint(fields=('key',), name='one_offence_per_key', violation_error_message='This offence is stored already.'),
        ),
        migrations.AddConstraint(
            model_name='offence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('import_run_id__isnull', True), ('key__isnull', False), ('recorded_at__isnull', False), ('recorded_by__isnull', False), ('source', 'self_reported')), models.Q(('amends__isnull', True), ('import_run_id__isnull', False), ('key__isnull', True), ('recorded_at__isnull', True), ('recorded_by__isnull', True)), _connector='OR'), name='offence_is_told_to_a_person_or_imported', violation_error_message='What a named person writes down was told by the person; the rest is imported.'),
        ),
        migrations.AddConstraint(
            model_name='offence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amends__isnull', True), ('correction', '')), models.Q(('amends__isnull', False), models.Q(('correction', ''), _negated=True)), _connector='OR'), name='offence_correction_has_its_reason', violation_error_message='Say why the offence is written again.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_offence"),
    ]
