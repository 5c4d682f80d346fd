"""The mails of the partners app: one function each; templates under templates/partners/mail/."""

from __future__ import annotations

import re

from django.urls import reverse

from partners.enums import MembershipStatus
from partners.models import AdminRequest, Invitation, Membership, Partner, User
from prm.mail.links import absolute
from prm.mail.services import queue

GREETED = 60
LINKS = re.compile(r"[/:@<>]|\w\.\w")  # what a mail program would make a link of


def invitation(invitation: Invitation, token: str) -> None:
    """The way in for an invited person. Only this mail knows the token."""
    link = absolute(reverse("partners:invitation_accept", args=[token]))
    queue(
        "partners.invitation",
        to=invitation.email,
        context={"invitation": invitation, "link": link, "inviter": invitation.invited_by, "name": _greeted(invitation.name)},
        partner=invitation.partner,
        obj=invitation,
        secret=True,
        language=invitation.partner.language,
    )


def _greeted(name: str) -> str:
    """The name as somebody typed it for a stranger; nothing when it reads like an address or a message."""
    return "" if len(name) > GREETED or LINKS.search(name) else name


def membership_ended(membership: Membership) -> None:
    """Tell a person that they are not in the team any more."""
    queue(
        "partners.membership_ended",
        to=membership.user,
        context={"membership": membership},
        partner=membership.partner,
        obj=membership,
        always=True,
    )


def admin_request_asked(request: AdminRequest, managers: list[User]) -> None:
    """For staff who look after the partner: somebody asks to become admin."""
    link = absolute(reverse("admin:partners_adminrequest_changelist"))
    for manager in managers:
        queue("partners.admin_request_asked", to=manager, context=_about(request, link), partner=request.partner, obj=request)


def admin_request_confirmed(request: AdminRequest) -> None:
    """For the whole team, so that nobody becomes admin behind its back."""
    for member in _team(request.partner):
        queue(
            "partners.admin_request_confirmed",
            to=member,
            context=_about(request, absolute(reverse("partners:team"))),
            partner=request.partner,
            obj=request,
            dedupe=str(request.pk),
        )


def admin_request_granted(request: AdminRequest) -> None:
    """For the new admin."""
    queue(
        "partners.admin_request_granted",
        to=request.candidate,
        context=_about(request, absolute(reverse("partners:team"))),
        partner=request.partner,
        obj=request,
        dedupe=str(request.pk),
    )


def admin_request_refused(request: AdminRequest) -> None:
    """For the one who asked."""
    queue(
        "partners.admin_request_refused",
        to=request.asked_by,
        context=_about(request, absolute(reverse("partners:team"))),
        partner=request.partner,
        obj=request,
        dedupe=str(request.pk),
    )


def _about(request: AdminRequest, link: str) -> dict[str, object]:
    people = {"candidate": request.candidate.user, "asker": request.asked_by}
    return {**people, "request": request, "when": request.effective_at, "link": link}


def _team(partner: Partner) -> list[Membership]:
    rows = Membership.objects.filter(partner=partner, status=MembershipStatus.ACTIVE, user__is_active=True)
    return list(rows.select_related("user").order_by("pk"))
