"""What staff do with a partner: make, edit, suspend, assign, link, invite the first admin."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from partners.enums import Role
from partners.forms.staff import CandidateForm, EndLinkForm, FirstAdminForm, LeaveForm, LinkForm, ManagerForm, PartnerForm
from partners.models import Partner
from partners.queries import partner as queries
from partners.queries.access import get_partner
from partners.rules import staff as rules
from partners.rules import team as team_rules
from partners.services import admin_request, invitation, link
from partners.services import manager as managers
from partners.services import partner as services
from partners.views.staff_page import form_page, posted, run
from prm.core.errors import DomainError, NotVisible
from prm.web.guards import require


def back_to(partner: Partner) -> str:
    return reverse("admin:partners_partner_change", args=[partner.pk])


def partner_add(request: HttpRequest) -> HttpResponse:
    """A new partner; its first admin is invited from its page."""
    require(rules.can_configure(request.user))
    form = PartnerForm(posted(request))
    made: list[Partner] = []

    def act(data: dict) -> None:
        made.append(services.create_partner(data.pop("name"), data.pop("partner_type"), by=request.user, **data))

    answer = form_page(request, form, act, title=_("New partner"), back=reverse("admin:partners_partner_changelist"))
    return redirect(back_to(made[0])) if made else answer


def partner_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The profile; status and money are never edited here."""
    partner = queries.get_partner_by_id(request.user, pk)
    require(rules.can_change_partner(request.user, partner))
    form = PartnerForm(posted(request), instance=queries.get_partner_by_id(request.user, pk))
    return form_page(
        request,
        form,
        lambda data: services.change_partner(partner, by=request.user, **data),
        title=_("Edit %(name)s") % {"name": partner},
        back=back_to(partner),
    )


@require_POST
def partner_step(request: HttpRequest, pk: UUID, step: str) -> HttpResponse:
    """Suspend or resume."""
    partner = queries.get_partner_by_id(request.user, pk)
    require(rules.can_step_partner(request.user, step, partner))
    service = {"suspend": services.suspend_partner, "resume": services.resume_partner}[step]
    return run(request, lambda: service(partner, by=request.user), back_to(partner))


def partner_leave(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin the leaving, with the last day."""
    partner = queries.get_partner_by_id(request.user, pk)
    require(rules.can_step_partner(request.user, "leave", partner))
    return form_page(
        request,
        LeaveForm(posted(request)),
        lambda data: services.leave_partner(partner, by=request.user, **data),
        title=_("%(name)s leaves") % {"name": partner},
        lead=_("From now on no new deals, leads or funds; what is open can be finished until the last day."),
        back=back_to(partner),
    )


def partner_manager(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose the channel manager, or nobody."""
    partner = queries.get_partner_by_id(request.user, pk)
    require(rules.can_assign_manager(request.user, partner))

    def act(data: dict) -> None:
        if data["manager"]:
            managers.assign_manager(partner, data["manager"], by=request.user)
        else:
            managers.unassign_manager(partner, by=request.user)

    title = _("Channel manager of %(name)s") % {"name": partner}
    return form_page(request, ManagerForm(posted(request)), act, title=title, back=back_to(partner))


def partner_link(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Name a distributor of this reseller."""
    partner = queries.get_partner_by_id(request.user, pk)
    require(rules.can_configure(request.user))

    def act(data: dict) -> None:
        try:
            distributor = get_partner(request.user, data.pop("distributor").strip().upper())
        except NotVisible:
            raise DomainError(_("There is no partner with this reference."), field="distributor") from None
        link.link_partners(distributor, partner, by=request.user, **data)

    title = _("Distributor of %(name)s") % {"name": partner}
    return form_page(request, LinkForm(posted(request)), act, title=title, back=back_to(partner))


def link_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a link its last day."""
    require(rules.can_configure(request.user))
    row = queries.get_link(request.user, pk)
    return form_page(
        request,
        EndLinkForm(posted(request)),
        lambda data: link.end_link(row, by=request.user, on=data["ends_on"]),
        title=_("End of the link"),
        lead=str(row),
        back=back_to(row.reseller),
    )


def partner_first_admin(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Invite the first admin of a partner whose team is empty; later ones are asked for and confirmed by two people."""
    partner = queries.get_partner_by_id(request.user, pk)
    require(rules.can_change_partner(request.user, partner) and not queries.has_members(partner))
    return form_page(
        request,
        FirstAdminForm(posted(request)),
        lambda data: invitation.invite(partner, role=Role.ADMIN, by=request.user, **data),
        title=_("Invite the first admin of %(name)s") % {"name": partner},
        button=_("Send the invitation"),
        back=back_to(partner),
    )


def partner_ask_admin(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The manager asks for a new admin; another person confirms."""
    partner = queries.get_partner_by_id(request.user, pk)
    require(team_rules.can_ask_for_admin(request.user, partner))
    form = CandidateForm(posted(request), members=queries.admin_candidates(partner))
    return form_page(
        request,
        form,
        lambda data: admin_request.ask(partner, candidate=data["member"], reason=data["reason"], by=request.user),
        title=_("New admin for %(name)s") % {"name": partner},
        lead=_("Another member of staff confirms; then the team is told and two business days pass."),
        button=_("Ask"),
        back=back_to(partner),
    )
