"""Why a high dose was ordered, and why an order ended; what was ended before was ended by the next order."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_people'),
        ('dosing', '0006_periods_only_shrink'),
        ('patients', '0003_consents_and_assessments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='high_dose_reason',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='orderperiod',
            name='end_reason',
            field=models.CharField(blank=True, choices=[('replaced', 'a new order took its place'), ('safety', 'dosing is not safe now'), ('missed', 'sessions were missed'), ('asked', 'the person asked for it'), ('leaving', 'the person leaves or moves to another service'), ('mistake', 'the order was written wrong'), ('other', 'another reason')], default='', max_length=10),
        ),
        migrations.AddField(
            model_name='orderperiod',
            name='end_words',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('daily_max_mg__lte', 1000), ('dose_mg__lte', 450), ('interval_minutes__gte', 180), ('observation_minutes__gte', 15)), name='order_is_within_the_ceilings', violation_error_message='No clinic may order more, sooner or with less watching than that.'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('dose_mg__lte', 400), models.Q(('high_dose_reason', ''), _negated=True), _connector='OR'), name='order_of_a_high_dose_has_its_reason', violation_error_message='A dose this high needs its reason.'),
        ),
        migrations.RunSQL(
            "UPDATE dosing_orderperiod SET end_reason = 'replaced' WHERE ended_at IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name='orderperiod',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_reason', ''), ('end_words', ''), ('ended_at__isnull', True)), models.Q(('end_reason', 'replaced'), ('end_words', ''), ('ended_at__isnull', False)), models.Q(('ended_at__isnull', False), models.Q(('end_reason__in', ['', 'replaced']), _negated=True), models.Q(('end_words', ''), _negated=True)), _connector='OR'), name='order_period_end_has_its_reason', violation_error_message='Ending an order says why, in a sentence of its own.'),
        ),
    ]
