"""All settings, read from the environment by small typed readers that fail loudly.

Secrets have no default. `.env.example` lists every variable; `gridcity/checks.py` catches
contradictions between them.
"""

from __future__ import annotations

import os
from datetime import time, timedelta
from pathlib import Path
from urllib.parse import ParseResult, unquote, urlparse

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _


def text(name: str, default: str | None = None) -> str:
    """A variable as text; without a default it must be set."""
    value = os.environ.get(name, default)
    if value is None or (value == "" and default is None):
        raise ImproperlyConfigured(f"{name} must be set; see .env.example")
    return value


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "1" if default else "0").strip().lower()
    if value not in {"0", "1", "true", "false", "yes", "no", ""}:
        raise ImproperlyConfigured(f"{name} must be 0 or 1, not {value!r}")
    return value in {"1", "true", "yes"}


def number(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}")
    return int(value)


def items(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def span(name: str, default: str) -> tuple[time, time] | None:
    """Hours of the day such as 22:00-07:00; empty for none."""
    value = os.environ.get(name, default).strip()
    if not value:
        return None
    try:
        first, last = (time.fromisoformat(part.strip()) for part in value.split("-"))
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be like 22:00-07:00, not {value!r}") from None
    return first, last


MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
MAIL_BACKENDS = {"": "dummy", "console": "console", "file": "filebased"}


def mail_server(name: str) -> ParseResult:
    """How mail is sent: smtp://host, smtp+tls://user:password@host, smtps://…, file:///folder."""
    url = urlparse(os.environ.get(name, ""))
    if not (url.scheme in MAIL_BACKENDS or (url.scheme in MAIL_PORTS and url.hostname)):
        raise ImproperlyConfigured(f"{name} must be smtp[s]://, smtp+tls:// or file://")
    return url


BASE_DIR = Path(__file__).resolve().parent.parent

# ---------------------------------------------------------------- what this process is

PROCESS = text("GRIDCITY_PROCESS", "manage")
IS_WEB = PROCESS == "web"
DEBUG = flag("GRIDCITY_DEBUG")
SECRET_KEY = text("GRIDCITY_SECRET_KEY")
# The demonstration: known logins on loopback over http. Never in production (checks.py).
DEMO = flag("GRIDCITY_DEMO")
# Everybody knows it: outside the demonstration nobody can log in with it or choose it.
KNOWN_PASSWORD = "gridcity-demo"  # noqa: S105
DEMO_PASSWORD = text("GRIDCITY_DEMO_PASSWORD", KNOWN_PASSWORD if DEMO else "")
ALLOWED_HOSTS = items("GRIDCITY_ALLOWED_HOSTS", "127.0.0.1,localhost")
CSRF_TRUSTED_ORIGINS = items("GRIDCITY_TRUSTED_ORIGINS")

# ---------------------------------------------------------------- applications

INSTALLED_APPS = [
    "gridcity",
    "assessment",
    "dispatch",
    "cases",
    "parts",
    "jobs",
    "leaflet",
    "gridcity.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pgtrigger",
    "pghistory",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "gridcity.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "gridcity.middleware.DatabaseAwayMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "gridcity.middleware.RefusalMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "gridcity.urls"
WSGI_APPLICATION = "gridcity.wsgi.application"

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
                "gridcity.context.product",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

# ---------------------------------------------------------------- database

_database = urlparse(text("DATABASE_URL"))
LOCK_LIMITS = "-c idle_in_transaction_session_timeout=30s -c lock_timeout=10s"
# Long work waits for other long work, and reads and judges while its transaction stands.
LONG_LIMITS = "-c idle_in_transaction_session_timeout=10min -c lock_timeout=30min"
DATABASE_POOL = {
    # min = max: a new backend needs 30 to 160 ms for its first coordinate transformation.
    "min_size": 8,
    "max_size": 8,
    "timeout": 5,
    # While the database is away the pool waits twice as long after each attempt, and requests wait
    # with it: a minute away would be another minute of 503. Given up, the next request tries anew.
    "reconnect_timeout": 2,
}
DATABASES = {
    "default": {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": _database.path.lstrip("/"),
        "USER": unquote(_database.username or ""),
        "PASSWORD": unquote(_database.password or ""),
        "HOST": _database.hostname or "",
        "PORT": _database.port or 5432,
        # The pool refuses persistent connections; a worker process is one thread and keeps its own.
        "CONN_MAX_AGE": 0 if IS_WEB else None,
        # Without it the first requests after a restart of PostgreSQL get dead connections.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **({"pool": DATABASE_POOL} if IS_WEB else {}),
            "application_name": f"gridcity-{PROCESS}",
            # What `parts.selectors.compiled` asks again and again is planned once for each
            # connection; no pooler stands between.
            "prepare_threshold": 5,
            # A process that is frozen must not hold rows for ever, nor let others wait for them.
            "options": {"manage": "", "jobs": LONG_LIMITS}.get(PROCESS, LOCK_LIMITS),
        },
        "TEST": {"TEMPLATE": os.environ.get("GRIDCITY_TEST_TEMPLATE") or None},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Debian 12 has GDAL 3.6: spatial references come from our list of EPSG codes, never from a file.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]

# ---------------------------------------------------------------- Redis: cache and broker, losable

REDIS_URL = text("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "gridcity.soft_cache.SoftRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "gridcity",
    },
    # What is the same on every page of a language or a role, drawn once by each process.
    "template_fragments": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "fragments",
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
# Long work has a worker of its own: an import of an hour must not keep a timer waiting.
CELERY_TASK_ROUTES = {"jobs.tasks.work": {"queue": "jobs"}}
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900, "socket_timeout": 5}
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# ---------------------------------------------------------------- people and logins

AUTH_USER_MODEL = "gridcity.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "gridcity.passwords.KnownPasswordBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "gridcity.hashers.Argon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "gridcity.passwords.KnownPasswordValidator"},
]
LOGIN_URL = "gridcity:login"
LOGIN_REDIRECT_URL = "gridcity:home"
LOGOUT_REDIRECT_URL = "gridcity:login"
# Locks live in the database: Redis may be emptied at any time.
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=10)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "gridcity/locked_out.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_RESET_ON_SUCCESS = True
# The administration shows them in its own way (gridcity/admin.py).
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "gridcity.logins.client_address"
API_TOKEN_LIFE = timedelta(days=30)
# Failed logins that one address may cause before it must wait, whatever the names (15 minutes).
LOGIN_FAILURES_PER_ADDRESS = 100

