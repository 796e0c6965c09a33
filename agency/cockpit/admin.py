"""Found by Django's autodiscovery: registers the pages that stand on every app."""

from agency.cockpit import client_page, people

__all__ = ["client_page", "people"]
