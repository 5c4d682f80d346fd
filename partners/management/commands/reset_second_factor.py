"""For somebody who lost phone and recovery codes: `manage.py reset_second_factor EMAIL`."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from partners.models import User
from partners.services import user as users


class Command(BaseCommand):
    help = "Take the authenticator app and recovery codes off a user, so that they can set up new ones."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, change nothing")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a sentence")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        user = None if "\x00" in email else User.objects.filter(email=email).first()
        if user is None:
            raise CommandError(f"There is no user with the address {email!r}.")
        if options["dry_run"]:
            removed = user.authenticator_set.count()
        else:
            removed = users.reset_second_factor(user, by=None)
        if options["json"]:
            self.stdout.write(json.dumps({"user": str(user.pk), "removed": removed, "dry_run": options["dry_run"]}))
        else:
            self.stdout.write(f"{removed} second factors {'would be ' if options['dry_run'] else ''}taken off {email}.")
