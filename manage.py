#!/usr/bin/env python
"""Command line of the portal: starts the embedded servers when none are configured, then hands over to Django."""

import os
import sys

WITHOUT_DATABASE = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "startapp",
    "stop_embedded",
    "version",
}


def needs_database(arguments: list[str]) -> bool:
    """True when the command named by these arguments talks to the database (asking for help never does)."""
    command = arguments[1] if len(arguments) > 1 else "help"
    return not command.startswith("-") and command not in WITHOUT_DATABASE and not {"-h", "--help"} & set(arguments)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prm.settings")
    try:
        from django.core.management import execute_from_command_line

        from prm.boot import embedded
        from prm.boot.errors import BootError
    except ImportError as error:
        raise SystemExit(f"{error}. Run 'make setup' first, then use .venv/bin/python manage.py.")
    try:
        if needs_database(sys.argv):
            embedded.ensure()
        execute_from_command_line(sys.argv)
    except BootError as error:
        raise SystemExit(str(error))


if __name__ == "__main__":
    main()
