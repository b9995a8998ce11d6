"""Outcome forms are recorded by a named person with the four weeks, or imported; rows are only ever added.

One form counts on a day, a correction is of the same person, and weeks and parts make the answers that are compared.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION outcome_form_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    items CONSTANT text[] := ARRAY[
        'alcohol_days', 'opiates_days', 'crack_days', 'cocaine_days', 'amphetamines_days', 'cannabis_days',
        'tobacco_days', 'other_days', 'injecting_days', 'shoplifting_days', 'drug_selling_days',
        'paid_work_days', 'education_days'
    ];
    item text;
    total integer;
    boxes integer;
    days integer;
    fit boolean;
BEGIN
    IF NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_outcomeform first
            WHERE first.id = NEW.amends_id AND first.patient_id = NEW.patient_id AND first.clinic_id = NEW.clinic_id
    ) THEN
        RAISE EXCEPTION 'A correction is of a form of the same person in the same clinic.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'outcome_form_correction_is_of_the_same_person';
    END IF;
    -- Two at once for one person follow each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('outcome form ' || NEW.clinic_id || NEW.patient_id, 0));
    IF NEW.correction NOT IN ('wrong_person', 'entered_twice') AND EXISTS (
        SELECT FROM public.outcomes_outcomeform other
            WHERE other.patient_id = NEW.patient_id AND other.clinic_id = NEW.clinic_id
                AND other.completed_on = NEW.completed_on
                AND other.id IS DISTINCT FROM NEW.amends_id
                AND other.correction NOT IN ('wrong_person', 'entered_twice')
                AND NOT EXISTS (
                    SELECT FROM public.outcomes_outcomeform later WHERE later.amends_id = other.id
                )
    ) THEN
        RAISE EXCEPTION 'There is already a form of this person on that date.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'one_outcome_form_per_person_and_date';
    END IF;
    IF NEW.weeks IS NULL THEN
        -- Earlier records hold the sums alone, and so does a correction of one.
        IF NEW.import_run_id IS NULL AND NOT EXISTS (
            SELECT FROM public.outcomes_outcomeform first WHERE first.id = NEW.amends_id AND first.weeks IS NULL
        ) THEN
            RAISE EXCEPTION 'A form of ours holds the four weeks of each item.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'outcome_form_of_ours_has_its_weeks';
        END IF;
        IF num_nonnulls(
            NEW.shared_needle, NEW.shared_works, NEW.stole_vehicle, NEW.stole_property, NEW.defrauded
        ) > 0 THEN
            RAISE EXCEPTION 'A form without weeks was not asked in parts.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'outcome_form_parts_make_their_answer';
        END IF;
        RETURN NEW;
    END IF;
    FOREACH item IN ARRAY items LOOP
        total := (to_jsonb(NEW) ->> item)::integer;
        SELECT count(*), coalesce(sum(box::integer), 0), coalesce(bool_and(box::integer BETWEEN 0 AND 7), true)
            INTO boxes, days, fit
            FROM jsonb_array_elements_text(coalesce(NEW.weeks -> item, '[]'::jsonb)) AS box;
        IF (total IS NULL AND boxes > 0) OR (total IS NOT NULL AND (boxes <> 4 OR days <> total OR NOT fit)) THEN
            RAISE EXCEPTION 'Four weeks of 0 to 7 days make the days of an item.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'outcome_form_weeks_make_its_days';
        END IF;
    END LOOP;
    IF EXISTS (SELECT FROM jsonb_object_keys(NEW.weeks) AS name WHERE name <> ALL (items)) THEN
        RAISE EXCEPTION 'Weeks are of items that are counted in days.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'outcome_form_weeks_make_its_days';
    END IF;
    IF NEW.sharing IS DISTINCT FROM (NEW.shared_needle OR NEW.shared_works)
        OR NEW.other_theft IS DISTINCT FROM (NEW.stole_vehicle OR NEW.stole_property OR NEW.defrauded)
    THEN
        RAISE EXCEPTION 'The parts make the answer.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'outcome_form_parts_make_their_answer';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_outcomeform_in_order
    BEFORE INSERT ON public.outcomes_outcomeform
    FOR EACH ROW EXECUTE FUNCTION outcome_form_is_in_order();
ALTER TABLE public.outcomes_outcomeform ENABLE ALWAYS TRIGGER outcomes_outcomeform_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_outcomeform_in_order ON public.outcomes_outcomeform;
DROP FUNCTION outcome_form_is_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0026_groups'),
        ('patients', '0009_harm_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='outcomeform',
            name='one_outcome_form_per_person_and_date',
        ),
        migrations.AddField(
            model_name='outcomeform',
            name='alcohol_units',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='outcomeform',
            name='amends',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='outcomes.outcomeform'),
        ),
        migrations.AddField(
            model_name='outcomeform',
            name='cannabis_spliffs',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='outcomeform',
            name='correction',
            field=models.CharField(blank=True, choices=[('wrong_key', 'Wrong key'), ('learned_later', 'Learned more later'), ('wrong_person', 'Logged for the wrong person'), ('entered_twice', 'Logged twice')], max_length=14),
        ),
        migrations.AddField(
            model_name='outcomeform',
            name='defrauded',
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name='outcomeform',
            name='key',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='outcomeform',
            name='other_drug',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name='outcomeform',
            name='recorded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='outcomeform',
            name='recorded_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='outcomeform',
            name='shared_needle',
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name='outcomeform',
            name='shared_works',
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name='outcomeform',
            name='stole_property',
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name='outcomeform',
            name='stole_vehicle',
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name='outcomeform',
            name='weeks',
            field=models.JSONField(null=True),
        ),
        migrations.AddIndex(
            model_name='outcomeform',
            index=models.Index(fields=['patient', '-completed_on'], name='outcome_forms_of_a_person'),
        ),
        migrations.AddConstraint(
            model_name='outcomeform',
            constraint=models.UniqueConstraint(fields=('key',), name='one_outcome_form_per_key', violation_error_message='This form is stored already.'),
        ),
        migrations.AddConstraint(
            model_name='outcomeform',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('import_run__isnull', True), ('key__isnull', False), ('recorded_at__isnull', False), ('recorded_by__isnull', False)), models.Q(('amends__isnull', True), ('import_run__isnull', False), ('key__isnull', True), ('recorded_at__isnull', True), ('recorded_by__isnull', True), ('weeks__isnull', True)), _connector='OR'), name='outcome_form_is_recorded_by_a_person_or_imported', violation_error_message='A form is recorded by a named person, or imported.'),
        ),
        migrations.AddConstraint(
            model_name='outcomeform',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amends__isnull', True), ('correction', '')), models.Q(('amends__isnull', False), models.Q(('correction', ''), _negated=True)), _connector='OR'), name='outcome_form_correction_has_its_reason', violation_error_message='Say why the form is written again.'),
        ),
        migrations.AddConstraint(
            model_name='outcomeform',
            constraint=models.CheckConstraint(condition=models.Q(('import_run__isnull', False), ('correction__in', ['wrong_person', 'entered_twice']), ('alcohol_days__isnull', False), ('opiates_days__isnull', False), ('crack_days__isnull', False), ('cocaine_days__isnull', False), ('amphetamines_days__isnull', False), ('cannabis_days__isnull', False), ('tobacco_days__isnull', False), ('other_days__isnull', False), ('injecting_days__isnull', False), ('shoplifting_days__isnull', False), ('drug_selling_days__isnull', False), ('paid_work_days__isnull', False), ('education_days__isnull', False), ('sharing__isnull', False), ('other_theft__isnull', False), ('assault__isnull', False), ('housing_acute__isnull', False), ('eviction_risk__isnull', False), ('psychological__isnull', False), ('physical__isnull', False), ('quality_of_life__isnull', False), _connector='OR'), name='outcome_form_is_not_empty', violation_error_message='No question has an answer.'),
        ),
        migrations.AddConstraint(
            model_name='outcomeform',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('alcohol_units__isnull', True), models.Q(('alcohol_days__gt', 0), ('alcohol_days__isnull', False)), _connector='OR'), models.Q(('cannabis_spliffs__isnull', True), models.Q(('cannabis_days__gt', 0), ('cannabis_days__isnull', False)), _connector='OR'), models.Q(('other_drug', ''), models.Q(('other_days__gt', 0), ('other_days__isnull', False)), _connector='OR')), name='outcome_form_amounts_are_of_days_of_use', violation_error_message='An amount is of something that was used.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_outcomeform"),
    ]
