"""Another name of a customer, or a domain that leads there: recorded by hand on its record page, and taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from deals.admin.pages import page
from deals.forms.engine import AliasForm
from deals.models import Customer
from deals.queries.alias import get_alias, get_customer_record, names_of
from deals.rules.verdict import can_merge_customers
from deals.services.alias import Taken, record_alias, withdraw_alias
from prm.core.errors import DomainError, StaleState
from prm.web.admin_site import site
from prm.web.guards import require


@require_POST
def record(request: HttpRequest, ref: str) -> HttpResponse:
    """Another name, a domain, or both."""
    customer = get_customer_record(request.user, ref)
    require(can_merge_customers(request.user))
    form = AliasForm(request.POST)
    holder: Customer | None = None
    if form.is_valid():
        try:
            made = record_alias(customer, **form.cleaned_data, by=request.user)
        except StaleState as error:
            messages.error(request, str(error))
            return _to(customer)
        except DomainError as error:
            holder = error.holder if isinstance(error, Taken) else None
            form.add_error(error.field, str(error))
        else:
            names = ", ".join(str(alias) for alias in made)
            said = _("%(names)s leads to this customer now.") % {"names": names} if made else _("It goes by this already.")
            messages.success(request, said)
            return _to(customer)
    return page(request, "deals/engine/names.html", {**names_context(customer, form), "holder": holder}, status=422)


def names_context(customer: Customer, form: AliasForm) -> dict[str, Any]:
    """What the panel with the names shows."""
    return {"title": customer.name, "customer": customer, "names": names_of(customer), "form": form}


@require_POST
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back one that was recorded by hand."""
    alias = get_alias(request.user, pk)
    require(can_merge_customers(request.user))
    try:
        withdraw_alias(alias, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(name)s no longer leads to this customer.") % {"name": alias})
    return _to(alias.customer)


def _to(customer: Customer) -> HttpResponse:
    return redirect("admin:deals_customer_change", customer.pk)


site.register_page("deals/customers/<str:ref>/names/", record, "deals_alias_record")
site.register_page("deals/names/<uuid:pk>/withdraw/", withdraw, "deals_alias_withdraw")
