"""Who we work for and what they gave us: one model a file."""

from clients.models.agency_settings import AgencySettings
from clients.models.alert import Alert
from clients.models.alert_subscription import AlertSubscription
from clients.models.api_key import ApiKey, Scope
from clients.models.client import Client, Contact, Domain, Language, Paper
from clients.models.dataset import Dataset, DatasetRow, DatasetVersion
from clients.models.idempotent_request import IdempotentRequest
from clients.models.known_event import KnownEvent
from clients.models.log_day import LogDay
from clients.models.maintained_model import MaintainedModel, Task
from clients.models.membership import Membership
from clients.models.notice import Notice, NoticeTransition
from clients.models.outcome import Outcome
from clients.models.pending_feedback import PendingFeedback
from clients.models.prediction_log import LabelSource, PredictionLog
from clients.models.privacy import Erasure, RedactionRule
from clients.models.quarantine import QuarantinedRow
from clients.models.staff_time import StaffTime
from clients.models.tier import Tier
from clients.models.upload_batch import UploadBatch
from clients.models.usage import Usage
from clients.models.webhook import Webhook

__all__ = [
    "AgencySettings",
    "Alert",
    "AlertSubscription",
    "ApiKey",
    "Client",
    "Contact",
    "Dataset",
    "DatasetRow",
    "DatasetVersion",
    "Domain",
    "Erasure",
    "IdempotentRequest",
    "KnownEvent",
    "LabelSource",
    "Language",
    "LogDay",
    "MaintainedModel",
    "Membership",
    "Notice",
    "NoticeTransition",
    "Outcome",
    "Paper",
    "PendingFeedback",
    "PredictionLog",
    "QuarantinedRow",
    "RedactionRule",
    "Scope",
    "StaffTime",
    "Task",
    "Tier",
    "UploadBatch",
    "Usage",
    "Webhook",
]
