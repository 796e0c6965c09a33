from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class AgencyConfig(AppConfig):
    name = "agency"

    def ready(self) -> None:
        from agency.base import tenancy

        connection_created.connect(tenancy.connected, dispatch_uid="tenancy")
        pre_migrate.connect(tenancy.migrating, dispatch_uid="tenancy")
        post_migrate.connect(tenancy.migrated, dispatch_uid="tenancy")
