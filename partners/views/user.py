"""The user's own page."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import override

from partners.forms.user import PhotoForm, ProfileForm
from partners.rules.access import access_of
from partners.rules.staff import can_set_photo
from partners.services import user as users
from prm.web import shell
from prm.web.rendering import page

YEAR = 365 * 24 * 3600


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Name, phone, language, time zone, appearance; and the ways into one's own sign-in."""
    form = ProfileForm(request.POST or None, user=request.user, theme=shell.theme(request))
    if request.method == "POST" and form.is_valid():
        users.save_profile(request.user, by=request.user, **form.profile())
        with override(form.cleaned_data["language"] or None):
            messages.success(request, _("Your profile is saved."))
        response = redirect("partners:profile")
        theme = form.cleaned_data["theme"] or "system"
        response.set_cookie(
            shell.THEME_COOKIE, theme, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
        )
        return response
    access = access_of(request.user)
    context = {"form": form, "memberships": access.memberships, "behind_sign_in": access.behind_sign_in}
    if can_set_photo(request.user, request.user):
        context["photo_form"] = PhotoForm()
    return page(request, "partners/user/profile.html", context, status=422 if form.errors else 200)
