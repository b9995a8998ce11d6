import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION health_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_healthline first
            WHERE first.id = NEW.amends_id AND first.patient_id = NEW.patient_id
                AND first.clinic_id = NEW.clinic_id AND first.topic = NEW.topic
                AND first.about_id IS NOT DISTINCT FROM NEW.about_id
    ) THEN
        RAISE EXCEPTION 'A correction is of a line of the same person, topic, wound or kit in the same clinic.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'health_correction_is_of_the_same_person';
    END IF;
    IF NEW.about_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_healthline thing
            WHERE thing.id = NEW.about_id AND thing.patient_id = NEW.patient_id
                AND thing.clinic_id = NEW.clinic_id AND thing.topic = NEW.topic
                AND thing.amends_id IS NULL AND thing.step IN ('found', 'given', 'replaced')
    ) THEN
        RAISE EXCEPTION 'A line is about a wound or a kit of the same person in the same clinic.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'health_line_is_about_the_same_person';
    END IF;
    -- Two at once for one person follow each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('health ' || NEW.clinic_id || NEW.patient_id, 0));
    IF NEW.step NOT IN ('found', 'given', 'replaced')
        AND NEW.correction NOT IN ('wrong_person', 'entered_twice') AND EXISTS (
        SELECT FROM public.outcomes_healthline other
            WHERE other.patient_id = NEW.patient_id AND other.clinic_id = NEW.clinic_id
                AND other.topic = NEW.topic AND other.step = NEW.step
                AND other.happened_on = NEW.happened_on
                AND other.about_id IS NOT DISTINCT FROM NEW.about_id
                AND other.id IS DISTINCT FROM NEW.amends_id
                AND other.correction NOT IN ('wrong_person', 'entered_twice')
                AND NOT EXISTS (
                    SELECT FROM public.outcomes_healthline later WHERE later.amends_id = other.id
                )
    ) THEN
        RAISE EXCEPTION 'That step stands already on that day.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'one_health_line_per_step_and_day';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_healthline_in_order
    BEFORE INSERT ON public.outcomes_healthline
    FOR EACH ROW EXECUTE FUNCTION health_is_in_order();
