"""Addresses of the partners app."""

from django.urls import path

from partners.views import acting, admin_request, contact, manager, member, photo, sign_in, team, user

app_name = "partners"
urlpatterns = [
    path("sign-in/company/", sign_in.company_sign_in, name="company_sign_in"),
    path("invitation/<str:token>/", sign_in.invitation_accept, name="invitation_accept"),
    path("profile/", user.profile, name="profile"),
    path("profile/photo/", photo.profile_photo, name="profile_photo"),
    path("photo/<uuid:pk>/", photo.photo, name="photo"),
    path("switch/", acting.switch, name="switch"),
    path("manager/", manager.manager, name="channel_manager"),
    path("team/", team.team, name="team"),
    path("team/invite/", team.invite, name="team_invite"),
    path("team/deal-sight/", team.deal_sight, name="deal_sight"),
    path("team/ask-for-admin/", admin_request.ask_for_admin, name="ask_for_admin"),
    path("team/invitations/<str:ref>/resend/", team.invitation_step, {"step": "resend"}, name="invitation_resend"),
    path("team/invitations/<str:ref>/revoke/", team.invitation_step, {"step": "revoke"}, name="invitation_revoke"),
    path("team/members/<str:ref>/", member.member, name="member"),
    path("team/members/<str:ref>/role/", member.member_role, name="member_role"),
    path("team/members/<str:ref>/suspend/", member.member_step, {"step": "suspend"}, name="member_suspend"),
    path("team/members/<str:ref>/resume/", member.member_step, {"step": "resume"}, name="member_resume"),
    path("team/contacts/add/", contact.contact_add, name="contact_add"),
    path("team/contacts/<str:ref>/reports/", contact.contact_reports, name="contact_reports"),
    path("team/contacts/<str:ref>/remove/", contact.contact_remove, name="contact_remove"),
]
