"""One timeline of a deal: events and comments, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from deals.models import Deal
from partners.models import User
from prm.audit.queries import events_of_many
from prm.record.queries import comments_of

MOST = 100
TITLES = {
    "deals.deal.drafted": _("Draft started"),
    "deals.deal.saved": _("Draft saved"),
    "deals.deal.submitted": _("Submitted"),
    "deals.deal.declined_duplicate": _("Declined as a duplicate, by rule"),
    "deals.deal.approved_by_rule": _("Approved by the published rule"),
    "deals.deal.waiting": _("Waiting behind an earlier registration"),
    "deals.deal.in_review": _("In review"),
    "deals.deal.approved": _("Approved"),
    "deals.deal.returned": _("Returned for information"),
    "deals.deal.declined": _("Declined"),
    "deals.deal.lapsed": _("Lapsed: not completed in time"),
    "deals.deal.withdrawn": _("Withdrawn"),
    "deals.deal.updated": _("Pipeline updated"),
    "deals.deal.won": _("Won"),
    "deals.deal.won_late": _("Won after the protection had ended"),
    "deals.deal.lost": _("Lost"),
    "deals.deal.expired": _("Protection ended"),
    "deals.deal.released": _("Protection given back"),
    "deals.deal.revoked": _("Protection revoked"),
    "deals.deal.booked": _("Booked"),
    "deals.deal.reopened": _("Reopened"),
    "deals.deal.reversed": _("Booking reversed"),
    "deals.deal.handed_over": _("Handed over to a colleague"),
    "deals.deal.question_asked": _("Question to the partner"),
    "deals.deal.question_answered": _("Question answered"),
    "deals.deal.escalated": _("Late: passed on to the channel lead"),
    "deals.deal.extended": _("Protection extended"),
    "deals.deal.facts_changed": _("Key facts changed"),
    "deals.extension.asked": _("More time asked for"),
    "deals.extension.granted": _("More time granted"),
    "deals.extension.refused": _("More time refused"),
    "deals.extension.withdrawn": _("Request for more time withdrawn"),
    "deals.change_request.asked": _("Change of key facts asked for"),
    "deals.change_request.declined_duplicate": _("Change declined as a duplicate, by rule"),
    "deals.change_request.accepted": _("Change of key facts accepted"),
    "deals.change_request.declined": _("Change of key facts declined"),
    "deals.change_request.withdrawn": _("Change of key facts withdrawn"),
}


def timeline_lists(deal: Deal, *, staff: bool, also: Iterable[Model] = ()) -> dict[str, QuerySet]:
    """What `timeline_from` makes entries of, to be read together; internal ones only for staff.

    also: the deal's requests (extensions, changes), whose events stand in the same timeline.
    """
    return {
        "events": events_of_many([deal, *also], include_internal=staff)[:MOST],
        "comments": comments_of(deal, include_internal=staff)[:MOST],
    }


def timeline_from(events: list[Any], comments: list[Any], known: Iterable[User] = ()) -> list[dict[str, Any]]:
    """Entries for the timeline component. One query, none when everybody who acted is known already."""
    people = _names({event.actor_id for event in events if event.actor_id}, known)
    entries: list[dict[str, Any]] = [
        {
            "at": event.at,
            "title": TITLES.get(event.name, event.name),
            "actor": str(people.get(event.actor_id, "")) or _("by rule"),
            "label": _vendor(people.get(event.actor_id)),
            "kind": "event",
        }
        for event in events
        if event.name != "deals.deal.commented"  # the comment itself stands there
    ]
    entries += [
        {
            "at": comment.created_at,
            "title": _("Comment"),
            "actor": str(comment.author),
            "label": _vendor(comment.author),
            "kind": "comment",
            "body": comment.body,
            "internal": comment.internal,
        }
        for comment in comments
    ]
    return sorted(entries, key=lambda entry: entry["at"], reverse=True)[:MOST]


def open_question(deal: Deal, entries: Iterable[dict[str, Any]]) -> str:
    """What the desk asked and waits to hear: its newest comment that the partner reads, out of the timeline."""
    if not deal.question_open:
        return ""
    return next((e["body"] for e in entries if e["kind"] == "comment" and e["label"] and not e["internal"]), "")


def _names(ids: set[str], known: Iterable[User]) -> dict[str, User]:
    people = {str(user.pk): user for user in known}
    missing = ids - people.keys()
    return people | {str(user.pk): user for user in User.objects.filter(pk__in=missing)} if missing else people


def _vendor(user: User | None) -> str:
    """The word beside what the vendor's own people say and do."""
    return str(_("Vendor")) if user is not None and user.is_staff else ""
