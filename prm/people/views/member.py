"""Removing a member, with the colleague who takes over."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from partners.queries import team as queries
from partners.rules import team as rules
from prm.core.errors import DomainError
from prm.people import services
from prm.people.forms import RemoveForm
from prm.web.guards import require
from prm.web.rendering import page


@login_required
def member_remove(request: HttpRequest, ref: str) -> HttpResponse:
    """Say what will happen, ask who takes over, then do both at once."""
    row = queries.get_membership(request.user, ref)
    require(rules.why_not_step(request.user, "remove", row, queries.count_other_admins(row)))
    form = RemoveForm(request.POST if request.method == "POST" else None, colleagues=queries.successors_of(row))
    if request.method == "POST" and form.is_valid():
        try:
            services.remove_member(row, by=request.user, successor=form.cleaned_data["successor"])
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("%(name)s is not in the team any more.") % {"name": row.user})
            return redirect("/" if row.user_id == request.user.pk else "partners:team")
    return page(request, "people/member/remove.html", {"form": form, "row": row}, status=422 if form.errors else 200)
