"""What stands on every app: the staff's first page, a client's page, people."""
