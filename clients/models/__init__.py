"""Who we work for and what they gave us: one model a file."""

from clients.models.agency_settings import AgencySettings
from clients.models.alert import Alert
from clients.models.api_key import ApiKey
from clients.models.client import Client, Contact, Domain, Language
from clients.models.dataset import Dataset, DatasetRow, DatasetVersion
from clients.models.known_event import KnownEvent
from clients.models.maintained_model import MaintainedModel, Task
from clients.models.membership import Membership
from clients.models.prediction_log import LabelSource, PredictionLog
from clients.models.quarantine import QuarantinedRow
from clients.models.tier import Tier
from clients.models.upload_batch import UploadBatch

__all__ = [
    "AgencySettings",
    "Alert",
    "ApiKey",
    "Client",
    "Contact",
    "Dataset",
    "DatasetRow",
    "DatasetVersion",
    "Domain",
    "KnownEvent",
    "LabelSource",
    "Language",
    "MaintainedModel",
    "Membership",
    "PredictionLog",
    "QuarantinedRow",
    "Task",
    "Tier",
    "UploadBatch",
]
