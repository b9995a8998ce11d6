"""One force tells of a day once, across all its agreements with a clinic; and a file without offences once a period."""

from django.conf import settings
from django.db import migrations, models


BY_FORCE = """
CREATE OR REPLACE FUNCTION police_file_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    mine record;
BEGIN
    SELECT agreement.clinic_id, agreement.agency_id INTO mine
        FROM public.outcomes_policeagreement agreement WHERE agreement.id = NEW.agreement_id;
    -- Two at once of one force follow each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('police file ' || mine.clinic_id || ' ' || mine.agency_id, 0));
    IF NEW.replaces_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_policefile first
            JOIN public.outcomes_policeagreement under ON under.id = first.agreement_id
            WHERE first.id = NEW.replaces_id
                AND (under.clinic_id, under.agency_id) = (mine.clinic_id, mine.agency_id)
    ) THEN
        RAISE EXCEPTION 'A file replaces one of the same force.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'police_file_replaces_its_own';
    END IF;
    IF EXISTS (
        SELECT FROM public.outcomes_policefile other
            JOIN public.outcomes_policeagreement under ON under.id = other.agreement_id
            WHERE (under.clinic_id, under.agency_id) = (mine.clinic_id, mine.agency_id)
                AND other.during && NEW.during
                AND other.id IS DISTINCT FROM NEW.replaces_id
                AND NOT EXISTS (
                    SELECT FROM public.outcomes_policefile later WHERE later.replaces_id = other.id
                )
    ) THEN
        RAISE EXCEPTION 'Another file that counts tells of some of these days.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'police_files_tell_of_a_day_once';
    END IF;
    RETURN NEW;
END
$$;
"""
BY_AGREEMENT = """
CREATE OR REPLACE FUNCTION police_file_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    -- Two at once under one agreement follow each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('police file ' || NEW.agreement_id, 0));
    IF NEW.replaces_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_policefile first
            WHERE first.id = NEW.replaces_id AND first.agreement_id = NEW.agreement_id
    ) THEN
        RAISE EXCEPTION 'A file replaces one of the same agreement.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'police_file_replaces_its_own';
    END IF;
    IF EXISTS (
        SELECT FROM public.outcomes_policefile other
            WHERE other.agreement_id = NEW.agreement_id AND other.during && NEW.during
                AND other.id IS DISTINCT FROM NEW.replaces_id
                AND NOT EXISTS (
                    SELECT FROM public.outcomes_policefile later WHERE later.replaces_id = other.id
                )
    ) THEN
        RAISE EXCEPTION 'Another file that counts tells of some of these days.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'police_files_tell_of_a_day_once';
    END IF;
    RETURN NEW;
END
$$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('outcomes', '0052_networks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='policefile',
            name='one_police_file_per_content',
        ),
        migrations.AlterField(
            model_name='policeagreement',
            name='basis',
            field=models.CharField(choices=[('consent', 'Each person’s consent to this force telling of their offences'), ('law', 'A law that does not ask for the person’s consent')], max_length=7),
        ),
        migrations.AddConstraint(
            model_name='policefile',
            constraint=models.UniqueConstraint(fields=('agreement', 'sha256', 'during'), name='one_police_file_per_content_and_days', violation_error_message='This file was brought in before.'),
        ),
        migrations.RunSQL(BY_FORCE, BY_AGREEMENT),
    ]
