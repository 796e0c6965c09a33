"""Profiles: counts of rows on bins that a version's training data fixed.

reference   the bins, and what the training rows count on them
counts      the counts of some rows, which add up
counting    rows -> counts, by version and segment; pure
daily       a day's counts, stored, and counted again when its rows have changed
window      the counts of a window: whole days from what is stored, the rest from rows
"""

from retraining.profiles.counts import Counts
from retraining.profiles.daily import dirty_days, keep_days, profile_days
from retraining.profiles.reference import profile, reference_profile
from retraining.profiles.window import window_counts

__all__ = [
    "Counts",
    "dirty_days",
    "keep_days",
    "profile",
    "profile_days",
    "reference_profile",
    "window_counts",
]
