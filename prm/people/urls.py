"""Addresses of what touches every app when people come and go."""

from django.urls import path

from prm.people.views import member

app_name = "people"
urlpatterns = [path("team/members/<str:ref>/remove/", member.member_remove, name="member_remove")]
