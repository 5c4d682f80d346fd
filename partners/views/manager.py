"""The partner's own channel manager."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from partners.acting import acting_partner
from partners.queries.manager import manager_card
from prm.web.rendering import page


@login_required
@require_safe
def manager(request: HttpRequest) -> HttpResponse:
    """Who looks after us, how to reach them, and who stands in while they are away."""
    partner = acting_partner(request)
    return page(
        request, "partners/manager/detail.html", {"partner": partner, "card": manager_card(partner, timezone.localdate())}
    )
