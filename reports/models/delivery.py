"""A report on its way to one person's mailbox."""

from django.db import models

from agency.base.jobs import Transition
from agency.base.outbound import Outbound
from reports.models.monthly_report import MonthlyReport


class Delivery(Outbound):
    """One mail with one revision to one address. Sent at most once without a person's word.

    ``unknown``: the mail server died while it took the mail; staff see it and decide whether to send
    it again, because nobody likes the same report twice.
    """

    TRANSITION_MODEL = "DeliveryTransition"

    report = models.ForeignKey(MonthlyReport, on_delete=models.PROTECT, related_name="deliveries")
    name = models.CharField(max_length=100)
    email = models.EmailField()
    token_sha256 = models.CharField(
        max_length=64, blank=True, help_text="Of the link's token; the token itself is in the mail."
    )
    opened_at = models.DateTimeField(null=True, blank=True, help_text="The link was followed.")

    class Meta:
        ordering = ("-pk",)
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["report", "email"], name="one_delivery_per_address")
        ]
        indexes = [models.Index(fields=["token_sha256"], name="deliveries_by_token")]

    def __str__(self) -> str:
        return f"{self.report} to {self.email}"


class DeliveryTransition(Transition):
    """One step of a delivery."""

    job = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="transitions")
