"""Another default database for a while."""

from contextlib import contextmanager

import environ
from django.db import connections


@contextmanager
def default_database(url, **settings):
    """In this process, for as long as it lasts, the default database is another one."""
    before = connections["default"]
    settings = environ.Env.db_url_config(url) | settings
    configured = connections.configure_settings({"default": settings})["default"]
    there = connections.settings["default"]
    connections.settings["default"] = configured
    connections["default"] = connections.create_connection("default")
    try:
        yield connections["default"]
    finally:
        connections["default"].close()
        connections["default"] = before
        connections.settings["default"] = there
