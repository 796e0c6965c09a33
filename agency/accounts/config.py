"""The settings of signing in; read by the settings, so no Django here."""

from pathlib import Path
from typing import Any


def account_settings(*, trusted_proxies: int) -> dict[str, Any]:
    """allauth's settings. ``trusted_proxies`` stand between us and the browser.

    People of ours and of clients are invited, never signed up; limits are against guessing.
    """
    return {
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "LOGIN_URL": "account_login",
        "LOGIN_REDIRECT_URL": "start",
        "ACCOUNT_ADAPTER": "agency.accounts.adapter.AccountAdapter",
        "ACCOUNT_LOGIN_METHODS": {"username", "email"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "email*", "password1*"],
        # Whoever invites a person wrote the address down; it is asked for nowhere else.
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS": False,
        "ACCOUNT_EMAIL_NOTIFICATIONS": True,
        "ACCOUNT_LOGIN_ON_PASSWORD_RESET": True,
        "ACCOUNT_LOGOUT_REDIRECT_URL": "account_login",
        "ACCOUNT_RATE_LIMITS": {
            "login": "30/m/ip",
            "login_failed": "10/m/ip,5/300s/key",
            "reset_password": "20/m/ip,5/m/key",
            "reset_password_from_key": "20/m/ip",
            "change_password": "5/m/user",
            "reauthenticate": "10/m/user",
        },
        "ALLAUTH_TRUSTED_PROXY_COUNT": trusted_proxies,
        "MFA_ADAPTER": "agency.accounts.adapter.SecondFactorAdapter",
        "MFA_SUPPORTED_TYPES": ["totp", "recovery_codes"],
        "MFA_ALLOW_UNVERIFIED_EMAIL": True,
        # A phone's clock may be half a minute off.
        "MFA_TOTP_TOLERANCE": 1,
    }


def cache_settings(*, broker_url: str, home: Path) -> dict[str, Any]:
    """Where the limits are counted: for all web processes of an instance in one place."""
    if broker_url.startswith(("redis://", "rediss://")):
        return {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": broker_url,
                "KEY_PREFIX": "whetstone",
            }
        }
    return {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(home / "cache"),
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    }
