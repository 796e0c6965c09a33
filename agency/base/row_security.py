"""What a migration says to put a table behind the second wall (``agency.base.tenancy``).

``MakeRoles`` comes once, ``Protect`` for every table that belongs to a client, in the migration that
makes the table or after it::

    Protect("clients_outcome", client="client_id", model="model_id")
    Protect("retraining_evalrun", parent=("version_id", "retraining_modelversion"))

On other databases than PostgreSQL they do nothing.
"""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.utils import ProgrammingError

from agency.base.errors import DomainError
from agency.base.tenancy import AGENCY, CLIENT

MODELS = "clients_maintainedmodel"
# The inner SELECT is run once a query and not once a row.
WHO = "(SELECT NULLIF(current_setting('whetstone.client', true), '')::bigint)"

ADMINISTRATOR = """
CREATE ROLE {agency} NOLOGIN;
CREATE ROLE {client} NOLOGIN;
GRANT {agency}, {client} TO {login}{options};
"""

# Roles belong to the whole cluster: another database may have made them, or be about to.
MAKE = """
DO $$
DECLARE
    wanted text;
    tries int := 0;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['{agency}', '{client}'] LOOP
        LOOP
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
                    EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
                END IF;
                IF NOT EXISTS (
                    SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
                    WHERE r.rolname = wanted AND m.member = '{login}'::regrole {set_option}
                ) AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = '{login}') THEN
                    EXECUTE format('GRANT %I TO {login}{options}', wanted);
                END IF;
                EXIT;
            EXCEPTION
                WHEN insufficient_privilege THEN RAISE;
                -- Somebody else makes or grants the same at this moment.
                WHEN duplicate_object OR unique_violation OR internal_error THEN
                    tries := tries + 1;
                    IF tries > 20 THEN RAISE; END IF;
                    PERFORM pg_sleep(0.05);
            END;
        END LOOP;
    END LOOP;
END $$
"""

GRANT = """
GRANT USAGE ON SCHEMA {schema} TO {agency}, {client};
GRANT TEMPORARY ON DATABASE {database} TO {agency}, {client};
GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {agency};
GRANT ALL ON ALL SEQUENCES IN SCHEMA {schema} TO {agency};
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT ALL ON TABLES TO {agency};
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT ALL ON SEQUENCES TO {agency};
"""

TAKE_BACK = """
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} REVOKE ALL ON TABLES FROM {agency};
ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} REVOKE ALL ON SEQUENCES FROM {agency};
REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {agency}, {client};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {agency}, {client};
REVOKE ALL ON SCHEMA {schema} FROM {agency}, {client};
REVOKE TEMPORARY ON DATABASE {database} FROM {agency}, {client};
"""

BUILD = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY agency_sees_all ON {table} TO {agency} USING ({agency_is}) WITH CHECK ({agency_is});
CREATE POLICY client_sees_own ON {table} TO {client} USING ({sees}) WITH CHECK ({writes});
CREATE POLICY owner_migrates ON {table} TO {login}
    USING (current_setting('whetstone.migrating', true) = 'on')
    WITH CHECK (current_setting('whetstone.migrating', true) = 'on');
GRANT {grants} ON {table} TO {client};
"""

TEAR_DOWN = """
REVOKE ALL ON {table} FROM {client};
DROP POLICY owner_migrates ON {table};
DROP POLICY client_sees_own ON {table};
DROP POLICY agency_sees_all ON {table};
ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
"""


class RolesMissing(DomainError):
    """The role that logged in may not make the two roles: an administrator has to."""

    code = "roles_missing"


class OnPostgres(Operation):
    """Changes nothing that Django keeps, and nothing on another database."""

    reduces_to_sql = True
    reversible = True
    forwards = backwards = ""

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Row security is no part of a model's state."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            self.build(schema_editor)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            self.tear_down(schema_editor)

    def build(self, schema_editor: BaseDatabaseSchemaEditor) -> None:
        raise NotImplementedError

    def tear_down(self, schema_editor: BaseDatabaseSchemaEditor) -> None:
        raise NotImplementedError


def names(schema_editor: BaseDatabaseSchemaEditor) -> dict[str, str]:
    """What stands in the statements above; identifiers are quoted."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(session_user), quote_ident(current_schema()),"
            " quote_ident(current_database()), current_setting('server_version_num')::int"
        )
        login, schema, database, version = cursor.fetchone()
    # Who logged in has to become one of the two roles to see a row. Since 16 a grant says itself
    # that rights do not come with it; before, a policy has to ask who is there.
    explicit = version >= 160000
    return {
        "agency": AGENCY,
        "client": CLIENT,
        "login": login,
        "schema": schema,
        "database": database,
        "options": " WITH INHERIT FALSE, SET TRUE" if explicit else "",
        "set_option": "AND m.set_option" if explicit else "",
        "agency_is": "true" if explicit else f"(SELECT current_user = '{AGENCY}')",
    }


