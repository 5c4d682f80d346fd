"""Pictures of the vendor's people: shown, set and taken away."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from partners.forms.user import PhotoForm
from partners.models import User
from partners.queries.photo import get_photo
from partners.queries.staff import get_staff
from partners.rules import staff as rules
from partners.services import photo as services
from partners.views.staff_page import form_page
from prm.core.errors import DomainError
from prm.web.guards import require

HOUR = 3600


@login_required
@require_safe
def photo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The picture itself: never as a page of ours, whatever it may hold."""
    file = get_photo(request.user, pk)
    response = HttpResponse(bytes(file.content), content_type=file.content_type)
    response["Content-Disposition"] = 'attachment; filename="photo.jpg"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = f"private, max-age={HOUR}"
    return response


@login_required
@require_POST
def profile_photo(request: HttpRequest) -> HttpResponse:
    """One's own, from the profile page."""
    require(rules.can_set_photo(request.user, request.user))
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Choose a picture."))
        return redirect("partners:profile")
    try:
        _store(request.user, form.cleaned_data, request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved."))
    return redirect("partners:profile")


def staff_photo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A colleague's, for who gives roles; served under the admin site."""
    row = get_staff(request.user, pk)
    require(rules.can_set_photo(request.user, row.user))
    form = PhotoForm(request.POST, request.FILES) if request.method == "POST" else PhotoForm()
    back = reverse("admin:partners_staffmember_change", args=[pk])
    return form_page(
        request,
        form,
        lambda data: _store(row.user, data, request.user),
        title=_("Photo of %(name)s") % {"name": row.user},
        back=back,
    )


def _store(person: User, data: dict, by: User) -> None:
    if data["remove"]:
        services.remove_photo(person, by=by)
    else:
        services.set_photo(person, data["photo"], by=by)
