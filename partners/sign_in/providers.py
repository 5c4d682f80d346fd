"""Single sign-on providers from the environment. Read by the settings, so nothing of Django's models here.

Besides these, staff may add an OpenID Connect provider per company as a "social application" row in the database.
"""

from typing import Any

import environ

SHARED_TENANTS = frozenset({"common", "organizations", "consumers"})


def providers_from_env(env: environ.Env) -> dict[str, dict[str, Any]]:
    """allauth's SOCIALACCOUNT_PROVIDERS.

    GOOGLE_CLIENT_ID / GOOGLE_CLIENT_SECRET; MICROSOFT_CLIENT_ID / _SECRET / _TENANT;
    OIDC_PROVIDERS: a JSON list of {"id", "name", "server_url", "client_id", "secret"} and optionally
    "domains" (addresses it may speak for besides the members of the companies that require it) and "hidden".
    """
    return {
        "google": {"SCOPE": ["openid", "profile", "email"], "OAUTH_PKCE_ENABLED": True, "APPS": _google(env)},
        "microsoft": {"APPS": _microsoft(env)},
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [_company(entry) for entry in env.json("OIDC_PROVIDERS", default=[])],
        },
    }


def _google(env: environ.Env) -> list[dict[str, Any]]:
    client = env("GOOGLE_CLIENT_ID", default="")
    return [{"client_id": client, "secret": env("GOOGLE_CLIENT_SECRET"), "key": ""}] if client else []


def _microsoft(env: environ.Env) -> list[dict[str, Any]]:
    """One tenant's addresses are its administrator's word. In a shared tenant anybody may claim any address: never trusted."""
    client = env("MICROSOFT_CLIENT_ID", default="")
    if not client:
        return []
    tenant = env("MICROSOFT_TENANT", default="common")
    trusted = env.list("MICROSOFT_DOMAINS", default=[]) or True
    settings = {"tenant": tenant, "verified_email": False if tenant in SHARED_TENANTS else trusted}
    return [{"client_id": client, "secret": env("MICROSOFT_CLIENT_SECRET"), "key": "", "settings": settings}]


def _company(entry: dict[str, Any]) -> dict[str, Any]:
    settings = {"server_url": entry["server_url"], "hidden": bool(entry.get("hidden", True))}
    if "domains" in entry:
        settings["domains"] = [str(domain).lower() for domain in entry["domains"]]
    return {
        "provider_id": entry["id"],
        "name": entry.get("name", entry["id"]),
        "client_id": entry["client_id"],
        "secret": entry.get("secret", ""),
        "settings": settings,
    }
