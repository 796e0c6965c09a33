"""Hand-made facts: months that a client could have had."""

from dataclasses import replace
from math import sqrt

from reports import facts as f

BRAND = f.Brand(
    name="Nordlicht Analytics",
    logo_svg="",
    primary="#1f4e79",
    accent="#c8102e",
    footer="Nordlicht Analytics GmbH, Hamburg",
)


def rate(estimate: float, n: int) -> f.Rate:
    """A rate with its Wilson interval."""
    z, p = 1.96, estimate
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return f.Rate(estimate, max(0.0, middle - half), min(1.0, middle + half), n)


def categories(count: int, *, basis: str = "comparison") -> f.Categories:
    """``count`` categories: some better, one or two worse, many the same, some with few rows."""
    rows = []
    for i in range(count):
        n = 12 + i % 30
        before = 0.55 + (i * 7 % 40) / 100
        verdict, after = "same", min(1.0, before + 0.02)
        if i % 9 == 1:
            verdict, after = "worse", before - 0.3
        elif i % 5 == 0:
            verdict, after = "better", min(1.0, before + 0.35)
        elif i % 4 == 3:
            verdict, n = "thin", 3
        difference = f.Difference(after - before, None, None, n, 3, 1)
        name = f"category_{i:02d}_of_the_help_desk"
        old = None if basis == "golden" else rate(before, n)
        rows.append(f.Category(name, old, rate(after, n), difference, verdict))
    rank = {"worse": 0, "better": 1, "same": 2, "thin": 3}
    rows.sort(key=lambda row: (rank[row.verdict], row.name))
    labels = ("2025-02", "2025-03") if basis == "audit" else ("v1.0", "v1.1")
    return f.Categories(basis, *labels, 5, tuple(rows))


def retrained(count: int = 20) -> f.Model:
    """A month in which new categories came up and a new version went live."""
    days = ("2025-01-01", "2025-01-31", "2025-02-28", "2025-03-31")
    audits = (None, rate(0.88, 97), rate(0.894, 97), rate(0.66, 92))
    points = tuple(
        f.Point(day, "v1.0", rate(0.91, 100) if i < 3 else rate(0.7, 130), 1 if i < 3 else 2, audit)
        for i, (day, audit) in enumerate(zip(days, audits, strict=True))
    )
    steps = (420, 420, 420, 540)
    return f.Model(
        slug="intents",
        name="Help-desk intents",
        task="text",
        version="v1.1",
        measured="v1.0",
        golden=rate(0.7, 130),
        golden_version=2,
        audit=rate(0.66, 92),
        audit_before=rate(0.894, 97),
        after_golden=rate(0.86, 130),
        points=points,
        deployments=(
            f.Deployment("2025-01-01", "v1.0", "", "launch", "onboarding", "launch", False),
            f.Deployment(
                "2025-04-01", "v1.1", "v1.0", "deployed", "anna", "Fixes the new cards.", True
            ),
        ),
        findings=f.Findings(
            day="2025-03-31",
            verdict="retrain",
            causes=(
                f.Cause(
                    "new_category",
                    "People used 2 labels that the model does not know: apple_pay_or_google_pay "
                    "(21 rows on 14 days), automatic_top_up (17 rows on 12 days), since 2025-03-02.",
                    "2025-03-02",
                    True,
                ),
                f.Cause(
                    "mix_shift", "The prediction mix moved (PSI 0.31, critical 0.12).", "", True
                ),
            ),
            new_categories=("apple_pay_or_google_pay", "automatic_top_up"),
            weak_categories=(),
            faults=(),
            excluded=(),
            untrusted_signals=(),
            signals_checked=9,
            signals_tripped=("prediction_psi",),
            expected_gain=None,
        ),
        trials=(
            f.Trial(
                day="2025-03-31",
                verdict="promote",
                incumbent="v1.0",
                candidate="v1.1",
                arm="from scratch",
                golden_version=2,
                before=rate(0.7, 130),
                after=rate(0.86, 130),
                overall=f.Difference(0.16, 0.09, 0.23, 130, 24, 3),
                new=f.Difference(0.8, 0.6, 0.93, 30, 24, 0),
                target=None,
                protected=f.Difference(-0.03, -0.06, 0.0, 100, 0, 3),
                reasons=("24 rows fixed against 3 broken (one-sided exact McNemar p < 0.0001).",),
                label_more=0,
                deployed=True,
            ),
        ),
        rulings=(
            f.Ruling("2025-03-20", "overrule", "ben", "The campaign is over, look again.", ""),
            f.Ruling("2025-04-01", "approve", "anna", "Fixes the new cards.", "v1.1"),
        ),
        not_done=(f.NotDone("2025-03-15", "healthy", "no_action", "mix_shift", ()),),
        categories=categories(count),
        data=f.Data(
            steps=tuple(
                f.Step(day, 1 + (i == 3), rows, 1 + (i == 3), 100 + 30 * (i == 3))
                for i, (day, rows) in enumerate(zip(days, steps, strict=True))
            ),
            changes=(
                f.DataChange("training", 2, 540, 120, 0, "auto-curation", "cycle 3"),
                f.DataChange("golden", 2, 130, 30, 0, "import", "new categories"),
            ),
            proposed=140,
            accepted=120,
            set_aside=(
                f.Count("golden_copy", 10),
                f.Count("label_suspect", 8),
                f.Count("duplicate", 2),
            ),
        ),
        service=f.Service(
            tier="Premium",
            every_days=14,
            retrain_every_days=14,
            promised=2,
            checks=(f.Check("2025-03-15", "healthy"), f.Check("2025-03-31", "live")),
            rows=458,
            reviewed=92,
            corrected=51,
            targeted=0,
            awaited=0,
        ),
        events=(f.Event("campaign", "Spring offer", "2025-03-11", "2025-03-14"),),
        next=(
            f.Next("confirm", "", 0, ("v1.1",)),
            f.Next("next_check", "2025-04-15", 0, ()),
        ),
        care=f.Care(145.0, f.Answered(3, 1, 1, 3.0, 3.0), f.Answered(1, 1, 0, 20.5, 20.5)),
    )


