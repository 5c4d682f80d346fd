"""manage.py screenshots: the README's four pictures, taken from the demo's own database."""

from __future__ import annotations

import io
import logging
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler, get_internal_wsgi_application

from partners.models import User
from prm.ops.queries import picture_deals
from prm.ops.seed.accounts import demo_users, password_for

SIZE = {"width": 1200, "height": 680}
LARGEST = 150_000  # bytes of one picture
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-lcd-text", "--disable-background-networking", "--no-first-run"]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


class QuietHandler(WSGIRequestHandler):
    """Serves one browser; its requests are not worth a line each."""

    def log_message(self, format: str, *args: Any) -> None:
        return


class Command(BaseCommand):
    help = "Take the README's four pictures from the demo data into docs/images. Needs Chromium and the libraries of `make test`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", default=str(settings.BASE_DIR / "docs" / "images"), help="folder of the pictures")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Pictures are taken from demo data; this is a production installation.")
        folder = Path(options["to"])
        folder.mkdir(parents=True, exist_ok=True)
        seller, manager = _person("partner sales"), _person("channel manager")
        declined, review = picture_deals(seller)
        if not (declined and review):
            raise CommandError("The demo has no declined registration, or none to decide, any more; see `make demo RESET=1`.")
        shots = {
            seller: {"home": "/", "deals": "/deals/?sort=-amount", "declined": f"/deals/{declined}/"},
            manager: {"review": f"/admin/deals/review/{review}/"},
        }
        logging.getLogger("django_structlog").setLevel(logging.WARNING)
        settings.REQUIRE_STAFF_MFA = False  # this process serves nobody but the browser it starts
        with _browser() as chromium, _site() as base:
            for user, pages in shots.items():
                page = chromium.new_page(base_url=base, viewport=SIZE, color_scheme="light", locale="en-GB")
                _sign_in(page, user)
                for name, path in pages.items():
                    self._take(page, path, folder / f"{name}.png")
                page.close()

    def _take(self, page: Any, path: str, target: Path) -> None:
        answer = page.goto(path)
        if answer.status != 200:
            raise CommandError(f"{path} answered {answer.status}.")
        target.write_bytes(_small(page.screenshot()))
        size = target.stat().st_size
        self.stdout.write(f"{target}  {size:,} bytes")
        if size > LARGEST:
            raise CommandError(f"{target.name} is larger than {LARGEST:,} bytes: install Pillow, which stores it with a palette.")


def _person(role: str) -> User:
    """The demo's sign-in of this role. Raises CommandError when the demo data is not there."""
    if not User.objects.exists():
        raise CommandError("There is no demo data here. Run `make demo` once, or `manage.py prepare_demo`.")
    found = dict(reversed(demo_users()))
    if role not in found:
        raise CommandError(f"The demo has no sign-in as {role}.")
    return found[role]


def _sign_in(page: Any, user: User) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", user.email)
    page.fill("input[name=password]", password_for(user.email))
    with page.expect_navigation():
        page.click("main button.btn-primary")
    if "/accounts/login" in page.url:
        raise CommandError(f"The demo's sign-in of {user.email} does not work any more; `make demo RESET=1` makes a new one.")


@contextmanager
def _browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise CommandError("Playwright is missing; `make screenshots` installs it.")
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        raise CommandError("Chromium is missing; on Debian: apt-get install chromium.")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@contextmanager
def _site() -> Iterator[str]:
    """The whole site on a free port, in threads of this process."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(get_internal_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _small(png: bytes) -> bytes:
    """The picture with a palette where Pillow is installed; as it is otherwise."""
    try:
        from PIL import Image
    except ImportError:
        return png
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(128).save(out, "PNG", optimize=True)
    return min(png, out.getvalue(), key=len)
