"""Rows that are only ever added; places that cannot be exceeded; criteria that are approved as they were written."""

from django.db import migrations

from hat_clinic.core.triggers import make_append_only

# The last guard of the places: the action has taken the clinic's row already, this takes it again and counts anew.
PLACES = """
CREATE FUNCTION referrals_keep_to_the_places() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    the_clinic uuid;
    the_places integer;
    taken integer;
BEGIN
    IF NEW.outcome <> 'accepted' THEN
        RETURN NEW;
    END IF;
    SELECT clinic_id INTO the_clinic FROM public.referrals_referral WHERE id = NEW.referral_id;
    SELECT places INTO the_places FROM public.accounts_clinic WHERE id = the_clinic FOR NO KEY UPDATE;
    SELECT p.places INTO the_places FROM public.accounts_phase p
        WHERE p.clinic_id = the_clinic AND p.during @> (NEW.decided_at AT TIME ZONE 'Europe/London')::date
        UNION ALL SELECT the_places LIMIT 1;
    SELECT count(*) INTO taken FROM public.patients_episode
        WHERE clinic_id = the_clinic AND exited_on IS NULL;
    IF taken > the_places THEN
        RAISE EXCEPTION 'nobody is accepted beyond the places of a clinic'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'accepted_within_the_places';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER accepted_within_the_places
    BEFORE INSERT ON referrals_referraldecision
    FOR EACH ROW EXECUTE FUNCTION referrals_keep_to_the_places();
ALTER TABLE referrals_referraldecision ENABLE ALWAYS TRIGGER accepted_within_the_places;

CREATE FUNCTION referrals_approve_as_written() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.referrals_criteriaset s WHERE s.id = NEW.criteria_id AND s.sha256 = NEW.sha256
    ) THEN
        RAISE EXCEPTION 'criteria are approved as they were written'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'criteria_approved_as_written';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER criteria_approved_as_written
    BEFORE INSERT ON referrals_criteriaapproval
    FOR EACH ROW EXECUTE FUNCTION referrals_approve_as_written();
ALTER TABLE referrals_criteriaapproval ENABLE ALWAYS TRIGGER criteria_approved_as_written;
"""

REMOVE = """
DROP TRIGGER accepted_within_the_places ON referrals_referraldecision;
DROP FUNCTION referrals_keep_to_the_places();
DROP TRIGGER criteria_approved_as_written ON referrals_criteriaapproval;
DROP FUNCTION referrals_approve_as_written();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0004_coming_in"),
        ("accounts", "0005_inspections"),
        ("patients", "0005_episode_stages"),
    ]

    operations = [
        make_append_only(
            "referrals_criteriaset",
            "referrals_criteriaapproval",
            "referrals_eligibilityfact",
            "referrals_eligibilityjudgement",
            "referrals_referralmessage",
            "referrals_releaseplan",
        ),
        migrations.RunSQL(PLACES, REMOVE),
    ]
