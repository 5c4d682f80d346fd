from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "prm.mail"
    label = "mail"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from prm.mail import adapter

        adapter.connect()
