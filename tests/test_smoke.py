import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from hat_clinic.accounts.models import User


@pytest.mark.django_db
def test_app_role_cannot_change_audit() -> None:
    User.objects.create_user(email="a@b.example", full_name="A", password=None)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_auditevent SET event='a.b'")
