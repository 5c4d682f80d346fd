"""manage.py erase_person EMAIL: blank a person's own rows; history keeps ids."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from prm.core.errors import DomainError
from prm.people.services import erase_person

REFUSED = 1


class Command(BaseCommand):
    help = "Erase the person of this address: account, contacts, invitations, mails. It cannot be undone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--dry-run", action="store_true", help="Only say what would be erased.")
        parser.add_argument("--no-input", action="store_true", help="Do not ask for the address again on a terminal.")
        parser.add_argument("--json", action="store_true", help="Print the counts as one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        email, dry_run = options["email"], options["dry_run"]
        asks = not (dry_run or options["no_input"] or options["json"]) and sys.stdin.isatty()
        if asks and input(_("This cannot be undone. Type the address again: ")).strip() != email:
            self.stderr.write(_("The addresses differ. Nothing was erased."))
            sys.exit(REFUSED)
        try:
            erased = erase_person(email, dry_run=dry_run)
        except DomainError as error:
            self.stderr.write(self.style.ERROR(str(error)))
            sys.exit(REFUSED)
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": dry_run, "erased": dict(erased.counts)}))
            return
        self.stdout.write(_("It would be erased:") if dry_run else _("Erased:"))
        for name, count in sorted(erased.counts.items()):
            self.stdout.write(f"  {name}: {count}")