ALTER TABLE public.outcomes_healthline ENABLE ALWAYS TRIGGER outcomes_healthline_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_healthline_in_order ON public.outcomes_healthline;
DROP FUNCTION health_is_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0019_custody_pages'),
        ('patients', '0009_harm_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HealthLine',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('topic', models.CharField(choices=[('hbv', 'Hepatitis B vaccination'), ('hcv', 'Hepatitis C'), ('hiv', 'HIV'), ('wound', 'Wounds'), ('dental', 'Teeth'), ('kit', 'Naloxone kits')], max_length=6)),
                ('step', models.CharField(choices=[('antibody_negative', 'antibody_negative'), ('antibody_positive', 'antibody_positive'), ('complete', 'complete'), ('cured', 'cured'), ('declined', 'declined'), ('dose_1', 'dose_1'), ('dose_2', 'dose_2'), ('dose_3', 'dose_3'), ('dose_4', 'dose_4'), ('found', 'found'), ('given', 'given'), ('healed', 'healed'), ('immune', 'immune'), ('in_care', 'in_care'), ('looked_at', 'looked_at'), ('lost', 'lost'), ('need', 'need'), ('negative', 'negative'), ('not_cured', 'not_cured'), ('offered', 'offered'), ('positive', 'positive'), ('referred', 'referred'), ('replaced', 'replaced'), ('rna_found', 'rna_found'), ('rna_not_found', 'rna_not_found'), ('seen', 'seen'), ('trained', 'trained'), ('treatment_completed', 'treatment_completed'), ('treatment_started', 'treatment_started'), ('used', 'used')], max_length=19)),
                ('happened_on', models.DateField()),
                ('source', models.CharField(choices=[('here', 'We did it here'), ('told', 'The person told us'), ('record', 'Another service’s letter or record')], max_length=6)),
                ('batch', models.CharField(blank=True, max_length=20)),
                ('kind', models.CharField(blank=True, choices=[('abscess', 'Abscess'), ('ulcer', 'Ulcer'), ('skin_infection', 'Infected skin'), ('injecting_site', 'Sore injecting site'), ('injury', 'Injury'), ('other', 'Other')], max_length=14)),
                ('site', models.CharField(blank=True, max_length=120)),
                ('size', models.CharField(blank=True, max_length=120)),
                ('care', models.CharField(blank=True, max_length=120)),
                ('review_on', models.DateField(null=True)),
                ('expires_on', models.DateField(null=True)),
                ('key', models.UUIDField()),
                ('recorded_at', models.DateTimeField()),
                ('correction', models.CharField(blank=True, choices=[('wrong_key', 'Wrong key'), ('learned_later', 'Learned more later'), ('wrong_person', 'Logged for the wrong person'), ('entered_twice', 'Logged twice')], max_length=14)),
                ('about', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='later_lines', to='outcomes.healthline')),
                ('amends', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='outcomes.healthline')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='health_lines', to='accounts.clinic')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='health_lines', to='patients.person')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['clinic', 'patient', 'topic'], name='health_of_a_person')],
                'constraints': [models.UniqueConstraint(fields=('key',), name='one_health_line_per_key', violation_error_message='This line is stored already.'), models.CheckConstraint(condition=models.Q(models.Q(('amends__isnull', True), ('correction', '')), models.Q(('amends__isnull', False), models.Q(('correction', ''), _negated=True)), _connector='OR'), name='health_correction_has_its_reason', violation_error_message='Say why the line is written again.'), models.CheckConstraint(condition=models.Q(models.Q(('step__in', ['complete', 'declined', 'dose_1', 'dose_2', 'dose_3', 'dose_4', 'immune', 'offered']), ('topic', 'hbv')), models.Q(('step__in', ['antibody_negative', 'antibody_positive', 'cured', 'declined', 'not_cured', 'offered', 'referred', 'rna_found', 'rna_not_found', 'treatment_completed', 'treatment_started']), ('topic', 'hcv')), models.Q(('step__in', ['declined', 'in_care', 'negative', 'offered', 'positive']), ('topic', 'hiv')), models.Q(('step__in', ['found', 'healed', 'looked_at']), ('topic', 'wound')), models.Q(('step__in', ['need', 'referred', 'seen']), ('topic', 'dental')), models.Q(('step__in', ['declined', 'given', 'lost', 'replaced', 'trained', 'used']), ('topic', 'kit')), _connector='OR'), name='health_step_is_of_its_topic', violation_error_message='That step is of another topic.'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(models.Q(('step__in', ['healed', 'looked_at']), ('topic', 'wound')), models.Q(('step__in', ['lost', 'replaced', 'used']), ('topic', 'kit')), _connector='OR'), models.Q(('about__isnull', True), _negated=True)), models.Q(models.Q(models.Q(('step__in', ['healed', 'looked_at']), ('topic', 'wound')), models.Q(('step__in', ['lost', 'replaced', 'used']), ('topic', 'kit')), _connector='OR', _negated=True), ('about__isnull', True)), _connector='OR'), name='health_line_is_about_its_wound_or_kit', violation_error_message='Say which wound or kit it is about.'), models.CheckConstraint(condition=models.Q(models.Q(('step__in', ['given', 'replaced']), ('topic', 'kit'), models.Q(('expires_on__isnull', True), _negated=True)), models.Q(models.Q(('step__in', ['given', 'replaced']), ('topic', 'kit'), _negated=True), ('expires_on__isnull', True)), _connector='OR'), name='kit_handed_out_has_its_date', violation_error_message='A kit that is handed out has the date printed on it.'), models.CheckConstraint(condition=models.Q(models.Q(('step__in', ['found', 'looked_at']), ('topic', 'wound'), models.Q(('review_on__isnull', True), _negated=True)), models.Q(models.Q(('step__in', ['found', 'looked_at']), ('topic', 'wound'), _negated=True), ('review_on__isnull', True)), _connector='OR'), name='open_wound_is_looked_at_again', violation_error_message='A wound that is open has the day to look at it again.'), models.CheckConstraint(condition=models.Q(models.Q(('step', 'found'), ('topic', 'wound'), models.Q(('kind', ''), _negated=True), models.Q(('site', ''), _negated=True), models.Q(('size', ''), _negated=True)), models.Q(models.Q(('step', 'found'), ('topic', 'wound'), _negated=True), ('kind', ''), ('site', '')), _connector='OR'), name='new_wound_says_what_and_where', violation_error_message='A new wound says what it is, where it is and how big.'), models.CheckConstraint(condition=models.Q(models.Q(('source', 'here'), ('step__in', ('dose_1', 'dose_2', 'dose_3', 'dose_4')), ('topic', 'hbv'), _negated=True), models.Q(('batch', ''), _negated=True), _connector='OR'), name='vaccine_given_here_has_its_batch', violation_error_message='A dose of vaccine given here has its batch.')],
            },
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_healthline"),
    ]
