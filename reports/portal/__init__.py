"""The client's portal: their own models, reports, calendar, corrections and alerts."""
