"""One settings file, driven by the environment.

Nothing set: an embedded instance (SQLite, local files, a filesystem broker) under ``WHETSTONE_HOME``.
``DATABASE_URL``, ``BROKER_URL``, ``STORAGE_URL``, ``EMAIL_URL``, ``SECRET_KEY``, ``DEBUG`` and
``ALLOWED_HOSTS`` move it to real servers; no code knows the difference.
"""

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF

from agency.accounts.config import account_settings, cache_settings
from agency.base.home import broker_settings, secret_key, storage_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

HOME = Path(env.str("WHETSTONE_HOME", default=str(BASE_DIR / "var"))).resolve()
HOME.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("DEBUG", default=False)
# Behind TLS in production; an embedded instance on loopback speaks plain HTTP.
TLS = env.bool("TLS", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or secret_key(HOME)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "simple_history",
    "rest_framework",
    "rest_framework_api_key",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "import_export",
    "agency",
    "agency.cockpit",
    "clients",
    "retraining",
    "reports",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "agency.accounts.middleware.LanguageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "agency.accounts.middleware.SecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    # The innermost: sessions and people are no client's.
    "agency.base.tenancy.WallMiddleware",
]

ROOT_URLCONF = "agency.urls"
WSGI_APPLICATION = "agency.wsgi.application"
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
                "agency.accounts.brand.brand",
            ]
        },
    }
]

DATABASES: dict[str, Any] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{HOME / 'db.sqlite3'}")
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # WAL alone still gives "database is locked" under several writers: the write lock has to be
    # asked for at BEGIN, and waited for.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
    # PostgreSQL compiles queries that it takes for dear, which takes it longer than to run ours.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STORAGES: dict[str, Any] = {
    "default": storage_settings(env.str("STORAGE_URL", default=f"file://{HOME / 'files'}")),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = True

globals().update(environ.Env.email_url_config(env.str("EMAIL_URL", default="consolemail://")))
EMAIL_TIMEOUT = 30
# Where people reach us from outside: what the links in mails begin with.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000").rstrip("/")
# Who reads /metrics from another machine shows this.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# A webhook into our own network would let whoever types its address talk to what stands there.
WEBHOOKS_MAY_BE_PRIVATE = env.bool("WEBHOOKS_MAY_BE_PRIVATE", default=False)

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# "required": staff come to no page before they have set up an authenticator; else "optional".
STAFF_MFA = env.str("STAFF_MFA", default="required")
globals().update(
    account_settings(trusted_proxies=env.int("TRUSTED_PROXIES", default=1 if TLS else 0))
)
CACHES = cache_settings(broker_url=env.str("BROKER_URL", default=""), home=HOME)

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

SECURE_SSL_REDIRECT = TLS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes come from inside, in plain HTTP
SESSION_COOKIE_SECURE = TLS
CSRF_COOKIE_SECURE = TLS
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
SECURE_HSTS_PRELOAD = TLS
if TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    # unfold's pages and the offline API docs carry inline scripts: they are excluded, nothing else.
    "EXCLUDE_URL_PREFIXES": ["/admin/", "/api/v1/docs"],
    "DIRECTIVES": {
        "default-src": [SELF],
        "form-action": [SELF],
        "img-src": [SELF, "data:"],
        "style-src": [SELF],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["clients.auth.ClientKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["clients.auth.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["clients.quotas.RequestQuota"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "agency.base.api.Page",
    "DEFAULT_SCHEMA_CLASS": "agency.base.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "agency.base.api.ExceptionHandler",
    "EXCEPTION_FORMATTER_CLASS": "agency.base.api.ProblemFormatter",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Whetstone",
    "DESCRIPTION": "Production logs in; versions, evaluations, cycles and reports out.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {},
}

# What one request to the API may hold: bytes of rows, the same zipped, rows.
UPLOAD_MOST_BYTES = env.int("UPLOAD_MOST_BYTES", default=512 * 1024 * 1024)
UPLOAD_MOST_ZIPPED_BYTES = env.int("UPLOAD_MOST_ZIPPED_BYTES", default=128 * 1024 * 1024)
UPLOAD_MOST_ROWS = env.int("UPLOAD_MOST_ROWS", default=2_000_000)
UPLOAD_READ_SECONDS = env.float("UPLOAD_READ_SECONDS", default=30.0)  # of silence, then a 408
PREDICT_MOST_BYTES = env.int("PREDICT_MOST_BYTES", default=16 * 1024 * 1024)
PREDICT_MOST_ROWS = env.int("PREDICT_MOST_ROWS", default=1000)

# What a client may send where its own row names no limit: against mistakes, not against customers.
REQUESTS_A_MINUTE = env.int("REQUESTS_A_MINUTE", default=6000)
ROWS_A_DAY = env.int("ROWS_A_DAY", default=50_000_000)

CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = broker_settings(
    env.str("BROKER_URL", default=""), HOME
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME / "beat")

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Whetstone",
    "SITE_HEADER": "Whetstone",
    "SITE_SYMBOL": "build",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "4px",
    # Shades of the agency's default blue, light to dark.
    "COLORS": {
        "primary": {
            "50": "#f0f6fb",
            "100": "#dceaf5",
            "200": "#bcd7ec",
            "300": "#8dbbdf",
            "400": "#5a9acd",
            "500": "#357db6",
            "600": "#276499",
            "700": "#1f4e79",
            "800": "#1c4366",
            "900": "#1a3955",
            "950": "#122539",
        }
    },
    "DASHBOARD_CALLBACK": "agency.cockpit.today.dashboard",
    "STYLES": ["agency.cockpit.navigation.stylesheet"],
    "SIDEBAR": {"navigation": "agency.cockpit.navigation.sidebar", "show_search": True},
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
