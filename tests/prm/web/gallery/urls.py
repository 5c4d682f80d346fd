"""The product's addresses plus one page that shows every component."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from tests.prm.web.gallery import views
from tests.prm.web.gallery.site import site

urlpatterns = [
    path("gallery/", login_not_required(views.gallery), name="gallery"),
    path("gallery/rows/", login_not_required(views.rows), name="gallery_rows"),
    path("gallery/empty/", login_not_required(views.empty), name="gallery_empty"),
    path("gallery/missing/", login_not_required(views.missing), name="gallery_missing"),
    path("gallery/refused/", login_not_required(views.refused), name="gallery_refused"),
    path("gallery/service-refused/", login_not_required(views.service_refused), name="gallery_service_refused"),
    path("gallery/admin/", site.urls),
    path("", include("prm.urls")),
]

handler403 = "prm.web.errors.forbidden"
handler404 = "prm.web.errors.not_found"
handler500 = "prm.web.errors.server_error"
