from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Bring the tables up to date and load the demo data where it is missing (one process: half the start-up time)."
    requires_system_checks = []

    def handle(self, *args, **options):
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        if "seed_demo" in get_commands():
            call_command("seed_demo")
