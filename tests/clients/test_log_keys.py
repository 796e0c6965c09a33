"""A production row's client is its model's: the database need not look it up to keep it there."""

import pytest
from django.db import IntegrityError, connection, transaction

from tests import factories as make


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["clients_client", "clients_maintainedmodel"])
def test_neither_client_nor_model_can_be_deleted_under_a_row(table):
    make.PredictionLogFactory()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
