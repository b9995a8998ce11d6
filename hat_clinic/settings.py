"""Settings, read from the environment once. README.md lists every variable.

Nothing here has an insecure default: without SECRET_KEY, DATABASE_URL and REDIS_URL the program does not
start, and debug pages exist only where HAT_DEBUG says so.
"""

import base64
import os
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import environ
from csp.constants import NONCE, NONE, SELF

from hat_clinic.core.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

SECRET_KEY = env.str("SECRET_KEY")
DEBUG = env.bool("HAT_DEBUG", default=False)
ALLOWED_HOSTS = env.list("HAT_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("HAT_TRUSTED_ORIGINS", default=[])
VERSION = "0.1.0"

# The demo clinic, its sign-ins and `code ROLE` exist only where this is set; production never sets it.
IS_DEMO = env.bool("HAT_DEMO", default=False)
# Mixed into every signing PIN before it is hashed, so that a copy of the database is not enough to guess one.
PIN_PEPPER = env.str("PIN_PEPPER", default=SECRET_KEY).encode()
# AES-256 key for the short list of encrypted fields (second-factor seeds); 32 bytes in base64.
FIELD_KEY = base64.b64decode(env.str("FIELD_KEY", default="")) or None
# Key of the pseudonyms under which records leave for an evaluator; 32 bytes in base64, kept apart from the database.
EXPORT_KEY = base64.b64decode(env.str("HAT_EXPORT_KEY", default="")) or None
# Ed25519 key that signs checkpoints of the register; 32 bytes in base64, kept from whoever runs the database.
CHECKPOINT_KEY = base64.b64decode(env.str("CHECKPOINT_KEY", default="")) or None
# Public keys that signed earlier checkpoints, or sign elsewhere; 32 bytes in base64 each.
CHECKPOINT_PUBLIC_KEYS = [base64.b64decode(key) for key in env.list("CHECKPOINT_PUBLIC_KEYS", default=[])]
# A folder that lies on another machine: the worker copies every checkpoint there.
CHECKPOINT_FOLDER = env.str("CHECKPOINT_FOLDER", default="")


# --- databases -------------------------------------------------------------------------------------------
# DATABASE_URL is the application's login. DATABASE_OWNER_URL owns the tables and is used by migrate alone.
def database_from(variable: str) -> dict[str, Any]:
    """Read one database address; a folder of a Unix socket is written with %2F for its slashes."""
    database: dict[str, Any] = env.db_url(variable)
    return {**database, "HOST": unquote(database["HOST"])}


_role_variable = "DATABASE_OWNER_URL" if os.environ.get("HAT_DATABASE_ROLE") == "owner" else "DATABASE_URL"
DATABASES = {"default": database_from(_role_variable)}
DATABASES["default"].update(
    ENGINE="django.db.backends.postgresql",
    CONN_MAX_AGE=600,
    CONN_HEALTH_CHECKS=True,
    ATOMIC_REQUESTS=False,  # a template error after a dose would roll the dose back: printed but unrecorded
)
# The application's login has short time limits of its own; the worker, which builds reports, asks for longer.
if _statement_timeout := env.str("HAT_STATEMENT_TIMEOUT", default=""):
    DATABASES["default"]["OPTIONS"] = {"options": f"-c statement_timeout={_statement_timeout}"}
# Names of the database roles that migrations grant rights to; the owner's is known where it may be used.
DATABASE_OWNER_ROLE = (
    database_from("DATABASE_OWNER_URL")["USER"] if "DATABASE_OWNER_URL" in os.environ else None
)
DATABASE_APP_ROLE = database_from("DATABASE_URL")["USER"]
DATABASE_REGISTER_ROLE = env.str("DATABASE_REGISTER_ROLE", default="hat_register")
# Offences that police recorded stand in a schema of their own. This login reads them and nothing else; it is always
# in the application's own database, so that it cannot be pointed at another one.
DATABASE_POLICE_ROLE = env.str("DATABASE_POLICE_ROLE", default="hat_police")
DATABASES["police"] = {
    **database_from("DATABASE_URL"),
    "ENGINE": "django.db.backends.postgresql",
    "USER": DATABASE_POLICE_ROLE,
    "PASSWORD": env.str("DATABASE_POLICE_PASSWORD", default=""),
    "CONN_MAX_AGE": 0,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- applications ----------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "csp",
    "django_htmx",
    "django_celery_beat",
    "hat_clinic.core",
    "hat_clinic.audit",
    "hat_clinic.accounts",
    "patients",
    "referrals",
    "dosing",
    "outcomes",
    "hat_clinic.pages",
    "hat_clinic.demo",
    "hat_clinic.scenarios",
]

MIDDLEWARE = [
    "hat_clinic.accounts.middleware.request_id_middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hat_clinic.accounts.middleware.no_store_middleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "hat_clinic.accounts.middleware.session_limits_middleware",
    "hat_clinic.accounts.middleware.handed_over_middleware",
    "hat_clinic.accounts.middleware.drafts_middleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "hat_clinic.urls"
WSGI_APPLICATION = "hat_clinic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "hat_clinic.pages.context.page_frame",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ["nhsuk"]
CRISPY_TEMPLATE_PACK = "nhsuk"

# --- people ----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["hat_clinic.accounts.backends.SignIn"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "full_name"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Sign-in is django-allauth's: e-mail and password, then a second factor. Nobody signs themselves up, no
# browser is trusted, no code is mailed, and no setting lets a code be skipped.
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "pages:home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "hat_clinic.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_USER_DISPLAY = attrgetter("full_name")
ACCOUNT_FORMS = {
    "login": "hat_clinic.accounts.forms.sign_in.SignIn",
    "reauthenticate": "hat_clinic.accounts.forms.sign_in.ConfirmPassword",
}
# Wrong tries: 10 in 15 minutes for one account. For one address far more, since a whole clinic may share one
# and must not be kept out by a single person's mistakes (or malice).
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "40/m/ip,10/15m/key",
    "reauthenticate": "10/m/user",
}
# How many proxies stand in front, so that the address counted is the browser's and cannot be made up.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("HAT_TRUSTED_PROXIES", default=0)
MFA_ADAPTER = "hat_clinic.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "HAT Clinic"
MFA_TOTP_TOLERANCE = 1  # one step early or late: phones and people are a few seconds off
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # a colleague made the account; no address is ever verified by mail
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_TRUST_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = IS_DEMO  # the demo speaks plain HTTP on the loopback address
MFA_FORMS = {
    "authenticate": "hat_clinic.accounts.forms.sign_in.SecondFactor",
    "reauthenticate": "hat_clinic.accounts.forms.sign_in.ConfirmSecondFactor",
    "activate_totp": "hat_clinic.accounts.forms.sign_in.SetUpApp",
    "add_webauthn": "hat_clinic.accounts.forms.sign_in.AddKey",
}

# Sessions and the counts of wrong tries are in PostgreSQL: without Redis people still sign in.
SESSION_ENGINE = "hat_clinic.accounts.stored_sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# "Saved: the injection of ..." names a person, and would lie in a cookie by default.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "sign_in_cache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},  # the default of 300 would let a flood push the counts out
    }
}

