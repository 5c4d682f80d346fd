from django.urls import path

from prm.web import views

app_name = "web"
urlpatterns = [
    path("preferences/theme/", views.set_theme, name="set_theme"),
    path("preferences/language/", views.set_language, name="set_language"),
    path("views/", views.saved_view_create, name="saved_view_create"),
    path("views/<uuid:pk>/delete/", views.saved_view_delete, name="saved_view_delete"),
]
