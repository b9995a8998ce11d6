"""What a clinic is known by is corrected by two people; what they agreed is then the clinic's row."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION clinic_correction_approval_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    said public.outcomes_cliniccorrection;
BEGIN
    SELECT * INTO said FROM public.outcomes_cliniccorrection WHERE id = NEW.correction_id;
    IF said.written_by_id = NEW.approved_by_id THEN
        RAISE EXCEPTION 'Whoever wrote this correction does not approve it.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'clinic_correction_is_approved_by_another';
    END IF;
    UPDATE public.accounts_clinic SET
        name = said.name,
        opened_on = said.opened_on,
        places = said.places,
        sessions_per_day = said.sessions_per_day
    WHERE id = said.clinic_id AND name = said.was_name AND opened_on = said.was_opened
        AND places = said.was_places AND sessions_per_day = said.was_sessions_per_day;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'What stands has changed since the correction was written.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'clinic_correction_is_of_what_stands';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_cliniccorrectionapproval_in_order
    BEFORE INSERT ON public.outcomes_cliniccorrectionapproval
    FOR EACH ROW EXECUTE FUNCTION clinic_correction_approval_is_in_order();
ALTER TABLE public.outcomes_cliniccorrectionapproval
    ENABLE ALWAYS TRIGGER outcomes_cliniccorrectionapproval_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_cliniccorrectionapproval_in_order ON public.outcomes_cliniccorrectionapproval;
DROP FUNCTION clinic_correction_approval_is_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0056_phase_lines'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ClinicCorrection',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=1000)),
                ('opened_on', models.DateField()),
                ('places', models.PositiveIntegerField()),
                ('sessions_per_day', models.PositiveSmallIntegerField()),
                ('was_name', models.CharField(max_length=1000)),
                ('was_opened', models.DateField()),
                ('was_places', models.PositiveIntegerField()),
                ('was_sessions_per_day', models.PositiveSmallIntegerField()),
                ('why', models.CharField(max_length=300)),
                ('key', models.UUIDField()),
                ('written_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='accounts.clinic')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ClinicCorrectionApproval',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('approved_at', models.DateTimeField()),
                ('approved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('correction', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='approval', to='outcomes.cliniccorrection')),
            ],
        ),
        migrations.AddConstraint(
            model_name='cliniccorrection',
            constraint=models.UniqueConstraint(fields=('key',), name='one_clinic_correction_per_key', violation_error_message='This form was sent before.'),
        ),
        migrations.AddConstraint(
            model_name='cliniccorrection',
            constraint=models.CheckConstraint(condition=models.Q(('places__gte', 1), ('sessions_per_day__range', (1, 3)), models.Q(('name', ''), _negated=True), models.Q(('why', ''), _negated=True)), name='clinic_correction_says_why_and_is_plausible', violation_error_message='A correction says why, and names a clinic with places and sessions.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_cliniccorrection", "outcomes_cliniccorrectionapproval"),
    ]