# --- time, words -----------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True

# --- mail ------------------------------------------------------------------------------------------------
# Letters say that a report is there, and nothing else. Without a server they are printed to the worker's log.
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("HAT_MAIL_FROM", default="hat-clinic@localhost")

# --- jobs ------------------------------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True  # what a job did is in the database
# Only a job that others wait for leaves a mark, without content and for an hour: figures of a group of clinics.
CELERY_RESULT_BACKEND = REDIS_URL
CELERY_RESULT_EXPIRES = 3600
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A broker that hangs is worse than one that is dead: a publisher gives up after a second and says so.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 1, "socket_connect_timeout": 1}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"

# --- log lines --------------------------------------------------------------------------------------------
LOGGING = logging_settings()

# --- files -----------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = env.path("HAT_STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
# The demo and the tests serve the static files from where they lie; production collects them first.
WHITENOISE_USE_FINDERS = IS_DEMO

# What is uploaded stays in memory, up to a limit, and never touches a disc.
FILE_UPLOAD_HANDLERS = ["hat_clinic.core.uploads.MemoryUploadHandler"]

# --- transport and headers -------------------------------------------------------------------------------
# The demo and the tests speak plain HTTP on the loopback address; everything else is HTTPS only.
SERVES_HTTPS = env.bool("HAT_HTTPS", default=not IS_DEMO)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SERVES_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SERVES_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if SERVES_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SERVES_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "camera": [],
    "microphone": [],
    "geolocation": [],
    "usb": [],
    "payment": [],
}
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
