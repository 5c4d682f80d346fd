"""Doors and lists of the partners app, one module per noun."""

from partners.queries.access import DealScope, Scope, deal_scope, get_partner, partners_with, scope_for
from partners.rules import ALL

__all__ = ["ALL", "DealScope", "Scope", "deal_scope", "get_partner", "partners_with", "scope_for"]
