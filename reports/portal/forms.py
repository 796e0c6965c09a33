"""What the portal asks people to type."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Alert, KnownEvent, MaintainedModel
from clients.schema import LONGEST_LABEL, Schema
from reports.portal.access import Visit

KINDS = [
    (KnownEvent.Kind.CAMPAIGN, _("Campaign: more or other people come")),
    (KnownEvent.Kind.RELEASE, _("Release: your product or a system changes")),
    (KnownEvent.Kind.DEPRECATION, _("Deprecation: something is no longer offered")),
    (KnownEvent.Kind.OTHER, _("Something else")),
]
SEVERITIES = [
    (Alert.Severity.ACT, _("Only when something has to be done")),
    (Alert.Severity.WATCH, _("Also when we watch something more closely")),
]
LONGEST_EVENT = timedelta(days=400)


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")  # what browsers send and expect, in every language


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DateInput(), input_formats=["%Y-%m-%d"], **more)


def _time(label: Any, **more: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label, widget=TimeInput(), input_formats=["%H:%M", "%H:%M:%S"], required=False, **more
    )


class EventForm(forms.Form):
    """An announcement: days are the client's, the last one included."""

    kind = forms.ChoiceField(label=_("What is it?"), choices=KINDS)
    title = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("As you call it, e.g. “Summer sale”.")
    )
    model = forms.ChoiceField(label=_("Which model does it touch?"), required=False)
    first = _day(_("First day"))
    begins = _time(_("from"), help_text=_("Empty: the whole day."))
    last = _day(_("Last day"), help_text=_("This day included."))
    ends = _time(_("until"), help_text=_("Empty: the whole day."))

    def __init__(
        self, *args: Any, visit: Visit, models: list[MaintainedModel], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.zone = visit.zone
        self.models = {each.slug: each for each in models}
        choice: Any = self.fields["model"]
        choice.choices = [("", _("All models")), *((each.slug, each.name) for each in models)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if {"first", "last"} <= given.keys():
            starts = self._instant("first", "begins")
            ends = self._instant("last", "ends")
            if given.get("ends") is None:
                ends = self._midnight_after()
            if ends <= starts:
                raise forms.ValidationError(_("The end has to come after the beginning."))
            if ends - starts > LONGEST_EVENT:
                raise forms.ValidationError(_("An event of more than a year explains nothing."))
            given |= {"starts_at": starts, "ends_at": ends}
        return given

    def values(self) -> dict[str, Any]:
        """The event's own fields."""
        given = self.cleaned_data
        return {
            **{name: given[name] for name in ("kind", "title", "starts_at", "ends_at")},
            "model": self.models.get(given["model"]),
        }

    def _instant(self, day: str, time: str) -> datetime:
        given = self.cleaned_data
        at = given.get(time) or datetime.min.time()
        return datetime.combine(given[day], at, tzinfo=self.zone)

    def _midnight_after(self) -> datetime:
        following = self.cleaned_data["last"] + timedelta(days=1)
        return datetime.combine(following, datetime.min.time(), tzinfo=self.zone)


def as_typed(event: KnownEvent, visit: Visit) -> dict[str, Any]:
    """An event as the form's first values."""
    starts, ends = (at.astimezone(visit.zone) for at in (event.starts_at, event.ends_at))
    whole_end = (ends.hour, ends.minute) == (0, 0)
    return {
        "kind": event.kind,
        "title": event.title,
        "model": event.model.slug if event.model else "",
        "first": starts.date(),
        "begins": starts.time() if (starts.hour, starts.minute) != (0, 0) else None,
        "last": ends.date() - timedelta(days=1) if whole_end else ends.date(),
        "ends": None if whole_end else ends.time(),
    }


class CorrectionForm(forms.Form):
    """The right answer to one row: the one that was given, another, or one that is not there yet."""

    label = forms.ChoiceField(label=_("The right answer"), required=False)
    other = forms.CharField(
        label=_("or one that is not in the list"), required=False, max_length=LONGEST_LABEL
    )

    def __init__(self, *args: Any, model: MaintainedModel, answer: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted({*Schema.from_dict(model.schema).categories, answer} - {""})
        for each in self.fields.values():
            each.either = True  # type: ignore[attr-defined]  # one of the two is needed
        choice: Any = self.fields["label"]
        choice.choices = [("", _("Please choose")), *((name, name) for name in names)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        said = [
            value for value in (given.get("label"), (given.get("other") or "").strip()) if value
        ]
        if len(said) != 1 and not self.errors:
            raise forms.ValidationError(
                _("Please choose one answer, or write one that is not in the list.")
            )
        given["right"] = said[0] if said else ""
        return given


class SubscriptionForm(forms.Form):
    """From which severity on a person wants mail."""

    severity_from = forms.ChoiceField(
        label=_("Write to me"), choices=SEVERITIES, widget=forms.RadioSelect
    )
