"""That somebody was told is put right by a line that names the first; the tables refuse what cannot be so."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


FORWARDS = """
CREATE FUNCTION incident_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    -- Two at once about one incident follow each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('incident ' || NEW.incident, 0));
    IF NEW.number > 1 AND NOT EXISTS (
        SELECT FROM public.outcomes_incidentreport before
            WHERE before.incident = NEW.incident AND before.number = NEW.number - 1
                AND before.clinic_id = NEW.clinic_id AND before.patient_id = NEW.patient_id
    ) THEN
        RAISE EXCEPTION 'A correction follows the line before it, of the same person in the same clinic.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'incident_correction_is_of_the_same_person';
    END IF;
    IF NEW.happened_on > (greatest(NEW.recorded_at, now()) AT TIME ZONE 'Europe/London')::date THEN
        RAISE EXCEPTION 'An incident is written down once it has happened.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'incident_has_happened';
    END IF;
    IF EXISTS (
        SELECT FROM public.outcomes_incidenttelling t
            WHERE t.incident = NEW.incident AND t.told_on < NEW.happened_on AND NOT t.is_struck
                AND NOT EXISTS (SELECT FROM public.outcomes_incidenttelling l WHERE l.amends_id = t.id)
    ) THEN
        RAISE EXCEPTION 'Somebody was told of this incident before that day.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'incident_is_told_once_it_happened';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_incidentreport_in_order
    BEFORE INSERT ON public.outcomes_incidentreport
    FOR EACH ROW EXECUTE FUNCTION incident_is_in_order();
ALTER TABLE public.outcomes_incidentreport ENABLE ALWAYS TRIGGER outcomes_incidentreport_in_order;

CREATE FUNCTION incident_telling_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('incident ' || NEW.incident, 0));
    IF NOT EXISTS (
        SELECT FROM public.outcomes_incidentreport r WHERE r.id = NEW.report_id AND r.incident = NEW.incident
    ) THEN
        RAISE EXCEPTION 'A telling is of the incident that its line is of.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'incident_telling_is_of_its_incident';
    END IF;
    IF NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_incidenttelling first
            WHERE first.id = NEW.amends_id AND first.incident = NEW.incident AND first.body = NEW.body
                AND NOT first.is_struck
    ) THEN
        RAISE EXCEPTION 'A correction is of a line about the same incident and body that was not taken back.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'incident_telling_correction_is_of_the_same_body';
    END IF;
    IF NEW.is_struck THEN
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT FROM public.outcomes_incidenttelling other
            WHERE other.incident = NEW.incident AND other.body = NEW.body AND NOT other.is_struck
                AND other.id IS DISTINCT FROM NEW.amends_id
                AND NOT EXISTS (SELECT FROM public.outcomes_incidenttelling l WHERE l.amends_id = other.id)
    ) THEN
        RAISE EXCEPTION 'That they were told is written down already.'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'each_is_told_of_an_incident_once';
    END IF;
    IF NEW.told_on > (greatest(NEW.recorded_at, now()) AT TIME ZONE 'Europe/London')::date OR NEW.told_on < (
        SELECT r.happened_on FROM public.outcomes_incidentreport r
            WHERE r.incident = NEW.incident ORDER BY r.number DESC LIMIT 1
    ) THEN
        RAISE EXCEPTION 'Somebody is told between the day of the incident and today.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'incident_is_told_once_it_happened';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_incidenttelling_in_order
    BEFORE INSERT ON public.outcomes_incidenttelling
    FOR EACH ROW EXECUTE FUNCTION incident_telling_is_in_order();
ALTER TABLE public.outcomes_incidenttelling ENABLE ALWAYS TRIGGER outcomes_incidenttelling_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_incidenttelling_in_order ON public.outcomes_incidenttelling;
DROP FUNCTION incident_telling_is_in_order();
DROP TRIGGER outcomes_incidentreport_in_order ON public.outcomes_incidentreport;
DROP FUNCTION incident_is_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0051_report_schedule'),
        ('patients', '0010_ndtms_consent'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='incidenttelling',
            name='each_is_told_of_an_incident_once',
        ),
        migrations.AddField(
            model_name='incidenttelling',
            name='amends',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='outcomes.incidenttelling'),
        ),
        migrations.AddField(
            model_name='incidenttelling',
            name='is_struck',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='incidenttelling',
            name='why',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddIndex(
            model_name='incidenttelling',
            index=models.Index(fields=['incident', 'body'], name='incident_tellings'),
        ),
        migrations.AddConstraint(
            model_name='incidentreport',
            constraint=models.CheckConstraint(condition=models.Q(('harm__range', (0, 4)), ('kind__in', ['over_sedation', 'overdose', 'death', 'medicine_error', 'injury', 'violence', 'other']), ('place__in', ['clinic', 'home', 'street', 'hospital', 'custody', 'other']), models.Q(('words', ''), _negated=True)), name='incident_says_what_where_and_what_harm', violation_error_message='Say what happened, where, and what harm came of it.'),
        ),
        migrations.AddConstraint(
            model_name='incidenttelling',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amends__isnull', True), ('is_struck', False), ('why', '')), models.Q(('amends__isnull', False), models.Q(('why', ''), _negated=True)), _connector='OR'), name='incident_telling_correction_has_its_reason', violation_error_message='Say why it is written again.'),
        ),
        migrations.AddConstraint(
            model_name='incidenttelling',
            constraint=models.CheckConstraint(condition=models.Q(('body__in', ['person', 'learning', 'cd_officer', 'regulator', 'coroner', 'commissioner'])), name='incident_telling_is_of_a_body', violation_error_message='Say who was told.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
