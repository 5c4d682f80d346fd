from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "prm.ops"
    label = "ops"
    default_auto_field = "django.db.models.BigAutoField"
