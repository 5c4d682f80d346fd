"""The user: a person (or a service) who signs in by e-mail."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from partners.enums import UserKind
from prm.core.models import Row


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        """A new user; without a password nobody can sign in with one."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=(email or "").lower())


class User(Row, AbstractBaseUser, PermissionsMixin):
    """Signs in by e-mail. `kind` service can never decide anything about money."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    kind = models.CharField(max_length=10, choices=UserKind, default=UserKind.PERSON)
    title = models.CharField(_("job title"), max_length=100, blank=True)
    phone = PhoneNumberField(_("phone"), blank=True)
    meeting_link = models.URLField(_("meeting link"), blank=True)
    photo = models.ForeignKey(
        "record.File", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False, verbose_name=_("photo")
    )
    language = models.CharField(_("language"), max_length=8, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    review_keys = models.BooleanField(_("single-key shortcuts in review"), default=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_ci"),
            models.CheckConstraint(condition=models.Q(kind__in=UserKind.values), name="user_kind_known"),
        ]
        indexes = [  # for search by a part of either
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="user_name_search"),
            GinIndex(OpClass(Upper("email"), name="gin_trgm_ops"), name="user_email_search"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        """Two letters at most, where there is no photo."""
        words = str(self).partition("@")[0].split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return (self.name or self.email).split(" ")[0]
