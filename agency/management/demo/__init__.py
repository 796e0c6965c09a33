"""The demo: an agency with three clients, walked through half a year by real processes."""
