"""manage.py seed_demo: the demo's data, all or nothing; a second run changes nothing."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from partners.models import User
from prm.ops.seed import accounts
from prm.ops.seed.history import seed_history
from prm.ops.seed.learning import seed_learning
from prm.ops.seed.living import seed_living
from prm.ops.seed.partners import seed_partners
from prm.ops.seed.pipeline import seed_catalog, seed_opportunities
from prm.ops.seed.staff import VENDOR, seed_staff


def is_loaded() -> bool:
    return User.objects.filter(email=f"rita.root@{VENDOR}").exists()


class Command(BaseCommand):
    help = "Load the demo: partners, pipeline, deals, sales and people on real data, with dates that end today."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--small", action="store_true", help="a few hundred rows, for tests")

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_loaded():
            self._load(options["small"])
        accounts.write_accounts(settings.BOOT.var)

    @transaction.atomic
    def _load(self, small: bool) -> None:
        now, start = timezone.now(), time.monotonic()
        today = now.date()

        def tell(text: str) -> None:
            self.stdout.write(f"  {time.monotonic() - start:5.1f} s  {text}")
            self.stdout.flush()

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('prm.seed_demo'))")
        if is_loaded():  # by another start, while this one waited
            return
        staff = seed_staff(today)
        network = seed_partners(staff, today, small)
        tell(f"{len(network.by_key)} partners, {User.objects.count()} people")
        products = seed_catalog(today)
        tell(f"{seed_opportunities(staff, today, small):,} opportunities of the vendor's own pipeline")
        tell("{:,} deals and {:,} sales of three years".format(*seed_history(network, staff, products, today, small)))
        tell(f"{seed_living(network, staff, products, today, now)} deals that are alive today")
        tell(f"{seed_learning(staff, now)} pairs of customers judged by people")
        accounts.set_passwords()
        tell("sign-ins")
