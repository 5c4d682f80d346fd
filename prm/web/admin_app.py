"""The admin application of the product: our site, and only our own apps' admin modules."""

import importlib
from importlib.util import find_spec

from django.apps import apps
from django.contrib.admin.apps import SimpleAdminConfig

OURS = ("partners", "programs", "deals", "mdf", "prm.")


class ReviewAdminConfig(SimpleAdminConfig):
    """Loads `admin.py` of our apps; third parties' models are not for staff to edit, so theirs are left alone."""

    default_site = "prm.web.admin_site.ReviewSite"

    def ready(self) -> None:
        super().ready()
        for config in apps.get_app_configs():
            if config.name.startswith(OURS) and find_spec(f"{config.name}.admin"):
                importlib.import_module(f"{config.name}.admin")
