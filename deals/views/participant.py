"""Who takes part in a deal: named by the owner, or asked for by a linked company."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from deals.forms.participant import ParticipantForm
from deals.models import Deal
from deals.queries.participant import get_join, join_state, participant_of, partners_on_offer
from deals.rules.deal import can_ask_to_join, can_change_participants
from deals.services import join_request
from deals.services.participant import add_participant, remove_participant
from deals.views.acts import act_on, cleaned
from prm.core.errors import DomainError, NotVisible


@login_required
@require_POST
def participant_add(request: HttpRequest, ref: str) -> HttpResponse:
    """A company linked with the owner's; any other is not among the choices."""

    def call(deal: Deal) -> None:
        data = cleaned(ParticipantForm(request.POST, partners=partners_on_offer(deal)))
        add_participant(deal, data["partner"], data["role"], by=request.user)

    return act_on(request, ref, can_change_participants, call, _("The company takes part now."))


@login_required
@require_POST
def participant_remove(request: HttpRequest, ref: str, partner: str) -> HttpResponse:
    return act_on(
        request,
        ref,
        can_change_participants,
        lambda deal: remove_participant(participant_of(deal, partner), by=request.user),
        _("The company does not take part any more."),
    )


@login_required
@require_POST
def join_ask(request: HttpRequest, ref: str) -> HttpResponse:
    """From the page of one's own declined registration."""
    return act_on(
        request,
        ref,
        can_ask_to_join,
        lambda deal: join_request.ask_join(deal, by=request.user),
        _("The owner of the deal was asked."),
    )


@login_required
@require_POST
def join_withdraw(request: HttpRequest, ref: str) -> HttpResponse:
    def call(deal: Deal) -> None:
        join = join_state(deal)["join"]
        if join is None:
            raise DomainError(_("There is no request any more."))
        join_request.withdraw_join(join, by=request.user)

    return act_on(request, ref, can_ask_to_join, call, _("Your request was withdrawn."))


@login_required
@require_POST
def join_decide(request: HttpRequest, ref: str, join: str, verb: str) -> HttpResponse:
    """One click by the owner's people: accept or refuse."""
    known = {
        "accept": (join_request.accept_join, _("The company takes part now.")),
        "refuse": (join_request.refuse_join, _("The request was refused.")),
    }
    if verb not in known:
        raise NotVisible
    call, done = known[verb]
    return act_on(request, ref, can_change_participants, lambda deal: call(get_join(deal, join), by=request.user), done)
