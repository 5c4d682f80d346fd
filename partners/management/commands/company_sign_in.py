"""Let a company's people sign in through their own provider:

manage.py company_sign_in P-7K3QX2MV --provider northwind \\
    --server-url https://id.northwind.com --client-id portal --name "Northwind ID"    (secret: OIDC_CLIENT_SECRET)
manage.py company_sign_in P-7K3QX2MV --none
"""

import json
import os
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.text import slugify

from partners.models import Partner
from partners.services.sign_in import require_sign_in, set_up_provider
from prm.core.errors import DomainError


class Command(BaseCommand):
    help = "Require (or no longer require) a single sign-on provider for one partner, setting the provider up where asked."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("partner", help="the partner's ref, such as P-7K3QX2MV")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--provider", help="id of the provider: google, microsoft, or a company's own")
        which.add_argument("--none", action="store_true", help="password and code open the accounts again")
        parser.add_argument("--server-url", help="set up or change this OpenID Connect provider; needs --client-id")
        parser.add_argument("--client-id")
        parser.add_argument("--name", help="what the button says")
        parser.add_argument(
            "--domain", action="append", default=[], help="addresses it may speak for besides this company's members"
        )
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        partner = Partner.objects.filter(ref=options["partner"].replace("\x00", "")).first()
        if partner is None:
            raise CommandError(f"There is no partner {options['partner']!r}.")
        key = "" if options["none"] else options["provider"]
        with transaction.atomic():
            if options["server_url"]:
                self._set_up(key, options)
            try:
                require_sign_in(partner, key, by=None)
            except DomainError as error:
                raise CommandError(f"{key}: {error} Give --server-url and --client-id to set it up.") from error
            transaction.set_rollback(options["dry_run"])
        if options["json"]:
            self.stdout.write(json.dumps({"partner": partner.ref, "provider": key, "dry_run": options["dry_run"]}))
        else:
            would = "would sign in" if options["dry_run"] else "now sign in"
            self.stdout.write(f"The people of {partner} {would} " + (f"through {key}." if key else "with password or code."))

    def _set_up(self, key: str, options: dict[str, Any]) -> None:
        if not key or key != slugify(key) or key in {"google", "microsoft"}:
            raise CommandError("--provider has to be an id of small letters, digits and hyphens, and not google or microsoft.")
        try:
            URLValidator(schemes=["https"])(options["server_url"])
        except ValidationError as error:
            raise CommandError("--server-url has to be an https address.") from error
        secret = os.environ.get("OIDC_CLIENT_SECRET", "")
        if not options["client_id"] or not secret:
            raise CommandError("A provider needs --client-id, and its secret in the variable OIDC_CLIENT_SECRET.")
        name = options["name"] or key
        set_up_provider(
            key,
            name=name,
            server_url=options["server_url"],
            client_id=options["client_id"],
            secret=secret,
            domains=options["domain"],
        )
