"""Amendments: a reading that puts another right, and why, signed. The first row stays."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

AMENDMENTS = """
CREATE FUNCTION reading_amends_its_own() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.dosing_reading r
            WHERE r.id = NEW.amends_id AND r.session_id = NEW.session_id AND r.injection_id = NEW.injection_id
                AND r.minute IS NOT DISTINCT FROM NEW.minute AND r.taken_at = NEW.taken_at
                AND r.oxygen_target = NEW.oxygen_target AND r.oxygen_scale = NEW.oxygen_scale
    ) THEN
        RAISE EXCEPTION 'A reading amends one of its own injection, of its minute and moment.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reading_amends_its_own';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER reading_amends_its_own BEFORE INSERT ON dosing_reading
    FOR EACH ROW EXECUTE FUNCTION reading_amends_its_own();
ALTER TABLE dosing_reading ENABLE ALWAYS TRIGGER reading_amends_its_own;

CREATE FUNCTION amending_reading_says_why() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.dosing_correction c WHERE c.reading_id = NEW.id) THEN
        RAISE EXCEPTION 'A reading that amends another says why, and is signed.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'amending_reading_says_why';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER amending_reading_says_why AFTER INSERT ON dosing_reading
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.amends_id IS NOT NULL) EXECUTE FUNCTION amending_reading_says_why();
ALTER TABLE dosing_reading ENABLE ALWAYS TRIGGER amending_reading_says_why;

CREATE FUNCTION correction_is_signed_by_who_amends() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.dosing_signature s
            WHERE s.id = NEW.signature_id AND s.signed_by_id = NEW.corrected_by_id AND s.part = 'amender'
    ) OR NOT EXISTS (
        SELECT FROM public.dosing_reading r
            WHERE r.id = NEW.reading_id AND r.amends_id IS NOT NULL AND r.taken_by_id = NEW.corrected_by_id
        UNION ALL
        SELECT FROM public.dosing_sessionoutcome o
            WHERE o.id = NEW.outcome_id AND o.amends_id IS NOT NULL AND o.recorded_by_id = NEW.corrected_by_id
    ) THEN
        RAISE EXCEPTION 'A correction is of a row that amends another, signed by whoever wrote that row.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_is_signed_by_who_amends';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER correction_is_signed_by_who_amends BEFORE INSERT ON dosing_correction
    FOR EACH ROW EXECUTE FUNCTION correction_is_signed_by_who_amends();
ALTER TABLE dosing_correction ENABLE ALWAYS TRIGGER correction_is_signed_by_who_amends;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('dosing', '0030_downtime'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('key', models.UUIDField(primary_key=True, serialize=False)),
                ('reason', models.CharField(choices=[('wrong_key', 'Wrong key'), ('misread', 'The device or the count was misread'), ('told_wrong', 'I was told something that was not so'), ('other', 'Another reason, in words')], max_length=10)),
                ('words', models.CharField(blank=True, max_length=200)),
                ('corrected_at', models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='reading',
            name='one_reading_for_each_due_minute',
        ),
        migrations.AddField(
            model_name='reading',
            name='amends',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='dosing.reading'),
        ),
        migrations.AlterField(
            model_name='signature',
            name='part',
            field=models.CharField(choices=[('giver', 'Giver'), ('witness', 'Witness'), ('counter', 'Counter'), ('opener', 'Opener'), ('keeper', 'Keeper'), ('doctor', 'Doctor'), ('present', 'Present'), ('amender', 'Amender')], max_length=8),
        ),
        migrations.AddConstraint(
            model_name='reading',
            constraint=models.UniqueConstraint(condition=models.Q(('amends__isnull', True), ('minute__isnull', False)), fields=('injection', 'minute'), name='one_reading_for_each_due_minute', violation_error_message='That reading is recorded already.'),
        ),
        migrations.AddField(
            model_name='correction',
            name='corrected_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='correction',
            name='outcome',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='correction', to='dosing.sessionoutcome'),
        ),
        migrations.AddField(
            model_name='correction',
            name='reading',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='correction', to='dosing.reading'),
        ),
        migrations.AddField(
            model_name='correction',
            name='signature',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome__isnull', True), ('reading__isnull', False)), models.Q(('outcome__isnull', False), ('reading__isnull', True)), _connector='OR'), name='correction_is_of_one_thing', violation_error_message='A correction is of one reading or of one outcome.'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', 'other'), _negated=True), models.Q(('words', ''), _negated=True), _connector='OR'), name='correction_for_another_reason_has_words', violation_error_message='Write in words why it is put right.'),
        ),
        migrations.RunSQL(AMENDMENTS, migrations.RunSQL.noop),
        make_append_only("dosing_correction"),
    ]
