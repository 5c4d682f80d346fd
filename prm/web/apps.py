from django.apps import AppConfig, apps

from prm.web.names import translate_app, translate_model


class WebConfig(AppConfig):
    name = "prm.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Names of our models, fields and apps in the reader's language; no form or admin page has been made yet."""
        for model in apps.get_models(include_auto_created=True):
            translate_model(model)
        for config in apps.get_app_configs():
            translate_app(config)
