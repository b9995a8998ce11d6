"""Records for an evaluator: asked for by one, approved by another, written once while the approval is good."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION cohort_export_approval_is_by_another() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM public.outcomes_cohortexport e
               WHERE e.id = NEW.export_id AND e.asked_by_id = NEW.approved_by_id) THEN
        RAISE EXCEPTION 'Whoever asked for an export does not approve it.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cohort_export_is_approved_by_another';
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION cohort_export_made_is_approved() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.outcomes_cohortexportapproval a
                   WHERE a.export_id = NEW.export_id
                       AND (NEW.made_at AT TIME ZONE 'Europe/London')::date
                           - (a.approved_at AT TIME ZONE 'Europe/London')::date BETWEEN 0 AND 30) THEN
        RAISE EXCEPTION 'An export is written once somebody has approved it, within 30 days.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cohort_export_is_made_once_approved';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_cohortexportapproval_by_another
    BEFORE INSERT ON public.outcomes_cohortexportapproval
    FOR EACH ROW EXECUTE FUNCTION cohort_export_approval_is_by_another();
ALTER TABLE public.outcomes_cohortexportapproval ENABLE ALWAYS TRIGGER outcomes_cohortexportapproval_by_another;
CREATE TRIGGER outcomes_cohortexportmade_approved
    BEFORE INSERT ON public.outcomes_cohortexportmade
    FOR EACH ROW EXECUTE FUNCTION cohort_export_made_is_approved();
ALTER TABLE public.outcomes_cohortexportmade ENABLE ALWAYS TRIGGER outcomes_cohortexportmade_approved;
"""
BACKWARDS = """
DROP TRIGGER outcomes_cohortexportmade_approved ON public.outcomes_cohortexportmade;
DROP TRIGGER outcomes_cohortexportapproval_by_another ON public.outcomes_cohortexportapproval;
DROP FUNCTION cohort_export_made_is_approved();
DROP FUNCTION cohort_export_approval_is_by_another();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0042_area_pages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CohortExport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recipient', models.CharField(max_length=100)),
                ('purpose', models.CharField(max_length=300)),
                ('agreement', models.CharField(max_length=300)),
                ('as_of', models.DateField()),
                ('key', models.UUIDField()),
                ('asked_at', models.DateTimeField()),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cohort_exports', to='accounts.clinic')),
            ],
        ),
        migrations.CreateModel(
            name='CohortExportApproval',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('approved_at', models.DateTimeField()),
                ('approved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('export', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='approval', to='outcomes.cohortexport')),
            ],
        ),
        migrations.CreateModel(
            name='CohortExportMade',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('made_at', models.DateTimeField()),
                ('people', models.PositiveIntegerField()),
                ('left_out', models.PositiveIntegerField()),
                ('counts', models.JSONField()),
                ('folder_sha256', models.CharField(max_length=64)),
                ('extract_sha256', models.CharField(max_length=64)),
                ('export', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='made', to='outcomes.cohortexport')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddConstraint(
            model_name='cohortexport',
            constraint=models.UniqueConstraint(fields=('key',), name='one_cohort_export_per_key', violation_error_message='This form was sent before.'),
        ),
        migrations.AddConstraint(
            model_name='cohortexport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('recipient', ''), _negated=True), models.Q(('purpose', ''), _negated=True), models.Q(('agreement', ''), _negated=True)), name='cohort_export_says_for_whom', violation_error_message='Write who receives the records, what for and under which agreement.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only(
            "outcomes_cohortexport", "outcomes_cohortexportapproval", "outcomes_cohortexportmade"
        ),
    ]
