"""A sample that has a result can be void after all, with a few words why."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outcomes', '0027_health_lines'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='urinestep',
            name='urine_step_may_follow',
        ),
        migrations.RemoveConstraint(
            model_name='urinestep',
            name='urine_step_has_its_reason',
        ),
        migrations.AddConstraint(
            model_name='urinestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('before', 'due'), ('kind__in', ['not_taken', 'taken'])), models.Q(('before', 'taken'), ('kind__in', ['sent', 'void'])), models.Q(('before', 'not_taken'), ('kind__in', ['taken'])), models.Q(('before', 'sent'), ('kind__in', ['result', 'void'])), models.Q(('before', 'result'), ('kind__in', ['result', 'void'])), _connector='OR'), name='urine_step_may_follow', violation_error_message='This step does not follow the one before it.'),
        ),
        migrations.AddConstraint(
            model_name='urinestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('because__in', ['chain_broken', 'clinic_closed', 'could_not', 'custody', 'declined', 'did_not_come', 'diluted', 'hospital', 'lab_spoiled', 'lost', 'other', 'seal_broken', 'spilt', 'wrong_label', 'wrong_person']), ('kind__in', ['not_taken', 'void'])), models.Q(('because', ''), ('kind__in', ['taken', 'sent', 'result'])), _connector='OR'), name='urine_step_has_its_reason', violation_error_message='Say why it was not taken, or why it is void.'),
        ),
        migrations.AddConstraint(
            model_name='urinestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('before', 'result'), ('kind', 'void'), _negated=True), models.Q(('words', ''), _negated=True), _connector='OR'), name='urine_void_after_a_result_says_why', violation_error_message='Say why a sample that has a result is void.'),
        ),
    ]
