"""Packs on paper for when the computer is off, and their files.

A pack's row stays for good, so that a reference on paper names its person. Its file may be emptied, once, and is
changed in no other way: what somebody printed is what was kept.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only


FILES = """
CREATE FUNCTION downtime_file_is_only_emptied() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF OLD.emptied_at IS NOT NULL OR NEW.emptied_at IS NULL OR NEW.pack_id <> OLD.pack_id OR NEW.sha256 <> OLD.sha256
    THEN
        RAISE EXCEPTION 'The file of a pack is emptied once and never changed.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'downtime_file_is_only_emptied';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER dosing_downtimefile_only_emptied BEFORE UPDATE ON dosing_downtimefile
    FOR EACH ROW EXECUTE FUNCTION downtime_file_is_only_emptied();
ALTER TABLE dosing_downtimefile ENABLE ALWAYS TRIGGER dosing_downtimefile_only_emptied;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_inspections'),
        ("dosing", "0029_closures"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DowntimePack',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('service_date', models.DateField()),
                ('slot', models.CharField(choices=[('am', 'morning'), ('pm', 'afternoon'), ('eve', 'evening')], max_length=3)),
                ('people', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('made_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='downtime_packs', to='accounts.clinic')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='DowntimeFile',
            fields=[
                ('pack', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='file', serialize=False, to='dosing.downtimepack')),
                ('pdf', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('emptied_at', models.DateTimeField(null=True)),
                ('emptied_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddIndex(
            model_name='downtimepack',
            index=models.Index(fields=['clinic', '-made_at'], name='newest_downtime_pack'),
        ),
        migrations.AddConstraint(
            model_name='downtimepack',
            constraint=models.UniqueConstraint(fields=('clinic', 'number'), name='downtime_packs_are_numbered_once', violation_error_message='Somebody else has just made a pack. Try again.'),
        ),
        migrations.AddConstraint(
            model_name='downtimefile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('emptied_at__isnull', True), ('emptied_by__isnull', True), models.Q(('pdf', b''), _negated=True)), models.Q(('emptied_at__isnull', False), ('emptied_by__isnull', False), ('pdf', b'')), _connector='OR'), name='downtime_file_says_when_it_was_emptied', violation_error_message='A file of a pack is whole, or says when it was emptied.'),
        ),
        migrations.RunSQL(FILES, migrations.RunSQL.noop),
        make_append_only("dosing_downtimepack"),
    ]
