"""All addresses. Each app brings its own urls.py; a line here says under which path it is found."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from prm.ops import views as ops

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("prm.home.urls")),
    path("", include("prm.people.urls")),
    path("", include("partners.urls")),
    path("deals/", include("deals.urls")),
    path("", include("prm.web.urls")),
    path("mail/", include("prm.mail.urls")),
    path("admin/", admin.site.urls),
    path("healthz/", login_not_required(ops.healthz), name="healthz"),
    path("readyz/", login_not_required(ops.readyz), name="readyz"),
]

handler403 = "prm.web.errors.forbidden"
handler404 = "prm.web.errors.not_found"
handler500 = "prm.web.errors.server_error"
