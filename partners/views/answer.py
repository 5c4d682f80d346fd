"""How the pages of a team answer."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from prm.core.errors import DomainError


def done(request: HttpRequest, text: str) -> HttpResponse:
    """Say that it is done and go back to the team."""
    messages.success(request, text)
    return redirect("partners:team")


def refused(form: forms.Form, error: DomainError) -> None:
    """Show a service's refusal at the field it is about, or above the form."""
    form.add_error(error.field if error.field in form.fields else None, str(error))
