"""People who sign in."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Func, Q


class UserManager(BaseUserManager["User"]):
    def create_user(self, *, email: str, full_name: str, password: str | None) -> User:
        """Store one person who can sign in; e-mail addresses are kept in lower case."""
        user = self.model(email=email.strip().lower(), full_name=full_name)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """One named person, or one program (`is_service`) that has no password and cannot sign in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    is_service = models.BooleanField(default=False)
    joined_at = models.DateTimeField(db_default=Func(function="hat_now"))

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="user_email_is_lower_case",
                condition=Q(email=Func(F("email"), function="lower")),
                violation_error_message="Write the e-mail address in lower case.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class SigningPin(models.Model):
    """The six digits with which one person signs at a terminal, hashed with Argon2 and a pepper.

    `failures` counts wrong tries since the last right one; the delays are a rule.
    """

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="signing_pin")
    digest = models.CharField(max_length=200)
    set_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)
    last_failed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.user_id)
