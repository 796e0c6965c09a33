"""Export and import of the admin's tables: bounded, logged, checked whole before anything is stored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from import_export.resources import Resource

from agency.base import clock
from agency.base.admin import FileInput, ModelAdmin, action, by_hand
from agency.base.errors import BadInput, DomainError
from agency.base.tables import Row, as_csv, as_xlsx, read_table

KINDS: Mapping[str, tuple[Callable[..., bytes], str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
CHECKED_FOR = 3600  # seconds in which a checked file may be imported


class ExportAdmin(ModelAdmin):
    """Chosen rows, or all of a filtered list, as CSV or XLSX; who may see them may take them along."""

    export_resource: ClassVar[type[Resource]]
    export_most = 20_000

    def get_actions(self, request: HttpRequest) -> Any:
        found = super().get_actions(request)
        for name in ("export_csv", "export_xlsx"):
            found[name] = self.get_action(name)
        return found

    @action(description="Export as CSV", permissions=["view"])
    def export_csv(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        return self._export(request, rows, "csv")

    @action(description="Export as XLSX", permissions=["view"])
    def export_xlsx(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        return self._export(request, rows, "xlsx")

    def _export(self, request: HttpRequest, rows: QuerySet[Any], kind: str) -> HttpResponse | None:
        names = self.model._meta.verbose_name_plural
        most = self.export_most
        if rows.order_by().values("pk")[: most + 1].count() > most:
            messages.error(request, f"At most {most:,} {names} fit in one file: filter the list.")
            return None
        # What the list left in the database the file needs.
        table = self.export_resource().export(rows.defer(None))
        write, content_type = KINDS[kind]
        content = write(table.headers, table)
        asked = request.GET.urlencode()[:500] or "none"
        user: Any = request.user
        LogEntry.objects.create(
            user=user,
            content_type=get_content_type_for_model(self.model),
            object_repr=f"{len(table)} {names}"[:200],
            action_flag=CHANGE,
            change_message=f"Exported {len(table)} {names} as {kind.upper()}, filter: {asked}",
        )
        day = f"{clock.now():%Y-%m-%d}"
        name = f"{self.model._meta.model_name}-{day}.{kind}"
        return HttpResponse(
            content,
            content_type=content_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


@dataclass(frozen=True)
class Asked:
    """Who imports, when, from which file, and what else they chose on the form."""

    by: str
    at: datetime
    file: str
    chosen: Mapping[str, Any]


class Importer:
    """What takes the rows of one file in; made anew for every run.

    ``columns`` are those that are read; of them ``needed`` must be in the file.
    """

    columns: ClassVar[tuple[str, ...]]
    needed: ClassVar[tuple[str, ...]]

    def __init__(self, asked: Asked) -> None:
        self.asked = asked

    def take(self, row: Row) -> models.Model | None:
        """Store one row, and return what it changed; None: it changes nothing.

        Raises ``DomainError`` or ``ValidationError`` for a row that cannot be stored.
        """
        raise NotImplementedError


@dataclass
class Imported:
    """What a run would change or changed, how many rows change nothing, and what is wrong by row."""

    changed: list[models.Model] = field(default_factory=list)
    same: int = 0
    wrong: list[tuple[int, str]] = field(default_factory=list)


def run_import(importer: Importer, rows: Sequence[Row], *, dry_run: bool) -> Imported:
    """All rows or none: with one bad row, and in a dry run, nothing is stored."""
    done = Imported()
    with transaction.atomic():
        for number, row in enumerate(rows, start=2):
            if not any(row.values()):
                continue
            try:
                with transaction.atomic():
                    changed = importer.take(row)
            except (DomainError, ValidationError) as error:
                done.wrong.append((number, _sentence(error)))
                continue
            if changed is None:
                done.same += 1
            else:
                done.changed.append(changed)
        if dry_run or done.wrong:
            transaction.set_rollback(True)
    return done


class UploadForm(forms.Form):
    """The file; importers that ask for more extend this."""

    file = forms.FileField(
        label="CSV or XLSX file",
        widget=FileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text="It is checked first. Nothing is stored before you confirm.",
    )


class ImportAdmin(ExportAdmin):
    """A file is checked whole, then confirmed, then stored whole or not at all."""

    importer: ClassVar[type[Importer]]
    import_form: ClassVar[type[UploadForm]] = UploadForm
    import_note = ""
    actions_list = ("import_rows",)

    @by_hand(description="Import ...", url_path="import", icon="upload")
    def import_rows(self, request: HttpRequest) -> HttpResponse:
        """Two steps on one address: the file and its check, then the checked rows."""
        context: dict[str, Any] = {}
        form = self.import_form()
        try:
            if "checked" in request.POST:
                return self._store(request)
            if request.method == "POST":
                form = self.import_form(request.POST, request.FILES)
                if form.is_valid():
                    context = self._check(request, form)
        except DomainError as error:
            context = {"refused": str(error)}
        context |= {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": f"Import {self.model._meta.verbose_name_plural}",
            "form": form,
            "note": self.import_note,
            "columns": self.importer.columns,
            "needed": self.importer.needed,
            "back": self._list(),
        }
        return TemplateResponse(request, "admin/import.html", context)

    def _check(self, request: HttpRequest, form: forms.Form) -> dict[str, Any]:
        given = {**form.cleaned_data}
        file = given.pop("file")
        rows = read_table(name=file.name, content=file.read())
        missing = set(self.importer.needed) - set(rows[0] if rows else ())
        if missing:
            raise BadInput(f"the file has no rows, or no column {', '.join(sorted(missing))}")
        kept = [{name: row.get(name, "") for name in self.importer.columns} for row in rows]
        chosen = {name: getattr(value, "pk", value) for name, value in given.items()}
        done = run_import(
            self.importer(self._asked(request, file.name, chosen)), kept, dry_run=True
        )
        checked = {"rows": kept, "file": file.name, "chosen": chosen}
        return {
            "done": done,
            "shown": [str(changed)[:120] for changed in done.changed[:20]],
            "wrong": done.wrong[:100],
            "checked": ""
            if done.wrong or not done.changed
            else signing.dumps(checked, salt=self._salt(request), compress=True),
        }

    def _store(self, request: HttpRequest) -> HttpResponse:
        try:
            checked = signing.loads(
                request.POST["checked"], salt=self._salt(request), max_age=CHECKED_FOR
            )
        except signing.BadSignature as error:
            raise BadInput("the check is too old; check the file again") from error
        asked = self._asked(request, checked["file"], checked["chosen"])
        done = run_import(self.importer(asked), checked["rows"], dry_run=False)
        if done.wrong:
            number, why = done.wrong[0]
            raise BadInput(f"nothing was stored: since the check, row {number} is wrong: {why}")
        # One by one: each goes into the history of its own row, with the file that it is from.
        for changed in done.changed:
            self.log_change(request, changed, f"Imported from {asked.file}")
        names = self.model._meta.verbose_name_plural
        messages.success(request, f"Imported {len(done.changed)} {names}; {done.same} were so.")
        return redirect(self._list())

    def _asked(self, request: HttpRequest, file: str, chosen: Mapping[str, Any]) -> Asked:
        return Asked(request.user.get_username(), clock.now(), file[:150], chosen)

    def _salt(self, request: HttpRequest) -> str:
        return f"import:{self.model._meta.label}:{request.user.pk}"

    def _list(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


def _sentence(error: DomainError | ValidationError) -> str:
    if isinstance(error, ValidationError):
        return " ".join(
            f"{name}: {' '.join(told)}" if name != "__all__" else " ".join(told)
            for name, told in (
                error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
            ).items()
        )
    return str(error)
