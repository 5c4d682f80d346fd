from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgramsConfig(AppConfig):
    name = "programs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say which facts this app puts: data only."""
        from partners.enums import FactType
        from partners.rules.fact import FactKey, declare

        declare(FactKey("tier", FactType.TEXT, _("Tier")))
