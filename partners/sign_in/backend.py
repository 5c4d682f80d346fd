"""Who may sign in with a password: the person whose own address it is."""

from allauth.account.auth_backends import AuthenticationBackend
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

    def authenticate(self, request: HttpRequest | None, **credentials: str) -> User | None:
        """Django's own callers name the address `username`."""
        if "username" in credentials and "email" not in credentials:
            credentials["email"] = credentials.pop("username")
        return super().authenticate(request, **credentials)
