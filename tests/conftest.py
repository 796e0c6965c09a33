"""What every test stands on: an instance of its own, files of its own, and the servers if any."""

import atexit
import os
import shutil
import tempfile
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import django
import psycopg
import pytest
import redis
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

# Before Django reads its settings, and in every xdist worker again: no test may see the checkout's
# own instance, its spool least of all. A server named by the caller's environment is no test's.
HOME = Path(tempfile.mkdtemp(prefix="whetstone-test-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
for name in ("DATABASE_URL", "BROKER_URL", "STORAGE_URL", "EMAIL_URL", "TLS", "DEBUG"):
    os.environ.pop(name, None)
os.environ["WHETSTONE_HOME"] = str(HOME)
os.environ["DJANGO_SETTINGS_MODULE"] = "agency.settings"
django.setup()

hypothesis_settings.register_profile(
    "suite",
    max_examples=50,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("suite")


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path_factory):
    """Stored files of one test are seen by no other; the folder is made at the first write."""
    folder = tmp_path_factory.getbasetemp() / f"files-{uuid.uuid4().hex}"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(folder)},
        }
    }
    # Argon2 takes a tenth of a second by design.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    """Most tests are of something else than how staff sign in."""
    settings.STAFF_MFA = "optional"


@pytest.fixture
def tiers(db):
    """The three tiers of the trade by slug."""
    from tests.factories import the_tiers

    return the_tiers()


def _from_script_test(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.skip(f"needs {name}: run script/test, which starts the private servers")
    return value


@pytest.fixture
def postgres_url():
    """An empty database on script/test's PostgreSQL, owned by a role that is no superuser."""
    server = _from_script_test("WHETSTONE_TEST_DATABASE_URL")
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield urlsplit(server)._replace(path=f"/{name}").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def redis_url(worker_id):
    """script/test's Redis, emptied; every xdist worker has a numbered database of its own."""
    server = _from_script_test("WHETSTONE_TEST_BROKER_URL")
    number = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    url = urlsplit(server)._replace(path=f"/{number}").geturl()
    with redis.Redis.from_url(url) as connection:
        connection.flushdb()
    return url


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real scenarios beside the checkout."""
    folder = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs ../shared/data, which is not beside this checkout")
    return folder
