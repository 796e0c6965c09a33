"""What the package offers is loaded when it is asked for, so no module may take a name of it."""

from pkgutil import iter_modules

from retraining import services


def test_no_service_has_the_name_of_a_module():
    modules = {module.name for module in iter_modules(services.__path__)}
    assert modules & set(services.__all__) == set()


def test_every_service_is_found_where_the_table_says():
    for name in services.__all__:
        assert getattr(services, name) is not None
