"""A report goes out under the signature of somebody who neither built it nor asked for it; only ever added."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION release_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    report record;
BEGIN
    SELECT run.built_by_id, run.extract_sha256, run.figures_sha256 INTO report
        FROM public.outcomes_reportrun run WHERE run.id = NEW.run_id;
    IF report.built_by_id = NEW.released_by_id OR EXISTS (
        SELECT FROM public.outcomes_reportrequest asked
            WHERE asked.run_id = NEW.run_id AND asked.requested_by_id = NEW.released_by_id
    ) THEN
        RAISE EXCEPTION 'Whoever asked for a report does not sign it off.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'release_is_signed_by_another';
    END IF;
    IF (report.extract_sha256, report.figures_sha256) IS DISTINCT FROM (NEW.extract_sha256, NEW.figures_sha256) THEN
        RAISE EXCEPTION 'A report is signed off under its own hashes.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'release_names_what_was_frozen';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.outcomes_reportfile file WHERE file.run_id = NEW.run_id AND file.kind = 'pdf'
    ) THEN
        RAISE EXCEPTION 'A report is signed off when its PDF is there to be read.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'release_is_of_a_printed_report';
    END IF;
    IF EXISTS (SELECT FROM public.outcomes_reportrun newer WHERE newer.replaces_id = NEW.run_id) THEN
        RAISE EXCEPTION 'A report that was replaced is not signed off any more.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'release_is_of_the_newest_issue';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_reportrelease_in_order
    BEFORE INSERT ON public.outcomes_reportrelease
    FOR EACH ROW EXECUTE FUNCTION release_is_in_order();
ALTER TABLE public.outcomes_reportrelease ENABLE ALWAYS TRIGGER outcomes_reportrelease_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_reportrelease_in_order ON public.outcomes_reportrelease;
DROP FUNCTION release_is_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('outcomes', '0021_cost_pages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReportRelease',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('extract_sha256', models.CharField(max_length=64)),
                ('figures_sha256', models.CharField(max_length=64)),
                ('key', models.UUIDField()),
                ('released_at', models.DateTimeField()),
                ('released_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('run', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='release', to='outcomes.reportrun')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('key',), name='one_release_per_key', violation_error_message='This form was sent before.')],
            },
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_reportrelease"),
    ]
