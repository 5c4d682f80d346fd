"""Send the outbox without a broker."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from prm.mail import services

LONGEST = 3600


class Command(BaseCommand):
    help = "Sends what waits in the outbox, and picks up what a stopped worker left. Needs the database only, no broker."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until stopped (SIGTERM or Ctrl-C)")
        parser.add_argument("--every", type=float, default=5.0, metavar="SECONDS", help="pause between two looks (with --loop)")

    def handle(self, *args: Any, loop: bool, every: float, **options: Any) -> None:
        stop = threading.Event()
        if loop:
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: stop.set())
        handled = self._turn()
        while loop and not stop.wait(min(max(every, 0.1), LONGEST)):
            handled += self._turn()
        self.stdout.write(f"{handled} handled")

    def _turn(self) -> int:
        """One look; a database that is away for a while costs only time."""
        close_old_connections()
        try:
            services.recover_stuck(timezone.now())
            return services.deliver()
        except OperationalError as error:
            self.stderr.write(f"database not reachable, next look later: {error}")
            return 0
