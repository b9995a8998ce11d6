"""Background jobs: what runs them, and when. Nothing on the dosing path publishes a job."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hat_clinic.settings")

app = Celery("hat_clinic")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    # Last month's report for every clinic, on the 1st at 06:00 in Europe/London.
    "build-last-month": {
        "task": "outcomes.tasks.build_last_month",
        "schedule": crontab(minute=0, hour=6, day_of_month=1),
    },
    # What was missed on the 1st, while nothing beat or no worker was there; what was asked for is not asked for again.
    "build-missed-months": {
        "task": "outcomes.tasks.build_missed_months",
        "schedule": crontab(minute=30, hour=6),
    },
    # What people ask for waits as rows; the worker looks for them, so that asking never needs the broker.
    "build-requested-reports": {
        "task": "outcomes.tasks.build_requested_reports",
        "schedule": 10.0,
    },
    "build-requested-rollups": {
        "task": "outcomes.tasks.build_requested_rollups",
        "schedule": 30.0,
    },
    # Who has a new report to read is told by mail; the notice is a row, so that a mail server that is down delays it.
    "send-notices": {
        "task": "outcomes.tasks.send_notices",
        "schedule": 60.0,
    },
    # What was written is signed within the minute, so that the newest lines cannot be changed unseen for long.
    "sign-checkpoints": {
        "task": "dosing.tasks.sign_checkpoints",
        "schedule": 60.0,
    },
    # Looked at every minute, made when it is due: every five minutes in session hours, and when an order changed.
    "make-downtime-packs": {
        "task": "dosing.tasks.make_downtime_packs",
        "schedule": 60.0,
    },
    # What an agency began and never sent is no record, and names people who may never have been told.
    "purge-referral-drafts": {
        "task": "referrals.tasks.purge_drafts",
        "schedule": crontab(minute=15, hour=3),
    },
    # The day of each person's urine sample in their week of treatment, drawn by lot; by night, so that nobody sees it
    # being drawn.
    "draw-urine-days": {
        "task": "outcomes.tasks.draw_days",
        "schedule": crontab(minute=45, hour=2),
    },
    "verify-register": {
        "task": "dosing.tasks.verify_register",
        "schedule": crontab(minute=30, hour=2),
    },
}