# ---------------------------------------------------------------- transport and headers

SECURE = not DEMO and not DEBUG
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_SSL_REDIRECT = flag("GRIDCITY_SSL_REDIRECT", SECURE)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
# A proxy of ours ends TLS and writes both X-Forwarded headers anew; without one they are a claim.
BEHIND_PROXY = flag("GRIDCITY_BEHIND_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "gridcity.views.csrf_failure"
# A base map of the city's own beneath ours: a WMTS or XYZ address with {z}, {x} and {y} on a host
# of MAP_HOSTS, or a PMTiles file that this site serves itself. None by default.
MAP_WMTS = text("GRIDCITY_MAP_WMTS", "")
MAP_PMTILES = text("GRIDCITY_MAP_PMTILES", "")
MAP_ATTRIBUTION = text("GRIDCITY_MAP_ATTRIBUTION", "")
# Hosts that the browsers of users may ask for pictures of the map: `name` or `name:port`.
MAP_HOSTS = items("GRIDCITY_MAP_HOSTS")
_map = urlparse(MAP_WMTS)
MAP_ORIGINS = [f"{_map.scheme}://{_map.netloc}"] if _map.netloc in MAP_HOSTS else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:", *MAP_ORIGINS],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
PERMISSIONS_POLICY = {
    "geolocation": "self",
    "camera": "self",
    "microphone": [],
    "payment": [],
    "usb": [],
}

# ---------------------------------------------------------------- language and time

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = sorted(path.parent for path in (BASE_DIR / "locale").glob("*/zh_Hans"))
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# ---------------------------------------------------------------- files

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(text("GRIDCITY_STATIC_ROOT", str(BASE_DIR / "staticfiles")))
MEDIA_ROOT = Path(text("GRIDCITY_MEDIA", str(BASE_DIR / "media")))
# What the media folder may hold at most; 0 leaves it to the disk.
MEDIA_LIMIT_BYTES = number("GRIDCITY_MEDIA_LIMIT_MB", 0) * 1024 * 1024
STORAGES = {
    "default": {"BACKEND": "gridcity.storage.MediaStorage"},
    "staticfiles": {
        "BACKEND": "gridcity.storage.StaticFilesStorage"
        if IS_WEB
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
PHOTO_MAX_BYTES = 10 * 1024 * 1024
PHOTO_MAX_COUNT = 9
PHOTO_MAX_PIXELS = 50_000_000
# A photo after handling that was taken farther than this from the case bears a remark.
PHOTO_FAR_M = 100
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o640
# Nine photos of 10 MB and the words around them.
REQUEST_MAX_BYTES = 96 * 1024 * 1024

# ---------------------------------------------------------------- API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "gridcity.authentication.TokenAuthentication",
        "gridcity.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "gridcity.parsers.BoundedJSONParser",
        "rest_framework.parsers.MultiPartParser",
        "gridcity.parsers.BoundedFormParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "gridcity.errors.api_exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "gridcity",
    "DESCRIPTION": "Cases, parts and dispatch of a city district run by unit grid cells.",
    "VERSION": "1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "gridcity.description.name_refusals",
    ],
    # Without names of their own these would be called by a hash that changes with their values.
    "ENUM_NAME_OVERRIDES": {
        "CaseStatus": "cases.workflow.State",
        "CaseKind": ["part", "event"],
        "CaseSource": "cases.models.case.Source",
        "TaskKind": "cases.models.task.TaskKind",
        "TaskOutcome": "cases.models.task.TaskOutcome",
        "VerifyOutcome": ["confirmed", "not_true", "not_found"],
        "PhotoRole": "cases.models.evidence.PhotoRole",
        "PlacedBy": "cases.models.case.PlacedBy",
        "RequestKind": "dispatch.models.requests.RequestKind",
        "RequestStatus": "dispatch.models.requests.RequestState",
        "ReturnReason": "dispatch.models.requests.ReturnReason",
        "PlaceKind": "parts.models.places.Place.Kind",
        "TurnEnd": "dispatch.models.turns.TurnEnd",
        "Lamp": ["green", "yellow", "red"],
    },
}

# ---------------------------------------------------------------- the district

SRID_METRES = number("GRIDCITY_SRID_METRES", 4548)
# django-leaflet serves the administration only; its default layer would call a foreign host.
LEAFLET_CONFIG = {
    "TILES": [],
    "ATTRIBUTION_PREFIX": "gridcity",
    "DEFAULT_CENTER": (39.92, 116.41),
    "DEFAULT_ZOOM": 13,
    "RESET_VIEW": False,
    "NO_GLOBALS": False,
}
LIVE_STREAMS_PER_PROCESS = number("LIVE_STREAMS_PER_PROCESS", 200)

# Published rankings of streets and departments, for everybody and without an account.
PUBLIC_RANKING = flag("GRIDCITY_PUBLIC_RANKING", DEMO)

# Reports of citizens without an account at /report/, and how many one address sends an hour.
PUBLIC_REPORTS = flag("GRIDCITY_PUBLIC_REPORTS", DEMO)
PUBLIC_REPORTS_PER_HOUR = number("GRIDCITY_PUBLIC_REPORTS_PER_HOUR", 30)

# Open311 GeoReport v2 below /open311/ (docs/open311.md): whether it is there, what its jurisdiction
# is called (the district's code where nothing is named), and whom its users ask.
OPEN311 = flag("GRIDCITY_OPEN311", DEMO)
OPEN311_JURISDICTION = text("GRIDCITY_OPEN311_JURISDICTION", "")
OPEN311_CONTACT = text("GRIDCITY_OPEN311_CONTACT", "")

# ---------------------------------------------------------------- notices: docs/notices.md

# Where the site is reached, for links in what is sent.
PUBLIC_URL = text("GRIDCITY_URL", "").rstrip("/")
_mail = mail_server("GRIDCITY_EMAIL_URL")
HAS_EMAIL = bool(_mail.scheme)
EMAIL_BACKEND = f"django.core.mail.backends.{MAIL_BACKENDS.get(_mail.scheme, 'smtp')}.EmailBackend"
EMAIL_FILE_PATH = _mail.path or None
EMAIL_HOST = _mail.hostname or ""
EMAIL_PORT = _mail.port or MAIL_PORTS.get(_mail.scheme, 0)
EMAIL_HOST_USER = unquote(_mail.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
DEFAULT_FROM_EMAIL = text("GRIDCITY_EMAIL_FROM", "gridcity@localhost")
EMAIL_TIMEOUT = 10
# Hosts that webhooks may reach by http and at private addresses: `name` or `name:port`.
WEBHOOK_HOSTS = items("GRIDCITY_WEBHOOK_HOSTS")
# Classes that hand short messages and chat messages to what the city has; empty for none.
SMS_GATEWAY = text("GRIDCITY_SMS_GATEWAY", "")
CHAT_GATEWAY = text("GRIDCITY_CHAT_GATEWAY", "")
GATEWAY_FOLDER = Path(text("GRIDCITY_GATEWAY_FOLDER", str(BASE_DIR / "outbox")))
QUIET_HOURS = span("GRIDCITY_QUIET_HOURS", "22:00-07:00")
# How long a receiver may fail before what it is owed becomes a dead letter.
NOTICE_PATIENCE = timedelta(hours=number("GRIDCITY_NOTICE_PATIENCE_HOURS", 24))

# ---------------------------------------------------------------- logs: ids, never personal data

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "foreign_pre_chain": "gridcity.logs.SHARED",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": text("GRIDCITY_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"handlers": ["console"], "propagate": False},
        "axes": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "WARNING"},
    },
}
LOGGING_CONFIG = "gridcity.logs.configure"
