"""Who reads which edition of the reports: dated lines, written by one and approved by another."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION reader_editions_approval_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    written record;
BEGIN
    SELECT line.written_by_id, line.from_day INTO written
        FROM public.outcomes_readereditions line WHERE line.id = NEW.editions_id;
    IF written.written_by_id = NEW.approved_by_id THEN
        RAISE EXCEPTION 'Whoever wrote who reads which report does not approve it.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reader_editions_are_approved_by_another';
    END IF;
    IF written.from_day < (NEW.approved_at AT TIME ZONE 'Europe/London')::date THEN
        RAISE EXCEPTION 'It is approved on its first day at the latest.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reader_editions_are_approved_before_they_hold';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_readereditionsapproval_in_order
    BEFORE INSERT ON public.outcomes_readereditionsapproval
    FOR EACH ROW EXECUTE FUNCTION reader_editions_approval_is_in_order();
ALTER TABLE public.outcomes_readereditionsapproval
    ENABLE ALWAYS TRIGGER outcomes_readereditionsapproval_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_readereditionsapproval_in_order ON public.outcomes_readereditionsapproval;
DROP FUNCTION reader_editions_approval_is_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_readers_of_reports'),
        ('outcomes', '0059_aims'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReaderEditions',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reader', models.CharField(choices=[('commissioner', 'Public-health commissioner'), ('board', 'Board'), ('police_commissioner', 'Police and crime commissioner'), ('probation', 'Probation service'), ('prison_group', 'Prison group'), ('inspector', 'Inspector'), ('evaluator', 'Independent evaluator'), ('public', 'Everybody else')], max_length=20)),
                ('from_day', models.DateField()),
                ('has_restricted', models.BooleanField()),
                ('has_justice', models.BooleanField()),
                ('source', models.CharField(max_length=300)),
                ('key', models.UUIDField()),
                ('written_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reader_editions', to='accounts.clinic')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ReaderEditionsApproval',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('approved_at', models.DateTimeField()),
                ('approved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('editions', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='approval', to='outcomes.readereditions')),
            ],
        ),
        migrations.AddConstraint(
            model_name='readereditions',
            constraint=models.UniqueConstraint(fields=('key',), name='one_line_of_reader_editions_per_key', violation_error_message='This form was sent before.'),
        ),
        migrations.AddConstraint(
            model_name='readereditions',
            constraint=models.CheckConstraint(condition=models.Q(('has_restricted', False), models.Q(('reader__in', ['police_commissioner', 'probation', 'prison_group', 'public']), _negated=True), _connector='OR'), name='readers_of_health_in_exact_numbers_may_have_them', violation_error_message='That class is never given the restricted edition.'),
        ),
        migrations.AddConstraint(
            model_name='readereditions',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('source', ''), _negated=True), models.Q(('reader', 'public'), _negated=True)), name='reader_editions_rest_on_an_agreement', violation_error_message='Say what it rests on; the public edition is for everybody.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_readereditions", "outcomes_readereditionsapproval"),
    ]
