from django.apps import AppConfig, apps
from django.db.models.signals import class_prepared

from prm.web.names import translate_app, translate_model


class WebConfig(AppConfig):
    name = "prm.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        class_prepared.connect(translate_model)  # app configs come before every model

    def ready(self) -> None:
        for config in apps.get_app_configs():
            translate_app(config)
