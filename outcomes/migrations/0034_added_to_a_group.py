"""Somebody may be added to a group that is logged: the first line of their session says why."""

from django.conf import settings
from django.db import migrations, models


FORWARDS = """
CREATE OR REPLACE FUNCTION support_of_a_group_is_in_order() RETURNS trigger
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
    IF NEW.group_id IS NOT NULL AND NEW.amends_id IS NULL AND (NEW.joined_late = '') <> EXISTS (
        SELECT FROM public.outcomes_groupsession g
            WHERE g.id = NEW.group_id AND g.recorded_at = NEW.recorded_at AND g.recorded_by_id = NEW.recorded_by_id
    ) THEN
        RAISE EXCEPTION 'Somebody is in a group from when it was logged, or is added with a reason.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'support_added_to_a_group_has_its_reason';
    END IF;
    RETURN NEW;
END
$$;
"""
BACKWARDS = """
CREATE OR REPLACE FUNCTION support_of_a_group_is_in_order() RETURNS trigger
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
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0033_who_was_told'),
        ('patients', '0010_ndtms_consent'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='supportsession',
            name='joined_late',
            field=models.CharField(blank=True, choices=[('forgotten', 'Forgotten when the group was logged'), ('learned_later', 'Learned later that they belong in it')], max_length=14),
        ),
        migrations.AddConstraint(
            model_name='supportsession',
            constraint=models.CheckConstraint(condition=models.Q(('joined_late', ''), models.Q(('amends__isnull', True), ('group__isnull', False), ('joined_late__in', ['forgotten', 'learned_later'])), _connector='OR'), name='support_added_to_a_group_is_its_first_line', violation_error_message='Only somebody who is added to a group has a reason for it.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
