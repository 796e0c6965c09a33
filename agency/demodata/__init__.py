"""The three demo clients' data, made afresh from a seed for the months before a date.

Pure: scikit-learn's bundled data and a ticket generator of ours in, files out.
"""

from agency.demodata.calendar import six_full_months
from agency.demodata.clients import write_all
from agency.demodata.shapes import DeclaredEvent, DemoClient, DemoDataError, MonthStory

__all__ = [
    "DeclaredEvent",
    "DemoClient",
    "DemoDataError",
    "MonthStory",
    "six_full_months",
    "write_all",
]
