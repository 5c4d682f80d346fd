"""The staff's side of deals: the review pages, the queues, and read-only records. Loaded by the admin site."""

from deals.admin import aliases, bookings, changes, doubles, engine, extensions, policies, records, review, verdicts

__all__ = ["aliases", "bookings", "changes", "doubles", "engine", "extensions", "policies", "records", "review", "verdicts"]
