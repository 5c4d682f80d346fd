from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "prm.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
