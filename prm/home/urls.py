"""Addresses of the composition floor's own pages."""

from django.urls import path

from prm.home import views

app_name = "home"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
]
