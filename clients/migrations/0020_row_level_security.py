"""The second wall: which rows of these tables a client's requests can see or write at all."""

from django.db import migrations

from agency.base.row_security import WHO, GrantToClients, MakeRoles, Protect

# Before a key is checked only its own row can be read, and the client that it claims to be of.
KEY = "(SELECT current_setting('whetstone.key', true))"
CLAIMED = f"(SELECT client_id FROM clients_apikey WHERE prefix = {KEY})"  # noqa: S608
# What staff alone change.
READ = "SELECT"
# Two uploads to one model wait for each other by its row, and a lock needs the right to some column.
LOCK = "SELECT, UPDATE (id)"
MODEL = ("model_id", "clients_maintainedmodel")
DATASET = ("dataset_id", "clients_dataset")


class Migration(migrations.Migration):
    dependencies = [("clients", "0019_api_key_by")]

    operations = [
        MakeRoles(),
        GrantToClients("clients_tier", "clients_agencysettings"),
        Protect(
            "clients_apikey",
            sees=f"client_id = {WHO} OR prefix = {KEY}",
            grants="SELECT, UPDATE (last_used_at)",
        ),
        Protect("clients_client", sees=f"id = (SELECT COALESCE({WHO}, {CLAIMED}))", grants=READ),
        Protect("clients_historicalclient", client="id", grants=READ),
        Protect("clients_contact", client="client_id", grants=READ),
        Protect("clients_membership", client="client_id", grants=READ),
        Protect("clients_redactionrule", client="client_id", grants=READ),
        Protect("clients_historicalredactionrule", client="client_id", grants=READ),
        Protect("clients_erasure", client="client_id", grants=READ),
        Protect("clients_maintainedmodel", client="client_id", grants=LOCK),
        Protect("clients_historicalmaintainedmodel", client="client_id", grants=READ),
        Protect("clients_alert", parent=MODEL),
        Protect("clients_dataset", parent=MODEL),
        Protect("clients_datasetversion", parent=DATASET),
        Protect("clients_datasetrow", parent=DATASET),
        Protect("clients_idempotentrequest", client="client_id"),
        Protect("clients_knownevent", client="client_id", model="model_id"),
        Protect("clients_historicalknownevent", client="client_id", model="model_id"),
        Protect("clients_logday", client="client_id", model="model_id"),
        Protect("clients_outcome", client="client_id", model="model_id"),
        Protect("clients_pendingfeedback", client="client_id", model="model_id"),
        Protect("clients_predictionlog", client="client_id", model="model_id"),
        Protect("clients_uploadbatch", parent=MODEL),
        Protect("clients_quarantinedrow", parent=("batch_id", "clients_uploadbatch")),
        Protect("clients_usage", client="client_id"),
    ]
