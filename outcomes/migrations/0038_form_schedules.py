"""A clinic's own numbers for its outcome forms: written by one, approved by another before their first day."""

import django.db.models.deletion
import django.db.models.expressions
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION form_schedule_approval_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    written record;
BEGIN
    SELECT schedule.written_by_id, schedule.from_day INTO written
        FROM public.outcomes_formschedule schedule WHERE schedule.id = NEW.schedule_id;
    IF written.written_by_id = NEW.approved_by_id THEN
        RAISE EXCEPTION 'Whoever wrote these numbers does not approve them.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'form_schedule_is_approved_by_another';
    END IF;
    IF written.from_day <= (NEW.approved_at AT TIME ZONE 'Europe/London')::date THEN
        RAISE EXCEPTION 'Numbers are approved before their first day.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'form_schedule_is_approved_before_it_begins';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_formscheduleapproval_in_order
    BEFORE INSERT ON public.outcomes_formscheduleapproval
    FOR EACH ROW EXECUTE FUNCTION form_schedule_approval_is_in_order();
ALTER TABLE public.outcomes_formscheduleapproval ENABLE ALWAYS TRIGGER outcomes_formscheduleapproval_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_formscheduleapproval_in_order ON public.outcomes_formscheduleapproval;
DROP FUNCTION form_schedule_approval_is_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0051_report_schedule'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FormSchedule',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('from_day', models.DateField()),
                ('every_days', models.PositiveSmallIntegerField()),
                ('window_days', models.PositiveSmallIntegerField()),
                ('source', models.CharField(max_length=300)),
                ('key', models.UUIDField()),
                ('written_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='form_schedules', to='accounts.clinic')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='FormScheduleApproval',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('approved_at', models.DateTimeField()),
                ('approved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('schedule', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='approval', to='outcomes.formschedule')),
            ],
        ),
        migrations.AddConstraint(
            model_name='formschedule',
            constraint=models.UniqueConstraint(fields=('key',), name='one_form_schedule_per_key', violation_error_message='This form was sent before.'),
        ),
        migrations.AddConstraint(
            model_name='formschedule',
            constraint=models.CheckConstraint(condition=models.Q(('every_days__range', (14, 366)), ('window_days__lt', django.db.models.expressions.CombinedExpression(models.F('every_days'), '/', models.Value(2))), models.Q(('source', ''), _negated=True)), name='form_schedule_is_plausible', violation_error_message='The numbers are out of range, or say not where they come from.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_formschedule", "outcomes_formscheduleapproval"),
    ]
