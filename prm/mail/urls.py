"""Addresses under /mail/."""

from django.conf import settings
from django.urls import include, path

from prm.mail.views import preferences, unsubscribe

app_name = "mail"
urlpatterns = [
    path("preferences/", preferences.preferences, name="preferences"),
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
]
if settings.ANYMAIL:  # providers report bounces here; each view checks its own secret or signature
    urlpatterns.append(path("webhooks/", include("anymail.urls")))
