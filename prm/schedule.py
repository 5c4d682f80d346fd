"""Every schedule of the product: name → {"task": the task's name, "schedule": seconds or a crontab}.

Beat reads this mapping and nothing else. Times are UTC. A task here takes no arguments, tolerates a second run and
finds its work itself, since a missed or repeated tick is normal.
"""

from celery.schedules import crontab

SCHEDULE = {
    "heartbeat": {"task": "ops.heartbeat", "schedule": 15.0},
    "mail-sweep": {"task": "mail.sweep", "schedule": 30.0},
    "mail-retention": {"task": "mail.retention", "schedule": crontab(hour=2, minute=40)},
    "deal-clocks": {"task": "deals.clocks", "schedule": 120.0},
    "deal-overtaken-changes": {"task": "deals.overtaken_changes", "schedule": 300.0},
    "deal-expiry": {"task": "deals.expire", "schedule": crontab(minute=5)},
    "deal-lapse": {"task": "deals.lapse", "schedule": crontab(minute=10)},
    "deal-reminders": {"task": "deals.remind", "schedule": crontab(hour=6, minute=0)},
    "account-watches": {"task": "deals.watches", "schedule": crontab(minute=25)},
    "account-check-log": {"task": "deals.forget_checks", "schedule": crontab(hour=2, minute=50)},
    "grant-admins": {"task": "partners.grant_admins", "schedule": 300.0},
    "expire-invitations": {"task": "partners.expire_invitations", "schedule": crontab(minute=20)},
    "end-leaving-partners": {"task": "partners.end_leaving", "schedule": crontab(hour=0, minute=10)},
}