class MakeRoles(OnPostgres):
    """The two roles, and what they may do; tables that come later are granted to the agency's."""

    def build(self, schema_editor: BaseDatabaseSchemaEditor) -> None:
        named = names(schema_editor)
        try:
            schema_editor.execute(MAKE.format(**named), params=None)
        except ProgrammingError as error:
            if getattr(error.__cause__, "sqlstate", "") != "42501":
                raise
            raise RolesMissing(
                "the database's login may not make its two roles; let an administrator run:"
                + ADMINISTRATOR.format(**named)
            ) from error
        schema_editor.execute(GRANT.format(**named), params=None)

    def tear_down(self, schema_editor: BaseDatabaseSchemaEditor) -> None:
        # The roles stay: another database of the cluster may use them.
        schema_editor.execute(TAKE_BACK.format(**names(schema_editor)), params=None)

    def describe(self) -> str:
        return "Make the roles of the second wall"


class GrantToClients(OnPostgres):
    """Tables of nobody in particular that a client's requests read: tiers, the agency's settings."""

    def __init__(self, *tables: str) -> None:
        self.tables = tables

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        return type(self).__name__, self.tables, {}

    def build(self, schema_editor: BaseDatabaseSchemaEditor) -> None:
        schema_editor.execute(f"GRANT SELECT ON {', '.join(self.tables)} TO {CLIENT}", params=None)

    def tear_down(self, schema_editor: BaseDatabaseSchemaEditor) -> None:
        tables = ", ".join(self.tables)
        schema_editor.execute(f"REVOKE SELECT ON {tables} FROM {CLIENT}", params=None)  # noqa: S608

    def describe(self) -> str:
        return f"Let clients read {', '.join(self.tables)}"


class Protect(OnPostgres):
    """Row-level security of one table, forced upon its owner too.

    ``client`` is the column with the client's id. Without one, ``parent`` is the column and the
    table that it refers to, whose own policy decides. ``model`` is the column of the model beside
    ``client``: a row of ours must not be written under the model of another client. ``sees`` replaces
    the condition; ``grants`` says what the client's role may do with the rows that it sees.
    """

    def __init__(
        self,
        table: str,
        *,
        client: str = "",
        model: str = "",
        parent: tuple[str, str] | None = None,
        sees: str = "",
        grants: str = "SELECT, INSERT, UPDATE, DELETE",
    ) -> None:
        self.table, self.client, self.model = table, client, model
        self.parent, self.sees, self.grants = parent, sees, grants
        if not (client or parent or sees):
            raise ValueError(f"{table}: by which column does it belong to a client?")

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        named = ("client", "model", "parent", "sees", "grants")
        return type(self).__name__, (self.table,), {name: getattr(self, name) for name in named}

    def build(self, schema_editor: BaseDatabaseSchemaEditor) -> None:
        sees = self.sees or (f"{self.client} = {WHO}" if self.client else _through(self.parent))
        writes = f"{self.client} = {WHO}" if self.client else sees
        if self.client and self.model:
            ours = _through((self.model, MODELS))
            writes += f" AND ({self.model} IS NULL OR {ours})"
        statement = BUILD.format(
            table=self.table,
            sees=sees,
            writes=writes,
            grants=self.grants,
            **names(schema_editor),
        )
        schema_editor.execute(statement, params=None)

    def tear_down(self, schema_editor: BaseDatabaseSchemaEditor) -> None:
        schema_editor.execute(TEAR_DOWN.format(table=self.table, client=CLIENT), params=None)

    def describe(self) -> str:
        return f"Show a client only its own rows of {self.table}"


def _through(parent: tuple[str, str] | None) -> str:
    assert parent
    return f"{parent[0]} IN (SELECT id FROM {parent[1]})"  # noqa: S608 - both stand in a migration
