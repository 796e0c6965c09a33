from django.core.validators import MinValueValidator
from django.db import models
from simple_history.models import HistoricalRecords


class Tier(models.Model):
    """What a client pays for: how often we look, what we may do, and how much staff time it takes.

    The tier buys how often we check, never a retrain for its own sake. The three tiers of the trade
    ship as a data migration and can be edited.
    """

    slug = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=60)
    price_low = models.PositiveIntegerField(help_text="US dollars a month.")
    price_high = models.PositiveIntegerField(help_text="US dollars a month.")
    check_every_days = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1)],
        help_text="Days between two checks; 30 means a calendar month.",
    )
    retrain_every_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Days between two retrain windows, 30 meaning a calendar month; empty: none.",
    )
    new_category_support = models.BooleanField(
        default=False, help_text="New categories are found and proposed, not only reported."
    )
    ab_testing = models.BooleanField(default=False)
    staff_minutes_budget = models.PositiveSmallIntegerField(help_text="Staff minutes a month.")

    history = HistoricalRecords()

    class Meta:
        ordering = ("price_low",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price_high__gte=models.F("price_low")), name="tier_price_range"
            ),
            models.CheckConstraint(
                condition=models.Q(check_every_days__gte=1), name="tier_checks_at_all"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def may_retrain(self) -> bool:
        return self.retrain_every_days is not None
