"""The clinic's own four questions are recorded by a named person, or imported; rows are only ever added.

One row of ours counts on a day, and a correction is of the same person.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION own_answers_are_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_ownanswers first
            WHERE first.id = NEW.amends_id AND first.patient_id = NEW.patient_id AND first.clinic_id = NEW.clinic_id
    ) THEN
        RAISE EXCEPTION 'A correction is of answers of the same person in the same clinic.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'own_answers_correction_is_of_the_same_person';
    END IF;
    -- Two at once for one person follow each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('own answers ' || NEW.clinic_id || NEW.patient_id, 0));
    IF NEW.import_run_id IS NULL AND NEW.correction NOT IN ('wrong_person', 'entered_twice') AND EXISTS (
        SELECT FROM public.outcomes_ownanswers other
            WHERE other.patient_id = NEW.patient_id AND other.clinic_id = NEW.clinic_id
                AND other.answered_on = NEW.answered_on
                AND other.id IS DISTINCT FROM NEW.amends_id
                AND other.correction NOT IN ('wrong_person', 'entered_twice')
                AND NOT EXISTS (
                    SELECT FROM public.outcomes_ownanswers later WHERE later.amends_id = other.id
                )
    ) THEN
        RAISE EXCEPTION 'There are already answers of this person on that date.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'one_own_answers_per_person_and_date';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_ownanswers_in_order
    BEFORE INSERT ON public.outcomes_ownanswers
    FOR EACH ROW EXECUTE FUNCTION own_answers_are_in_order();
ALTER TABLE public.outcomes_ownanswers ENABLE ALWAYS TRIGGER outcomes_ownanswers_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_ownanswers_in_order ON public.outcomes_ownanswers;
DROP FUNCTION own_answers_are_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0015_recovery_plan'),
        ('patients', '0009_harm_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='ownanswers',
            name='amends',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='outcomes.ownanswers'),
        ),
        migrations.AddField(
            model_name='ownanswers',
            name='correction',
            field=models.CharField(blank=True, choices=[('wrong_key', 'Wrong key'), ('learned_later', 'Learned more later'), ('wrong_person', 'Logged for the wrong person'), ('entered_twice', 'Logged twice')], max_length=14),
        ),
        migrations.AddField(
            model_name='ownanswers',
            name='key',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='ownanswers',
            name='recorded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='ownanswers',
            name='recorded_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='ownanswers',
            index=models.Index(fields=['patient', '-answered_on'], name='own_answers_of_a_person'),
        ),
        migrations.AddConstraint(
            model_name='ownanswers',
            constraint=models.UniqueConstraint(fields=('key',), name='own_answers_are_stored_once_per_key', violation_error_message='These answers are stored already.'),
        ),
        migrations.AddConstraint(
            model_name='ownanswers',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('import_run__isnull', True), ('key__isnull', False), ('recorded_at__isnull', False), ('recorded_by__isnull', False)), models.Q(('amends__isnull', True), ('import_run__isnull', False), ('key__isnull', True), ('recorded_at__isnull', True), ('recorded_by__isnull', True)), _connector='OR'), name='own_answers_are_recorded_by_a_person_or_imported', violation_error_message='Answers are recorded by a named person, or imported.'),
        ),
        migrations.AddConstraint(
            model_name='ownanswers',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amends__isnull', True), ('correction', '')), models.Q(('amends__isnull', False), models.Q(('correction', ''), _negated=True)), _connector='OR'), name='own_answers_correction_has_its_reason', violation_error_message='Say why the answers are written again.'),
        ),
        migrations.AddConstraint(
            model_name='ownanswers',
            constraint=models.CheckConstraint(condition=models.Q(('import_run__isnull', False), ('spend_week_pence__isnull', False), ('public_injecting__isnull', False), ('unsafe_disposal__isnull', False), models.Q(('family_contact', ''), _negated=True), ('correction__in', ['wrong_person', 'entered_twice']), _connector='OR'), name='own_answers_are_not_all_empty', violation_error_message='No question has an answer.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_ownanswers"),
    ]
