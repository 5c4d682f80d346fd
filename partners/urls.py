"""Addresses of the partners app."""

from django.urls import path

from partners.views import sign_in, user

app_name = "partners"
urlpatterns = [
    path("sign-in/company/", sign_in.company_sign_in, name="company_sign_in"),
    path("invitation/<str:token>/", sign_in.invitation_accept, name="invitation_accept"),
    path("profile/", user.profile, name="profile"),
]
