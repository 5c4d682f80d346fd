"""Addresses of the deals app."""

from django.urls import path

from deals.views import account, acts, change_request, deal, participant, paste, pipeline, register
from deals.views import list as lists

app_name = "deals"
urlpatterns = [
    path("", lists.deal_list, name="list"),
    path("export.<str:kind>", lists.deal_export, name="export"),
    path("new/", register.deal_new, name="new"),
    path("check/", account.account_check, name="check"),
    path("check/watch/", account.account_watch, name="watch"),
    path("check/unwatch/", account.account_unwatch, name="unwatch"),
    path("paste/", paste.deal_paste, name="paste"),
    path("pipeline/", pipeline.pipeline, name="pipeline"),
    path("<str:ref>/", deal.deal_detail, name="detail"),
    path("<str:ref>/edit/", register.deal_edit, name="edit"),
    path("<str:ref>/delete/", register.deal_delete, name="delete"),
    path("<str:ref>/change/", change_request.change_new, name="change"),
    path("<str:ref>/change/withdraw/", change_request.change_withdraw, name="change_withdraw"),
    path("<str:ref>/participants/", participant.participant_add, name="participant_add"),
    path("<str:ref>/participants/<str:partner>/remove/", participant.participant_remove, name="participant_remove"),
    path("<str:ref>/join/", participant.join_ask, name="join"),
    path("<str:ref>/join/withdraw/", participant.join_withdraw, name="join_withdraw"),
    path("<str:ref>/joins/<str:join>/<str:verb>/", participant.join_decide, name="join_decide"),
    *(path(f"<str:ref>/{verb}/", acts.deal_act, {"verb": verb}, name=verb) for verb in acts.ACTS),
]
