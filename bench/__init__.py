"""Commands that measure the service: accuracy, verdicts, label checks, pictures."""
