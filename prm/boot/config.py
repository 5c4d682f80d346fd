"""What must be known before Django loads: environment, var folder, database, broker, secret."""

from __future__ import annotations

import importlib.util
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from prm.boot import places
from prm.boot.errors import BootError

DATABASE_NAME = "prm"
DATABASE_ROLE = "prm"
REQUIRED_IN_PRODUCTION = {
    "SECRET_KEY": "a long random text",
    "DATABASE_URL": "postgresql://user:password@host:5432/name",
    "REDIS_URL": "redis://host:6379/0",
    "ALLOWED_HOSTS": "host names, separated by commas",
    "SITE_URL": "https://the.public.address",
    "EMAIL_URL": "smtp+tls://user:password@host:587, or anymail://postmark with its keys in ANYMAIL",
    "DEFAULT_FROM_EMAIL": "Portal <partners@example.com>",
}
SCHEMES = {
    "DATABASE_URL": ("postgresql", "postgres"),
    "REDIS_URL": ("redis", "rediss", "unix"),
}
NUMBERS = ("PORT", "WEB_CONCURRENCY", "WORKER_PROCESSES", "TRUSTED_PROXY_COUNT", "HSTS_SECONDS")
SWITCHES = ("REQUIRE_STAFF_MFA",)
SWITCH_WORDS = {"on", "off", "true", "false", "yes", "no", "1", "0"}
RUNNING_AT = "run/site-url"  # written by the launcher, for manage.py beside it
DEFAULT_URL = "http://localhost:8000"


@dataclass(frozen=True)
class Boot:
    """Answers for `prm.settings`; building it starts nothing."""

    var: Path
    secret_key: str
    database_url: str
    redis_url: str
    cache_url: str
    embedded_postgres: bool
    embedded_valkey: bool


def is_production() -> bool:
    """True when PRM_ENV=production; any other value than production and development is a mistake worth stopping for."""
    value = os.environ.get("PRM_ENV", "development")
    if value not in {"production", "development"}:
        raise BootError(f"PRM_ENV is {value!r}; it may be 'production' or 'development'.")
    return value == "production"


def has_module(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def complaints(production: bool) -> list[str]:
    """What is missing (in production) or unusable, all at once; empty when the start may go on."""
    found = []
    if production:
        wanted = REQUIRED_IN_PRODUCTION.items()
        found += [f"{name} is missing ({example})" for name, example in wanted if not os.environ.get(name, "").strip()]
    for name, schemes in SCHEMES.items():
        value = os.environ.get(name, "").strip()
        if value and urlsplit(value).scheme not in schemes:
            found.append(f"{name} must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    found += [f"{name} must be a whole number" for name in NUMBERS if not os.environ.get(name, "0").isdecimal()]
    found += [f"{name} must be on or off" for name in SWITCHES if os.environ.get(name, "on").lower() not in SWITCH_WORDS]
    if production and os.environ.get("SITE_URL", "").strip().startswith("http://"):
        found.append("SITE_URL must begin with https:// in production")
    return found


def load() -> Boot:
    """Read the environment. Unset DATABASE_URL / REDIS_URL mean the embedded servers; the var folder fixes their addresses."""
    production = is_production()
    if found := complaints(production):
        raise BootError("The settings cannot be used:\n" + "\n".join(f"  {line}" for line in found))
    var = places.var_folder()
    sockets = places.sockets_folder(var)
    database_url = os.environ.get("DATABASE_URL", "").strip()
    redis_url = os.environ.get("REDIS_URL", "").strip()
    return Boot(
        var=var,
        secret_key=os.environ.get("SECRET_KEY", "").strip() or stored_secret(var),
        database_url=database_url or f"postgresql://{DATABASE_ROLE}@/{DATABASE_NAME}?host={quote(str(sockets))}",
        redis_url=broker_address(redis_url) if redis_url else f"redis+socket://{sockets}/valkey.sock?virtual_host=0",
        cache_url=redis_url or f"unix://{sockets}/valkey.sock?db=1",
        embedded_postgres=not database_url,
        embedded_valkey=not redis_url,
    )


def site_url(var: Path) -> str:
    """The address in mails: SITE_URL, else the PORT given, else where a demo of this var folder runs, else port 8000."""
    if given := os.environ.get("SITE_URL", "").strip():
        return given.rstrip("/")
    if port := os.environ.get("PORT", "").strip():
        return f"http://localhost:{port}"
    with suppress(OSError):
        return (var / RUNNING_AT).read_text(encoding="utf-8").strip() or DEFAULT_URL
    return DEFAULT_URL


def broker_address(redis_url: str) -> str:
    """Celery's spelling of REDIS_URL: a Unix socket is `redis+socket` there and `unix` everywhere else."""
    if not redis_url.startswith("unix://"):
        return redis_url
    parts = urlsplit(redis_url)
    return f"redis+socket://{parts.path}?{parts.query.replace('db=', 'virtual_host=') or 'virtual_host=0'}"


def stored_secret(var: Path) -> str:
    """The secret of an unset SECRET_KEY: made once, kept in the var folder, readable by its owner only."""
    kept = var / "secret"
    try:
        return kept.read_text().strip()
    except (FileNotFoundError, NotADirectoryError):
        places.make_var(var)
    except OSError as error:
        raise BootError(f"{kept} cannot be read ({error.strerror}); set PRM_VAR to a folder of your own.") from error
    handle, name = tempfile.mkstemp(dir=var, prefix=".secret-")
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(50))
    try:
        os.link(name, kept)  # of two starts at once the first one wins, and both read the same secret
    except FileExistsError:
        pass
    finally:
        os.unlink(name)
    return kept.read_text().strip()
