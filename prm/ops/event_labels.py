"""Every event of the audit trail in words. A test holds this table against the code."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from deals.queries.timeline import TITLES

LABELS = {
    **TITLES,
    "catalog.product.created_unreviewed": _("Product created by an import"),
    "catalog.product.reviewed": _("Product reviewed"),
    "deals.activity.logged": _("Activity logged"),
    "deals.contact.erased": _("Customer contact erased"),
    "deals.customer.alias_recorded": _("Name or domain of a customer recorded"),
    "deals.customer.alias_withdrawn": _("Name or domain of a customer taken back"),
    "deals.customer.created": _("Customer created"),
    "deals.customer.merged": _("Customers merged"),
    "deals.customer.rekeyed": _("Search keys of customers made anew"),
    "deals.customer.unmerged": _("Merge of customers undone"),
    "deals.deal.commented": _("Comment written"),
    "deals.deal.draft_deleted": _("Draft deleted"),
    "deals.deal.overturned": _("Decision overturned"),
    "deals.deal.transferred": _("Transferred to another partner"),
    "deals.join_request.accepted": _("Request to join accepted"),
    "deals.join_request.asked": _("Request to join sent"),
    "deals.join_request.refused": _("Request to join refused"),
    "deals.join_request.withdrawn": _("Request to join withdrawn"),
    "deals.model.proposed": _("Matching model proposed"),
    "deals.model.published": _("Matching model put to use"),
    "deals.model.retired": _("Matching model retired"),
    "deals.participant.added": _("Participant added"),
    "deals.participant.removed": _("Participant removed"),
    "deals.policy.published": _("Policy published"),
    "deals.verdict.recorded": _("Verdict on two customers given"),
    "deals.verdict.superseded": _("Verdict on two customers replaced"),
    "deals.verdict.withdrawn": _("Verdict on two customers taken back"),
    "deals.watch.left": _("No longer to be told when an account is free"),
    "deals.watch.set": _("Asked to be told when an account is free"),
    "mail.message.bounced": _("Mail bounced"),
    "mail.message.confirmed": _("Mail confirmed as sent"),
    "mail.message.retried": _("Mail sent again"),
    "mail.suppression.lifted": _("Address unblocked"),
    "partners.absence.added": _("Absence entered"),
    "partners.absence.ended": _("Absence removed"),
    "partners.admin_request.asked": _("New team admin asked for"),
    "partners.admin_request.confirmed": _("New team admin confirmed"),
    "partners.admin_request.granted": _("New team admin in place"),
    "partners.admin_request.refused": _("New team admin refused"),
    "partners.contact.added": _("Contact added"),
    "partners.contact.changed": _("Contact changed"),
    "partners.contact.erased": _("Contact erased"),
    "partners.contact.removed": _("Contact removed"),
    "partners.desk.changed": _("Desk hours changed"),
    "partners.desk.closing_added": _("Closing day added"),
    "partners.invitation.accepted": _("Invitation accepted"),
    "partners.invitation.expired": _("Invitation expired"),
    "partners.invitation.resent": _("Invitation sent again"),
    "partners.invitation.revoked": _("Invitation revoked"),
    "partners.invitation.sent": _("Invitation sent"),
    "partners.link.ended": _("Link between distributor and reseller ended"),
    "partners.link.made": _("Distributor and reseller linked"),
    "partners.manager.assigned": _("Channel manager assigned"),
    "partners.manager.unassigned": _("Channel manager unassigned"),
    "partners.membership.added": _("Person added to the team"),
    "partners.membership.removed": _("Person removed from the team"),
    "partners.membership.resumed": _("Person back in the team"),
    "partners.membership.returned": _("Former person added to the team again"),
    "partners.membership.role_changed": _("Role changed"),
    "partners.membership.suspended": _("Person suspended"),
    "partners.partner.activated": _("Partner activated"),
    "partners.partner.changed": _("Partner changed"),
    "partners.partner.created": _("Partner created"),
    "partners.partner.deal_sight_set": _("Sight of deals changed"),
    "partners.partner.ended": _("Partnership ended"),
    "partners.partner.leaving": _("Partner leaving"),
    "partners.partner.merged": _("Partner merged into another"),
    "partners.partner.rejoined": _("Partner back with a new agreement"),
    "partners.partner.resumed": _("Partner resumed"),
    "partners.partner.sign_in_required": _("Company sign-in required or no longer"),
    "partners.partner.suspended": _("Partner suspended"),
    "partners.staff.roles_set": _("Staff roles set"),
    "partners.user.address_changed": _("Mail address changed"),
    "partners.user.closed": _("Account closed"),
    "partners.user.created": _("Sign-in created"),
    "partners.user.erased": _("Person erased"),
    "partners.user.opened": _("Account opened again"),
    "partners.user.password_changed": _("Password changed"),
    "partners.user.password_failed": _("Wrong password"),
    "partners.user.password_reset": _("Password reset by mail"),
    "partners.user.password_set": _("Password set"),
    "partners.user.photo_removed": _("Photo removed"),
    "partners.user.photo_set": _("Photo set"),
    "partners.user.profile_changed": _("Profile changed"),
    "partners.user.provider_linked": _("Company or provider sign-in linked"),
    "partners.user.provider_unlinked": _("Company or provider sign-in unlinked"),
    "partners.user.second_factor_added": _("Second factor added"),
    "partners.user.second_factor_failed": _("Wrong second factor"),
    "partners.user.second_factor_removed": _("Second factor removed"),
    "partners.user.second_factor_reset": _("Second factor reset"),
    "partners.user.sign_in_code_rejected": _("Wrong sign-in code"),
    "partners.user.signed_in": _("Signed in"),
    "partners.user.signed_out": _("Signed out"),
    "programs.tier.assigned": _("Tier assigned"),
    "record.import_run.finished": _("Import finished"),
}


def label_of(event: str) -> str:
    """The event in words; one that the code no longer knows keeps its code."""
    return str(LABELS.get(event, event))


def noun_label(noun: str) -> str:
    """`deals.deal` in words; a noun that is no table keeps its code."""
    try:
        return str(apps.get_model(noun)._meta.verbose_name).capitalize()
    except (LookupError, ValueError):
        return noun


GROUPS = {
    "catalog": _("Catalogue"),
    "deals": _("Deals"),
    "mail": _("Mail"),
    "partners": _("Partners"),
    "programs": _("Programs"),
    "record": _("Imports"),
}


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Events by area for a select, each area in the order of its words."""
    by_area = groupby(sorted(LABELS), key=lambda name: name.partition(".")[0])
    return [(str(GROUPS[area]), sorted(((name, label_of(name)) for name in names), key=_words)) for area, names in by_area]


def _words(choice: tuple[str, str]) -> Any:
    return choice[1].casefold(), choice[0]
