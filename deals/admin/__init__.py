"""The staff's side of deals: the review pages, the queues, and read-only records. Loaded by the admin site."""

from deals.admin import bookings, changes, extensions, policies, records, review

__all__ = ["bookings", "changes", "extensions", "policies", "records", "review"]
