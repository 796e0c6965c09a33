"""The monthly report and its way to the reader: one model a file."""

from reports.models.delivery import Delivery, DeliveryTransition
from reports.models.monthly_report import MonthlyReport, ReportTransition

__all__ = ["Delivery", "DeliveryTransition", "MonthlyReport", "ReportTransition"]
