"""The outbox for staff: what was written to whom, what failed, and the suppressed addresses. Served under the admin site."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from prm.core.errors import DomainError, NotVisible
from prm.mail import queries, registry, rules, services
from prm.mail.enums import MESSAGE_STEPS, MessageStatus
from prm.web import keyset
from prm.web.admin_site import site
from prm.web.guards import require
from prm.web.lists import chips

SORTS = [keyset.Sort("created", "created_at", label="Written")]
MOST = 200
# A mail is shown as a mail program would: its own styles, no scripts, nothing loaded from anywhere.
MAIL_CSP = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def _page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    return render(request, template, {**site.each_context(request), **context})


@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """The mails, newest first, by state; found by reference or by the exact address."""
    require(rules.can_see_outbox(request.user))
    state, sought = request.GET.get("status", ""), request.GET.get("q", "").strip()[:320]
    page = keyset.page(request, queries.list_messages(state, sought), SORTS, "-created")
    for message in page:
        message.title = registry.title(message.template)
    choices = [("", _("All")), (queries.ATTENTION, _("Needs a person")), *MessageStatus.choices]
    return _page(
        request,
        "mail/outbox.html",
        title=_("Outbox"),
        page=page,
        chips=chips(request, "status", choices, queries.counts_by_state()),
        q=sought,
        can_retry=rules.can_retry(request.user),
    )


@require_GET
def attention(request: HttpRequest) -> HttpResponse:
    """The queue's short address."""
    return _to_attention()


@require_GET
def message(request: HttpRequest, ref: str) -> HttpResponse:
    """One mail as it was written, what the server said, and what a person may do about it."""
    found = queries.get_message(request.user, ref)
    may = rules.can_retry(request.user)
    return _page(
        request,
        "mail/message.html",
        title=registry.title(found.template),
        message=found,
        body=found.body,
        readable=rules.is_readable(found, found.body),
        suppression=queries.block_of(found),
        can_retry=may and MESSAGE_STEPS.allows("retry", found) and bool(found.body.address),
        can_confirm=may and MESSAGE_STEPS.allows("confirm", found),
    )


@require_GET
def message_html(request: HttpRequest, ref: str) -> HttpResponse:
    """The HTML of one mail for the sandboxed frame, under a policy of its own."""
    found = queries.get_message(request.user, ref)
    if not rules.is_readable(found, found.body):
        raise NotVisible
    response = HttpResponse(found.body.html)
    response["Content-Security-Policy"] = MAIL_CSP
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def message_retry(request: HttpRequest, ref: str) -> HttpResponse:
    """Send one mail again."""
    return _act(request, ref, services.retry_message, _("The mail is queued again."))


@require_POST
def message_confirm(request: HttpRequest, ref: str) -> HttpResponse:
    """Note that a mail of unknown fate arrived."""
    return _act(request, ref, services.confirm_message, _("Noted: the mail arrived."))


@require_POST
def retry_selected(request: HttpRequest) -> HttpResponse:
    """Send the ticked mails again, each in its own transaction; those that cannot be are counted."""
    require(rules.can_retry(request.user))
    done = left = 0
    for ref in request.POST.getlist("selected")[:MOST]:
        try:
            services.retry_message(queries.get_message(request.user, ref), by=request.user)
            done += 1
        except (DomainError, NotVisible):
            left += 1
    if done:
        messages.success(request, ngettext("%(n)d mail is queued again.", "%(n)d mails are queued again.", done) % {"n": done})
    if left:
        text = ngettext("%(n)d mail could not be queued again.", "%(n)d mails could not be queued again.", left)
        messages.warning(request, text % {"n": left})
    if not done and not left:
        messages.info(request, _("No mail was ticked."))
    return _to_attention()


@require_GET
def suppressions(request: HttpRequest) -> HttpResponse:
    """The addresses that get no mail, newest first; an exact address is found by its hash."""
    require(rules.can_see_outbox(request.user))
    sought = request.GET.get("q", "").strip()[:320]
    page = keyset.page(request, queries.list_suppressions(sought), [keyset.Sort("since", "since")], "-since")
    may = rules.can_lift(request.user)
    return _page(request, "mail/suppressions.html", title=_("Suppressed addresses"), page=page, q=sought, can_lift=may)


@require_POST
def suppression_lift(request: HttpRequest, pk: str) -> HttpResponse:
    """Send mail to this address again."""
    require(rules.can_lift(request.user))
    services.lift_block(queries.get_suppression(request.user, pk), by=request.user)
    messages.success(request, _("Mail goes to this address again."))
    return HttpResponseRedirect(reverse("admin:mail_suppression_changelist"))


def _to_attention() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:mail_message_changelist") + f"?status={queries.ATTENTION}")


def _act(request: HttpRequest, ref: str, service: Any, done: str) -> HttpResponse:
    require(rules.can_retry(request.user))
    found = queries.get_message(request.user, ref)
    try:
        service(found, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return HttpResponseRedirect(reverse("admin:mail_message_change", args=[found.ref]))
