"""A group of clinics ends with a day, and a clinic leaves it with a day; both are only ever added."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

PART_OF_A_CLINIC_THAT_IS_IN_IT = """
    IF NOT EXISTS (
        SELECT FROM public.outcomes_rolluprequest asked
            JOIN public.outcomes_networkclinic member ON member.network_id = asked.network_id
            LEFT JOIN public.outcomes_networkleaving leaving ON leaving.member_id = member.id
            WHERE asked.id = NEW.request_id AND member.clinic_id = NEW.clinic_id
                AND (leaving.left_on IS NULL OR leaving.left_on >= asked.month)
    ) THEN
"""
PART_OF_A_CLINIC = """
    IF NOT EXISTS (
        SELECT FROM public.outcomes_rolluprequest asked
            JOIN public.outcomes_networkclinic member ON member.network_id = asked.network_id
            WHERE asked.id = NEW.request_id AND member.clinic_id = NEW.clinic_id
    ) THEN
"""
PART_IS_IN_ORDER = """
CREATE OR REPLACE FUNCTION rollup_part_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    {of_a_clinic}
        RAISE EXCEPTION 'Only a clinic of the group gives a part.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rollup_part_is_of_the_network';
    END IF;
    IF NEW.run_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_reportrun run
            JOIN public.outcomes_rolluprequest asked ON asked.id = NEW.request_id
            JOIN public.outcomes_reportrelease release ON release.run_id = run.id
            WHERE run.id = NEW.run_id AND run.clinic_id = NEW.clinic_id AND run.month = asked.month
                AND run.edition = asked.edition AND run.figures_sha256 = NEW.figures_sha256
    ) THEN
        RAISE EXCEPTION 'A part is a signed-off report of that clinic, month and edition.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rollup_part_is_a_released_report';
    END IF;
    RETURN NEW;
END
$$;
"""
FORWARDS = """
CREATE FUNCTION network_end_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.ended_on > (NEW.ended_at AT TIME ZONE 'Europe/London')::date THEN
        RAISE EXCEPTION 'A group ends on a day that has come.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'network_end_has_come';
    END IF;
    IF EXISTS (
        SELECT FROM public.outcomes_rolluprequest asked
            WHERE asked.network_id = NEW.network_id AND asked.month > NEW.ended_on
    ) THEN
        RAISE EXCEPTION 'A later month was put together for this group.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'network_ends_after_what_was_asked';
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION network_leaving_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    of_network uuid;
BEGIN
    SELECT member.network_id INTO of_network
        FROM public.outcomes_networkclinic member WHERE member.id = NEW.member_id;
    IF NEW.left_on > (NEW.left_at AT TIME ZONE 'Europe/London')::date THEN
        RAISE EXCEPTION 'A clinic leaves on a day that has come.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'network_leaving_has_come';
    END IF;
    IF EXISTS (SELECT FROM public.outcomes_networkend ended WHERE ended.network_id = of_network) THEN
        RAISE EXCEPTION 'This group has ended.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'network_leaving_is_of_a_standing_network';
    END IF;
    IF EXISTS (
        SELECT FROM public.outcomes_rolluprequest asked
            WHERE asked.network_id = of_network AND asked.month > NEW.left_on
    ) THEN
        RAISE EXCEPTION 'A later month was put together with this clinic.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'network_leaving_is_after_what_was_asked';
    END IF;
    IF (
        SELECT count(*) FROM public.outcomes_networkclinic member
            LEFT JOIN public.outcomes_networkleaving leaving ON leaving.member_id = member.id
            WHERE member.network_id = of_network AND leaving.member_id IS NULL
    ) <= 2 THEN
        RAISE EXCEPTION 'Two clinics of a group are left at least.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'network_leaving_keeps_two_clinics';
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION rollup_request_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.outcomes_networkend ended
            WHERE ended.network_id = NEW.network_id AND ended.ended_on < NEW.month
    ) THEN
        RAISE EXCEPTION 'This group had ended before that month.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rollup_month_began_before_the_end';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_networkend_in_order
    BEFORE INSERT ON public.outcomes_networkend
    FOR EACH ROW EXECUTE FUNCTION network_end_is_in_order();
ALTER TABLE public.outcomes_networkend ENABLE ALWAYS TRIGGER outcomes_networkend_in_order;
CREATE TRIGGER outcomes_networkleaving_in_order
    BEFORE INSERT ON public.outcomes_networkleaving
    FOR EACH ROW EXECUTE FUNCTION network_leaving_is_in_order();
ALTER TABLE public.outcomes_networkleaving ENABLE ALWAYS TRIGGER outcomes_networkleaving_in_order;
CREATE TRIGGER outcomes_rolluprequest_in_order
    BEFORE INSERT ON public.outcomes_rolluprequest
    FOR EACH ROW EXECUTE FUNCTION rollup_request_is_in_order();
ALTER TABLE public.outcomes_rolluprequest ENABLE ALWAYS TRIGGER outcomes_rolluprequest_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_rolluprequest_in_order ON public.outcomes_rolluprequest;
DROP TRIGGER outcomes_networkleaving_in_order ON public.outcomes_networkleaving;
DROP TRIGGER outcomes_networkend_in_order ON public.outcomes_networkend;
DROP FUNCTION rollup_request_is_in_order();
DROP FUNCTION network_leaving_is_in_order();
DROP FUNCTION network_end_is_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('outcomes', '0066_complete_months'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='NetworkEnd',
            fields=[
                ('network', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='end', serialize=False, to='outcomes.network')),
                ('ended_on', models.DateField()),
                ('why', models.CharField(max_length=300)),
                ('ended_at', models.DateTimeField()),
                ('ended_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='NetworkLeaving',
            fields=[
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='leaving', serialize=False, to='outcomes.networkclinic')),
                ('left_on', models.DateField()),
                ('why', models.CharField(max_length=300)),
                ('left_at', models.DateTimeField()),
                ('left_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddConstraint(
            model_name='networkend',
            constraint=models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='network_end_has_its_reason', violation_error_message='Say why the group ends.'),
        ),
        migrations.AddConstraint(
            model_name='networkleaving',
            constraint=models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='network_leaving_has_its_reason', violation_error_message='Say why the clinic leaves the group.'),
        ),
        migrations.RunSQL(
            PART_IS_IN_ORDER.format(of_a_clinic=PART_OF_A_CLINIC_THAT_IS_IN_IT),
            PART_IS_IN_ORDER.format(of_a_clinic=PART_OF_A_CLINIC),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_networkend", "outcomes_networkleaving"),
    ]
