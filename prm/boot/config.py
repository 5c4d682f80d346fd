"""What must be known before Django loads: environment, var folder, database, broker, secret."""

from __future__ import annotations

import importlib.util
import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Boot:
    var: Path
    secret_key: str
    database_url: str
    redis_url: str
    cache_url: str


def is_production() -> bool:
    return os.environ.get("PRM_ENV", "development") == "production"


def has_module(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def load() -> Boot:
    raise NotImplementedError(secrets)