def broken_feed() -> f.Model:
    """A tabular model whose sensor changed its unit: the client has to repair it."""
    model = retrained(6)
    return replace(
        model,
        slug="demand",
        name="Bike demand",
        task="tabular",
        version="v1.0",
        audit=rate(0.61, 80),
        after_golden=None,
        deployments=model.deployments[:1],
        findings=replace(
            model.findings,
            verdict="fix_upstream",
            causes=(
                f.Cause(
                    "unit_change",
                    "Since 2025-03-10 the field temp_c reads 1.8 × true + 32, in 210 rows.",
                    "2025-03-10",
                    True,
                ),
            ),
            new_categories=(),
            faults=(f.Fault("temp_c", "field", "unit_change", "2025-03-10", 1.8, 32.0),),
            excluded=(("2025-03-10", "2025-03-31"),),
        ),
        trials=(),
        rulings=(),
        not_done=(f.NotDone("2025-03-31", "upstream", "fix_upstream", "unit_change", ()),),
        categories=categories(6, basis="audit"),
        service=replace(
            model.service, checks=(f.Check("2025-03-31", "upstream"),), promised=1, awaited=4
        ),
        next=(
            f.Next("repair", "", 0, ("temp_c",)),
            f.Next("label_audit", "", 4, ()),
            f.Next("next_check", "2025-04-30", 0, ()),
        ),
    )


def report(
    *models: f.Model, language: str = "en", name: str = "Harbour Bank", paper: str = "a4"
) -> f.Report:
    """A report of March 2025."""
    return f.Report(
        format=1,
        brand=BRAND,
        client=f.Reader("harbour-bank", name, "finance", language, "Europe/Berlin", paper),
        month="2025-03",
        provisional=(),
        edition=f.Edition(1, "2025-04-02", ()),
        models=models or (retrained(),),
    )
