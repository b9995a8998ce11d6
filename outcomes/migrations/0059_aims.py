"""The aims of a programme, as versions: written by one, approved by another before they begin."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
ALTER TABLE public.outcomes_aimsversion ADD CONSTRAINT aims_are_one_to_eight CHECK (
    jsonb_typeof(aims) = 'array' AND jsonb_array_length(aims) BETWEEN 1 AND 8);
CREATE FUNCTION aims_approval_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    written record;
BEGIN
    SELECT v.written_by_id, v.from_day, v.clinic_id INTO written
        FROM public.outcomes_aimsversion v WHERE v.id = NEW.version_id;
    IF written.written_by_id = NEW.approved_by_id THEN
        RAISE EXCEPTION 'Whoever wrote these aims does not approve them.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'aims_are_approved_by_another';
    END IF;
    IF written.from_day <= (NEW.approved_at AT TIME ZONE 'Europe/London')::date AND EXISTS (
        SELECT FROM public.outcomes_aimsapproval a JOIN public.outcomes_aimsversion v ON v.id = a.version_id
        WHERE v.clinic_id = written.clinic_id) THEN
        RAISE EXCEPTION 'Aims that replace others are approved before their first day.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'later_aims_are_approved_before_they_begin';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_aimsapproval_in_order
    BEFORE INSERT ON public.outcomes_aimsapproval
    FOR EACH ROW EXECUTE FUNCTION aims_approval_is_in_order();
ALTER TABLE public.outcomes_aimsapproval ENABLE ALWAYS TRIGGER outcomes_aimsapproval_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_aimsapproval_in_order ON public.outcomes_aimsapproval;
DROP FUNCTION aims_approval_is_in_order();
ALTER TABLE public.outcomes_aimsversion DROP CONSTRAINT aims_are_one_to_eight;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0058_programme_files'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AimsVersion',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('from_day', models.DateField()),
                ('aims', models.JSONField()),
                ('source', models.CharField(max_length=300)),
                ('key', models.UUIDField()),
                ('written_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='aims_versions', to='accounts.clinic')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='AimsApproval',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('approved_at', models.DateTimeField()),
                ('approved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='approval', to='outcomes.aimsversion')),
            ],
        ),
        migrations.AddConstraint(
            model_name='aimsversion',
            constraint=models.UniqueConstraint(fields=('key',), name='one_aims_version_per_key', violation_error_message='This form was sent before.'),
        ),
        migrations.AddConstraint(
            model_name='aimsversion',
            constraint=models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='aims_say_where_they_come_from', violation_error_message='Write where the aims come from.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_aimsversion", "outcomes_aimsapproval"),
    ]
