from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DealsConfig(AppConfig):
    name = "deals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the pages into the menu and the mails into the registry: data only."""
        from prm.mail.registry import register
        from prm.web import nav

        nav.register(
            nav.Item(_("Deals"), "deals:list", "handshake", audience="may:view_deals", order=20, match="/deals/"),
            nav.Item(_("Is it free?"), "deals:check", "search-check", audience="may:register_deals", order=21),
            nav.Item(_("My pipeline"), "deals:pipeline", "table", audience="may:register_deals", order=22),
        )
        for key, title, nudge in MAILS:
            register(key, "deals", title, nudge=nudge)


MAILS = [
    ("deal_received", _("Deal received"), False),
    ("deal_declined", _("Deal declined"), False),
    ("deal_returned", _("Deal returned"), False),
    ("deal_question", _("Question about a deal"), False),
    ("deal_approved", _("Deal approved"), False),
    ("deal_expiring", _("Protection about to end"), True),
    ("deal_expired", _("Protection ended"), False),
    ("extension_decided", _("Extension decided"), False),
    ("change_received", _("Change of a deal received"), False),
    ("change_decided", _("Change of a deal decided"), False),
    ("change_in_queue", _("Change of a deal to decide"), False),
    ("join_asked", _("A company asks to join your deal"), False),
    ("join_decided", _("Joining a deal decided"), False),
    ("deal_won", _("Deal won"), False),
    ("deal_in_queue", _("New in the review queue"), False),
    ("clock_about_to_breach", _("Decision time runs out"), False),
    ("clock_breached", _("Decision is late"), False),
    ("opportunity_protected", _("A partner protects your opportunity"), False),
    ("account_is_free", _("Account is free"), True),
]
