"""`manage.py makemessages` (`make messages`): bring `locale/*/LC_MESSAGES/django.po` up to what the sources say."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from prm.ops import messages


class Command(BaseCommand):
    """In place of Django's command, which needs GNU gettext on the machine."""

    help = "Collect the messages of code and templates into the catalogues; tells how many still need a translation."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        found = messages.collect()
        for language in messages.languages():
            catalogue = messages.merged(language, found)
            messages.write(catalogue)
            self.stdout.write(f"{language}: {len(catalogue)} messages, {len(messages.missing(catalogue))} without a translation")
