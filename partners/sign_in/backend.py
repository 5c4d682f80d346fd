"""Who may sign in with a password: the person whose own address it is."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Permission
from django.http import HttpRequest

from partners.enums import UserKind
from partners.models import User


class EmailBackend(AuthenticationBackend):
    """allauth's backend, narrowed to `User.email`: an address a user once had, or is about to change to, opens nothing."""

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        if "\x00" in email:
            return None
        return self._check_password(User.objects.filter(email=email.strip().lower()).first(), password)

    def user_can_authenticate(self, user: User) -> bool:
        """Active people; a service has keys, never a session."""
        return super().user_can_authenticate(user) and user.kind == UserKind.PERSON

    def get_all_permissions(self, user_obj: User, obj: Any = None) -> set[str]:
        """A person's own and their groups' permissions on models, in one query instead of two; kept for the request."""
        if not user_obj.is_active or user_obj.is_anonymous or user_obj.is_superuser or obj is not None:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):
            columns = ("content_type__app_label", "codename")
            own = Permission.objects.filter(user=user_obj).order_by().values_list(*columns)
            names = own.union(Permission.objects.filter(group__user=user_obj).order_by().values_list(*columns))
            user_obj._perm_cache = {f"{app}.{name}" for app, name in names}  # type: ignore[attr-defined]
        return user_obj._perm_cache  # type: ignore[attr-defined, no-any-return]

    def authenticate(self, request: HttpRequest | None, **credentials: str) -> User | None:
        """Django's own callers name the address `username`."""
        if "username" in credentials and "email" not in credentials:
            credentials["email"] = credentials.pop("username")
        return super().authenticate(request, **credentials)
