"""PostgreSQL: who the database takes us for, whatever happens to a request or its connection."""

from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client as Browser
from django.test import RequestFactory

from agency.base.row_security import MakeRoles, RolesMissing
from agency.base.tenancy import WallMiddleware, as_client, enter
from clients.models import ApiKey, Client, MaintainedModel, Outcome, Usage
from tests.isolation.databases import default_database
from tests.isolation.tenants import AT, ring

pytestmark = pytest.mark.servers


def twice(client):
    """Breaks a unique key."""
    for _ in range(2):
        Usage.objects.create(client=client, kind="rows", starts_at=AT)


def whoami():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('whetstone.client', true)")
        return cursor.fetchone()


def run_sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def visible():
    return set(MaintainedModel.objects.values_list("client__slug", flat=True))


AGENCY = ("whetstone_agency", "")


@pytest.fixture
def pair(tiers_there):
    """Two clients, and their sides in the matrix."""
    sides = ring(2, tiers_there["basic"])
    return list(Client.objects.order_by("slug")), sides


def through(view, key=None):
    """What the middleware makes of a request that ``view`` answers."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    request = RequestFactory().get("/api/v1/anything", headers=headers)
    return WallMiddleware(view)(request)


def test_a_client_sees_and_writes_its_own_rows_only(pair):
    (one, two), _ = pair
    models = {model.client_id: model for model in MaintainedModel.objects.all()}
    assert visible() == {one.slug, two.slug}
    with as_client(one):
        assert visible() == {one.slug}
        assert list(Client.objects.all()) == [one]
        mine = {"row_id": "r", "name": "paid", "value": 1.0, "received_at": AT}
        Outcome.objects.create(client=one, model=models[one.pk], **mine)
        for client, model in ((two, models[two.pk]), (one, models[two.pk]), (two, models[one.pk])):
            with pytest.raises(DatabaseError, match="row-level security"):
                Outcome.objects.create(client=client, model=model, **mine | {"name": "other"})
        assert Outcome.objects.filter(client=two).update(value=2) == 0
        assert Outcome.objects.filter(client=two).delete()[0] == 0
    with as_client(two):
        assert not Outcome.objects.exists()
    assert Outcome.objects.count() == 1
    assert whoami() == AGENCY


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE clients_client SET rows_a_day = NULL",
        "UPDATE clients_apikey SET scopes = '[]'",
        "INSERT INTO clients_membership (client_id, user_id, role) VALUES (1, 1, 'lead')",
        "DELETE FROM reports_monthlyreport",
        "SELECT * FROM auth_user",
        "SELECT * FROM django_session",
        "TRUNCATE clients_outcome",
        "ALTER TABLE clients_outcome DISABLE ROW LEVEL SECURITY",
    ],
)
def test_what_staff_alone_may_do_no_request_of_a_client_can(statement, pair):
    (one, _), _ = pair
    with as_client(one), pytest.raises(DatabaseError, match=r"permission denied|must be owner"):
        run_sql(statement)


def test_the_role_that_owns_the_tables_sees_no_row(pair, walled_url):
    with psycopg.connect(walled_url) as owner:
        assert owner.execute("SELECT count(*) FROM clients_client").fetchone() == (0,)
        assert owner.execute("SELECT count(*) FROM reports_monthlyreport").fetchone() == (0,)
        owner.execute("SET ROLE whetstone_client")
        assert owner.execute("SELECT count(*) FROM clients_client").fetchone() == (0,)


def test_before_the_key_is_checked_only_its_own_row_can_be_read(pair):
    _, sides = pair
    seen = []

    def view(request):
        seen.append((whoami()[0], set(ApiKey.objects.values_list("prefix", flat=True)), visible()))
        return HttpResponse()

    key = sides[0].keys["integration"]
    through(view, key)
    through(view)
    prefix = key.partition(".")[0]
    assert seen == [("whetstone_client", {prefix}, set()), ("whetstone_client", set(), set())]
    assert whoami() == AGENCY


def test_a_request_that_fails_leaves_nobody_behind(pair):
    (one, _), sides = pair

    def view(request):
        enter(one)
        assert visible() == {one.slug}
        run_sql("SELECT 1 / 0")

    with pytest.raises(DatabaseError):
        through(view, sides[0].keys["integration"])
    assert whoami() == AGENCY


def test_a_failed_transaction_ends_in_who_we_were_before(pair):
    (one, _), _ = pair
    with pytest.raises(IntegrityError), transaction.atomic(), as_client(one):
        twice(one)
    assert whoami() == AGENCY
    with as_client(one):
        with pytest.raises(IntegrityError), transaction.atomic():
            twice(one)
        assert whoami() == ("whetstone_client", str(one.pk))
    assert whoami() == AGENCY


def test_a_connection_that_is_lost_comes_back_as_the_same_client(pair, walled_url):
    (one, _), sides = pair

    def view(request):
        enter(one)
        connection.close()
        assert visible() == {one.slug}
        (backend,) = run_sql("SELECT pg_backend_pid()")[0]
        with psycopg.connect(walled_url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
        return HttpResponse()

    through(view, sides[0].keys["integration"])
    assert whoami() == AGENCY


def test_what_is_streamed_after_the_view_is_still_the_clients(pair):
    (one, _), sides = pair

    def rows():
        for _ in range(2):
            yield ",".join(sorted(visible()))

    def view(request):
        enter(one)
        return StreamingHttpResponse(rows())

    answer = through(view, sides[0].keys["integration"])
    assert whoami() == AGENCY
    content = iter(answer.streaming_content)
    assert next(content).decode() == one.slug
    assert whoami() == AGENCY
    assert [chunk.decode() for chunk in content] == [one.slug]


def test_two_clients_on_one_persistent_connection_never_meet(pair):
    clients, sides = pair
    backend = run_sql("SELECT pg_backend_pid()")
    for client, side in [*zip(clients, sides, strict=True)] * 3:
        answer = Browser().get(
            "/api/v1/models", headers={"Authorization": f"Bearer {side.keys['integration']}"}
        )
        (model,) = answer.json()["results"]
        assert model["name"] == f"secret of {client.slug}"
        assert Browser().get("/healthz").status_code == 200
        assert visible() == {client.slug for client in clients}
    assert run_sql("SELECT pg_backend_pid()") == backend


def test_a_client_can_have_a_temporary_table(pair):
    (one, _), _ = pair
    with as_client(one), transaction.atomic():
        run_sql("CREATE TEMPORARY TABLE staged (row_id text) ON COMMIT DROP")
        run_sql("INSERT INTO staged VALUES ('r')")
        assert run_sql("SELECT row_id FROM staged") == [("r",)]


def test_connections_of_a_pool_are_handed_on_as_nobodys(pair, walled_url):
    (one, _), _ = pair
    with default_database(walled_url, OPTIONS={"pool": {"min_size": 1, "max_size": 1}}):
        backend = run_sql("SELECT pg_backend_pid()")
        with as_client(one):
            assert visible() == {one.slug}
            connection.close()
        assert whoami() == AGENCY
        assert run_sql("SELECT pg_backend_pid()") == backend
        connection.close_pool()


def test_a_login_that_may_make_no_roles_is_told_what_to_have_run(walled, walled_url):
    address = urlsplit(walled_url)
    with psycopg.connect(walled_url, autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS unprivileged")
        owner.execute("CREATE ROLE unprivileged LOGIN")
    theirs = address._replace(netloc=f"unprivileged@{address.hostname}:{address.port}").geturl()
    # Not a member of the two roles that there are, and not allowed to become one: it cannot connect
    # to the walled database, and cannot build a wall in another.
    with default_database(theirs), pytest.raises(DatabaseError, match="permission denied"):
        visible()
    elsewhere = address._replace(netloc=f"unprivileged@{address.hostname}:{address.port}")
    with (
        default_database(elsewhere._replace(path="/postgres").geturl()),
        connection.schema_editor() as editor,
        pytest.raises(
            RolesMissing, match="GRANT whetstone_agency, whetstone_client TO unprivileged"
        ),
    ):
        MakeRoles().build(editor)
    with psycopg.connect(walled_url, autocommit=True) as owner:
        owner.execute("DROP ROLE unprivileged")
