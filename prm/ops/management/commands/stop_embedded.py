from django.core.management.base import BaseCommand

from prm.boot import embedded


class Command(BaseCommand):
    help = "End the embedded PostgreSQL and Valkey of this PRM_VAR; their data stays."
    requires_system_checks = []

    def handle(self, *args, **options):
        ended = embedded.stop()
        self.stdout.write("Stopped " + " and ".join(ended) + "." if ended else "No embedded server was running.")
