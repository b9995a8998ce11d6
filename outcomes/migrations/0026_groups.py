"""Groups are only ever added, and a support session of one is of its clinic, day and domain."""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION support_of_a_group_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.amends_id IS NOT NULL THEN
        IF EXISTS (
            SELECT FROM public.outcomes_supportsession first
                WHERE first.id = NEW.amends_id AND first.group_id IS DISTINCT FROM NEW.group_id
        ) THEN
            RAISE EXCEPTION 'A correction is of a session of the same group.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'support_keeps_its_group';
        END IF;
    ELSIF NEW.group_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_groupsession g
            WHERE g.id = NEW.group_id AND g.clinic_id = NEW.clinic_id AND g.held_on = NEW.booked_on
                AND g.domain = NEW.domain AND g.agency_id IS NOT DISTINCT FROM NEW.agency_id
    ) THEN
        RAISE EXCEPTION 'A session of a group is on its day, about the same, with the same agency.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'support_is_as_its_group_was_held';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_supportsession_of_group
    BEFORE INSERT ON public.outcomes_supportsession
    FOR EACH ROW EXECUTE FUNCTION support_of_a_group_is_in_order();
ALTER TABLE public.outcomes_supportsession ENABLE ALWAYS TRIGGER outcomes_supportsession_of_group;
"""
BACKWARDS = """
DROP TRIGGER outcomes_supportsession_of_group ON public.outcomes_supportsession;
DROP FUNCTION support_of_a_group_is_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0025_appointments_are_guarded'),
        ('patients', '0009_harm_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='GroupSession',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('held_on', models.DateField()),
                ('domain', models.CharField(choices=[('housing', 'Housing'), ('health', 'Health'), ('welfare', 'Welfare'), ('employment', 'Employment'), ('mental_health', 'mental health'), ('family', 'Family'), ('psychosocial', 'Psychosocial')], max_length=14)),
                ('minutes', models.PositiveIntegerField()),
                ('done', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('note', models.CharField(blank=True, max_length=120)),
                ('key', models.UUIDField()),
                ('recorded_at', models.DateTimeField()),
                ('agency', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='group_sessions', to='accounts.agency')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='group_sessions', to='accounts.clinic')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='supportsession',
            name='group',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='support_sessions', to='outcomes.groupsession'),
        ),
        migrations.AddConstraint(
            model_name='supportsession',
            constraint=models.CheckConstraint(condition=models.Q(('group__isnull', True), models.Q(('appointment__isnull', True), ('import_run__isnull', True)), _connector='OR'), name='support_of_a_group_is_ours_and_not_booked_alone', violation_error_message='A session of a group is neither imported nor an appointment of its own.'),
        ),
        migrations.AddConstraint(
            model_name='supportsession',
            constraint=models.UniqueConstraint(condition=models.Q(('amends__isnull', True), ('group__isnull', False)), fields=('group', 'patient'), name='one_support_session_per_group_and_person', violation_error_message='This person is in the group already.'),
        ),
        migrations.AddIndex(
            model_name='groupsession',
            index=models.Index(fields=['clinic', 'held_on'], name='groups_of_a_clinic'),
        ),
        migrations.AddConstraint(
            model_name='groupsession',
            constraint=models.UniqueConstraint(fields=('key',), name='one_group_session_per_key', violation_error_message='This group is stored already.'),
        ),
        migrations.AddConstraint(
            model_name='groupsession',
            constraint=models.CheckConstraint(condition=models.Q(('minutes__range', (1, 480))), name='group_session_took_some_time', violation_error_message='Say how long the group took.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_groupsession"),
    ]
