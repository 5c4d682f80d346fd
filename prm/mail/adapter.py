"""The one place that hears what a mail provider reports (django-anymail's webhooks)."""

from typing import Any

from anymail.signals import EventType, RejectReason, tracking

from prm.mail import services

GONE = {RejectReason.BOUNCED, RejectReason.INVALID, None}


def on_tracking(sender: Any, event: Any, esp_name: str, **kwargs: Any) -> None:
    """One event of one mail, handed to the service it concerns; the others are of no use to us."""
    ref = str((event.metadata or {}).get("ref", ""))
    address = event.recipient or ""
    if event.event_type in {EventType.BOUNCED, EventType.REJECTED} and event.reject_reason in GONE:
        services.note_bounce(ref, address, event.mta_response or event.description or "")
    elif event.event_type == EventType.COMPLAINED:
        services.note_complaint(ref, address)
    elif event.event_type == EventType.DELIVERED:
        services.note_delivery(ref)


def connect() -> None:
    """Called once, when the app is ready."""
    tracking.connect(on_tracking, dispatch_uid="prm.mail.tracking")
