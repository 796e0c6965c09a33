"""Laws of the tables: whose every row is, is known to the database and leads its unique keys."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import ForeignKey

from agency.base.row_security import Protect

# Tables of nobody in particular. Whatever is not here belongs to a client.
GLOBAL = {
    *("clients_tier", "clients_historicaltier"),
    *("clients_agencysettings", "clients_historicalagencysettings"),
}
OURS = ("clients", "retraining", "reports")
ROOTS = {"clients_client", "clients_maintainedmodel"}


def tables():
    found = (model for label in OURS for model in apps.get_app_config(label).get_models(True))
    return {model._meta.db_table: model for model in found if model._meta.managed}


def protected():
    nodes = MigrationLoader(None, ignore_no_migrations=True).disk_migrations.values()
    return {
        operation.table: operation
        for migration in nodes
        for operation in migration.operations
        if isinstance(operation, Protect)
    }


def test_every_table_of_a_client_is_behind_the_second_wall():
    assert set(tables()) - GLOBAL - set(protected()) == set()


def test_the_wall_stands_before_no_table_that_is_gone_or_of_nobody():
    assert set(protected()) - set(tables()) == set()
    assert set(protected()) & GLOBAL == set()


def test_a_global_table_leads_to_no_client():
    for table in GLOBAL:
        related = {field.related_model for field in tables()[table]._meta.fields}
        assert not related & {tables()[other] for other in set(tables()) - GLOBAL}


@pytest.mark.parametrize("table", sorted(protected()))
def test_a_policy_names_the_columns_by_which_the_table_belongs_to_its_client(table):
    rule, model = protected()[table], tables()[table]
    columns = {field.column: field for field in model._meta.fields}
    if rule.client:
        assert rule.client in columns
        # A row that names its model, too, must not name another client's.
        assert bool(rule.model) == ("client_id" in columns and "model_id" in columns)
    if rule.parent:
        column, parent = rule.parent
        assert "client_id" not in columns, "its own column is nearer"
        assert columns[column].related_model._meta.db_table == parent
        assert parent in protected()


def leads(model):
    """The first column of every unique key but the primary one."""
    for constraint in model._meta.total_unique_constraints:
        yield constraint.fields
    for constraint in model._meta.constraints:
        if getattr(constraint, "condition", None) is not None and hasattr(constraint, "fields"):
            yield constraint.fields
    yield from (
        [field.name] for field in model._meta.fields if field.unique and not field.primary_key
    )


@pytest.mark.parametrize("table", sorted(set(protected())))
def test_unique_keys_lead_with_the_client_or_with_what_belongs_to_it(table):
    model = tables()[table]
    for fields in leads(model):
        first = model._meta.get_field(fields[0])
        if table == "clients_client" or (table, fields[0]) == ("clients_apikey", "prefix"):
            continue  # a client is named once; a key is found by its prefix before its client is
        assert isinstance(first, ForeignKey), f"{table}: {fields}"
        assert first.related_model._meta.db_table in protected(), f"{table}: {fields}"
        if any(field.name == "client" for field in model._meta.fields):
            assert fields[0] == "client", f"{table}: {fields}"


@pytest.mark.servers
def test_the_database_forces_what_the_migrations_say(walled):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relrowsecurity AND relforcerowsecurity"
        )
        forced = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT tablename, policyname, roles::text FROM pg_policies")
        policies = {(table, policy): roles for table, policy, roles in cursor.fetchall()}
    assert forced == set(protected())
    assert {table for table, _ in policies} == forced
    for table in forced:
        assert policies[table, "client_sees_own"] == "{whetstone_client}"
        assert policies[table, "agency_sees_all"] == "{whetstone_agency}"
        assert (table, "owner_migrates") in policies
    assert len(policies) == 3 * len(forced)
