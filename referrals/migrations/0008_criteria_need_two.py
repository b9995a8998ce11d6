"""Criteria are approved as they were written, and by somebody who did not write them."""

from django.db import migrations

APPROVE = """
CREATE OR REPLACE FUNCTION referrals_approve_as_written() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.referrals_criteriaset s
        WHERE s.id = NEW.criteria_id AND s.sha256 = NEW.sha256 {two}
    ) THEN
        RAISE EXCEPTION 'criteria are approved as they were written{words}'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'criteria_approved_as_written';
    END IF;
    RETURN NEW;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0007_telling_stops")]

    operations = [
        migrations.RunSQL(
            APPROVE.format(
                two="AND s.written_by_id <> NEW.approved_by_id", words=", and not by who wrote them"
            ),
            APPROVE.format(two="", words=""),
        ),
    ]
