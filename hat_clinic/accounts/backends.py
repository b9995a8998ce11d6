"""Who somebody is: by e-mail and password at the sign-in, and by their session at every request after it."""

from __future__ import annotations

import uuid

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import QuerySet

from hat_clinic.accounts.models import User
from hat_clinic.core.compiled import ask_compiled


class SignIn(AuthenticationBackend):
    """Sign-in as allauth has it. Whose session it is is asked at every request, so its question is written once."""

    def get_user(self, user_id: uuid.UUID) -> User | None:
        user: User | None = next(iter(ask_compiled(_user, user_id=user_id)), None)
        return user if user is not None and self.user_can_authenticate(user) else None


def _user(*, user_id: uuid.UUID) -> QuerySet[User]:
    return User._default_manager.filter(id=user_id)
