from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    name = "prm.home"
    label = "home"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the first page into the menu, and the search box on every page."""
        from prm.web import nav, shell

        nav.register(nav.Item(_("Home"), "home:home", "house", order=1))
        shell.set_search("home:search", "admin:search")
