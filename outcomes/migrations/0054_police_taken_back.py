"""A police reference that matched the wrong person is taken back: it stands no more, and its files are struck for them.

Which reference stands is told by other rows, so that a trigger says what two unique constraints said before. A file of
the same content may come in again in the place of itself or of another: that a day counts once, a trigger says already.
"""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION police_references_stand_once() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    -- Two at once under one agreement follow each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('police references ' || NEW.agreement_id, 0));
    IF EXISTS (
        SELECT FROM public.outcomes_policereference other
            WHERE other.agreement_id = NEW.agreement_id AND other.reference = NEW.reference
                AND NOT EXISTS (
                    SELECT FROM public.outcomes_policereferenceend e WHERE e.reference_id = other.id
                )
    ) THEN
        RAISE EXCEPTION 'Somebody has this reference already.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'one_person_per_police_reference';
    END IF;
    IF EXISTS (
        SELECT FROM public.outcomes_policereference other
            WHERE other.agreement_id = NEW.agreement_id AND other.patient_id = NEW.patient_id
                AND NOT EXISTS (
                    SELECT FROM public.outcomes_policereferenceend e WHERE e.reference_id = other.id
                )
    ) THEN
        RAISE EXCEPTION 'This person has a reference under this agreement already.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'one_police_reference_per_person';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_policereference_stands_once
    BEFORE INSERT ON public.outcomes_policereference
    FOR EACH ROW EXECUTE FUNCTION police_references_stand_once();
ALTER TABLE public.outcomes_policereference ENABLE ALWAYS TRIGGER outcomes_policereference_stands_once;
CREATE FUNCTION police_strike_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.outcomes_policereference r
            JOIN public.outcomes_policefile f ON f.agreement_id = r.agreement_id
            WHERE r.id = NEW.end_id AND f.id = NEW.file_id
    ) THEN
        RAISE EXCEPTION 'A file is struck for a reference of its own agreement.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'police_strike_is_of_its_agreement';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_policestrike_in_order
    BEFORE INSERT ON public.outcomes_policestrike
    FOR EACH ROW EXECUTE FUNCTION police_strike_is_in_order();
ALTER TABLE public.outcomes_policestrike ENABLE ALWAYS TRIGGER outcomes_policestrike_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_policestrike_in_order ON public.outcomes_policestrike;
DROP FUNCTION police_strike_is_in_order();
DROP TRIGGER outcomes_policereference_stands_once ON public.outcomes_policereference;
DROP FUNCTION police_references_stand_once();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('outcomes', '0063_report_notices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PoliceReferenceEnd',
            fields=[
                ('reference', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='end', serialize=False, to='outcomes.policereference')),
                ('why', models.CharField(choices=[('wrong_person', 'It was given to the wrong person here'), ('wrong_letters', 'It was written down wrongly'), ('force_erred', 'The force uses it for somebody else')], max_length=13)),
                ('taken_back_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='PoliceStrike',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='policefile',
            name='one_police_file_per_content_and_days',
        ),
        migrations.RemoveConstraint(
            model_name='policereference',
            name='one_person_per_police_reference',
        ),
        migrations.RemoveConstraint(
            model_name='policereference',
            name='one_police_reference_per_person',
        ),
        migrations.AddIndex(
            model_name='policefile',
            index=models.Index(fields=['agreement', 'sha256'], name='police_file_by_content'),
        ),
        migrations.AddField(
            model_name='policereferenceend',
            name='taken_back_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='policestrike',
            name='end',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='strikes', to='outcomes.policereferenceend'),
        ),
        migrations.AddField(
            model_name='policestrike',
            name='file',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='strikes', to='outcomes.policefile'),
        ),
        migrations.AddConstraint(
            model_name='policereferenceend',
            constraint=models.CheckConstraint(condition=models.Q(('why__in', ['wrong_person', 'wrong_letters', 'force_erred'])), name='police_reference_end_has_its_reason', violation_error_message='Say why the reference is taken back.'),
        ),
        migrations.AddConstraint(
            model_name='policestrike',
            constraint=models.UniqueConstraint(fields=('end', 'file'), name='one_police_strike_per_file', violation_error_message='This file is struck for that reference already.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_policereferenceend", "outcomes_policestrike"),
    ]
