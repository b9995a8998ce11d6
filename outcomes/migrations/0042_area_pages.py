"""What is known of the area is entered by a named person, or imported; only added; a correction names what it amends."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION area_figure_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_areafigure first WHERE first.id = NEW.amends_id AND first.clinic_id = NEW.clinic_id
    ) THEN
        RAISE EXCEPTION 'A correction is of a line of the same clinic.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'area_figure_correction_is_of_the_same_clinic';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_areafigure_in_order
    BEFORE INSERT ON public.outcomes_areafigure
    FOR EACH ROW EXECUTE FUNCTION area_figure_is_in_order();
ALTER TABLE public.outcomes_areafigure ENABLE ALWAYS TRIGGER outcomes_areafigure_in_order;

CREATE FUNCTION need_estimate_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_needestimate first WHERE first.id = NEW.amends_id AND first.clinic_id = NEW.clinic_id
    ) THEN
        RAISE EXCEPTION 'A correction is of a line of the same clinic.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'need_estimate_correction_is_of_the_same_clinic';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_needestimate_in_order
    BEFORE INSERT ON public.outcomes_needestimate
    FOR EACH ROW EXECUTE FUNCTION need_estimate_is_in_order();
ALTER TABLE public.outcomes_needestimate ENABLE ALWAYS TRIGGER outcomes_needestimate_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_areafigure_in_order ON public.outcomes_areafigure;
DROP FUNCTION area_figure_is_in_order();

DROP TRIGGER outcomes_needestimate_in_order ON public.outcomes_needestimate;
DROP FUNCTION need_estimate_is_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0041_disruption_pages'),
        ('patients', '0011_police_consent'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='areafigure',
            name='amends',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='outcomes.areafigure'),
        ),
        migrations.AddField(
            model_name='areafigure',
            name='correction',
            field=models.CharField(blank=True, choices=[('wrong_key', 'Wrong key'), ('learned_later', 'Learned more later'), ('entered_twice', 'Logged twice')], max_length=14),
        ),
        migrations.AddField(
            model_name='areafigure',
            name='key',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='areafigure',
            name='recorded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='areafigure',
            name='recorded_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='needestimate',
            name='amends',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='outcomes.needestimate'),
        ),
        migrations.AddField(
            model_name='needestimate',
            name='correction',
            field=models.CharField(blank=True, choices=[('wrong_key', 'Wrong key'), ('learned_later', 'Learned more later'), ('entered_twice', 'Logged twice')], max_length=14),
        ),
        migrations.AddField(
            model_name='needestimate',
            name='key',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='needestimate',
            name='recorded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='needestimate',
            name='recorded_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='areafigure',
            constraint=models.UniqueConstraint(fields=('key',), name='one_area_figure_per_key', violation_error_message='This line is stored already.'),
        ),
        migrations.AddConstraint(
            model_name='areafigure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('import_run__isnull', True), ('key__isnull', False), ('recorded_at__isnull', False), ('recorded_by__isnull', False)), models.Q(('amends__isnull', True), ('import_run__isnull', False), ('key__isnull', True), ('recorded_at__isnull', True), ('recorded_by__isnull', True)), _connector='OR'), name='area_figure_is_recorded_by_a_person_or_imported', violation_error_message='A count is entered by a named person, or imported.'),
        ),
        migrations.AddConstraint(
            model_name='areafigure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amends__isnull', True), ('correction', '')), models.Q(('amends__isnull', False), models.Q(('correction', ''), _negated=True)), _connector='OR'), name='area_figure_correction_has_its_reason', violation_error_message='Say why the line is written again.'),
        ),
        migrations.AddConstraint(
            model_name='needestimate',
            constraint=models.UniqueConstraint(fields=('key',), name='one_need_estimate_per_key', violation_error_message='This line is stored already.'),
        ),
        migrations.AddConstraint(
            model_name='needestimate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('import_run__isnull', True), ('key__isnull', False), ('recorded_at__isnull', False), ('recorded_by__isnull', False)), models.Q(('amends__isnull', True), ('import_run__isnull', False), ('key__isnull', True), ('recorded_at__isnull', True), ('recorded_by__isnull', True)), _connector='OR'), name='need_estimate_is_recorded_by_a_person_or_imported', violation_error_message='An estimate is entered by a named person, or imported.'),
        ),
        migrations.AddConstraint(
            model_name='needestimate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amends__isnull', True), ('correction', '')), models.Q(('amends__isnull', False), models.Q(('correction', ''), _negated=True)), _connector='OR'), name='need_estimate_correction_has_its_reason', violation_error_message='Say why the line is written again.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_areafigure", "outcomes_needestimate"),
    ]
