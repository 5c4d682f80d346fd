from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnersConfig(AppConfig):
    name = "partners"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from partners.acting import for_shell
        from partners.rules.mail_desk import may_handle_mail
        from partners.sign_in import signals  # noqa: F401 - hears allauth
        from prm.mail import registry
        from prm.web import nav, shell

        shell.set_acting(for_shell)
        company = _("My company")
        nav.register(
            nav.Item(_("Team"), "partners:team", "users", audience="may:view_partner", order=700, group=company),
            nav.Item(_("My channel manager"), "partners:channel_manager", "handshake", order=710, group=company),
        )
        registry.add_keeper(may_handle_mail)
        registry.register("invitation", "partners", _("Invitation to a team"))
        registry.register("membership_ended", "partners", _("Left a team"))
        registry.register("admin_request_asked", "partners", _("New admin asked for"))
        registry.register("admin_request_confirmed", "partners", _("New admin confirmed"))
        registry.register("admin_request_granted", "partners", _("You are an admin"))
        registry.register("admin_request_refused", "partners", _("New admin turned down"))
