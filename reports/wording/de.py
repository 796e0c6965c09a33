"""Deutsch."""

from collections.abc import Mapping

from reports.wording.de_findings import STRINGS as FINDINGS

STRINGS: Mapping[str, str] = {
    **FINDINGS,
    **{
        f"month.{i}": name
        for i, name in enumerate(
            "Januar Februar März April Mai Juni Juli August September Oktober November"
            " Dezember".split(),
            1,
        )
    },
    "date.day": "{day}.\u00a0{month} {year}",
    "date.day_short": "{day}.\u00a0{month}",
    "number.span": "{low} bis {high}",
    "number.n": "n = {n}",
    "number.points": "{value} Punkte",
    "number.no_interval": "ohne Intervall",
    "quoted": "„{text}“",
    "and": "{first} und {last}",
    "more": "{n} weitere",
    "none": "keine",
    "colon": ": ",
    # --- the frame
    "title": "{client}: Modellbericht {month}",
    "kind": "Monatlicher Modellbericht",
    "page": "Seite",
    "of": "von",
    "provisional": "Vorläufig",
    "provisional.month_open": "der Monat ist noch nicht zu Ende",
    "provisional.labels_awaited": "einige zufällig gezogene Zeilen sind noch nicht beurteilt",
    "provisional.cycle_open": "eine Prüfung dieses Monats wartet noch auf eine Entscheidung",
    "provisional.note": "Dieser Bericht kann sich noch ändern: {reasons}.",
    "edition": "Fassung {n}, {day}",
    "edition.changes": "Was sich seit Fassung {n} geändert hat",
    "edition.line": "{what}: bisher {before}, jetzt {after}",
    # --- headings
    "h.month": "{month} in drei Sätzen",
    "h.accuracy": "Trefferquote im Zeitverlauf",
    "h.ask": "Worum wir Sie bitten",
    "h.found": "Was wir gefunden haben",
    "h.did": "Was wir geändert haben",
    "h.not_done": "Was wir bewusst nicht getan haben, und warum",
    "h.rulings": "Wer entschieden hat",
    "h.categories": "Wie es um jede Kategorie steht",
    "h.data": "Wie die Daten gewachsen sind",
    "h.service": "Was vereinbart war, und was wir getan haben",
    "h.events": "Bekannte Ereignisse",
    "h.next": "Wie es weitergeht",
    "h.glossary": "Die Wörter dieses Berichts",
    "h.annex": "Die übrigen Kategorien",
    "h.faults": "Was fehlerhaft ankommt",
    # --- headline figures
    "tile.audit": "Trefferquote im Betrieb",
    "tile.audit.none": "Keine zufällig gezogenen Zeilen wurden beurteilt.",
    "tile.audit.about": "{version}, an zufällig gezogenen, von Menschen beurteilten Zeilen.",
    "tile.golden": "Trefferquote an Prüfzeilen",
    "tile.golden.none": "In diesem Monat nicht gemessen.",
    "tile.golden.about": "{version}, an festen Zeilen mit bekannter Antwort (Fassung {set}).",
    "tile.golden.before": "Davor {version}: {rate}.",
    "tile.rows": "{task} im Monat",
    "tile.rows.about": "{labels} davon tragen jetzt das Urteil eines Menschen.",
    "tile.version": "Version im Einsatz",
    "tile.version.same": "In diesem Monat unverändert.",
    "tile.version.first": "Im Einsatz seit {day}; die erste Version.",
    "tile.version.new": "Im Einsatz seit {day}; davor: {before}.",
    "task.text": "Nachrichten",
    "task.tabular": "Datensätzen",
    "Task.text": "Nachrichten",
    "Task.tabular": "Datensätze",
    # --- charts
    "chart.audit": "im Betrieb (zufällig gezogene Zeilen)",
    "chart.golden": "Prüfzeilen",
    "chart.live": "{version} im Einsatz",
    "chart.percent": "richtig beantwortet, %",
    "chart.training": "Lernzeilen",
    "chart.golden_rows": "Prüfzeilen",
    "chart.before": "vorher: {name}",
    "chart.after": "nachher: {name}",
    "chart.only": "{name}",
    "chart.better": "▲ besser",
    "chart.worse": "▼ schlechter",
    "chart.thin": "zu wenige Zeilen",
    "chart.same": "nicht klar anders",
    "chart.caption": "Die Balken sind 95-%-Intervalle: Dort liegt sehr wahrscheinlich der wahre Wert.",
    "alt.accuracy": "Diagramm der Trefferquote im Zeitverlauf. {points}",
    "alt.accuracy.audit": "{day}: im Betrieb {rate}.",
    "alt.accuracy.golden": "{day}: Prüfzeilen {rate}.",
    "alt.categories": "Diagramm der Trefferquote nach Kategorie. {rows}",
    "alt.category": "{name}: {rate}, {verdict}.",
    "alt.data": "Diagramm der Datenmenge. Lernzeilen von {first} auf {last}, Prüfzeilen von"
    " {golden_first} auf {golden_last}.",
    # --- categories
    "cat.basis.comparison": "{before} und {after}, an denselben Prüfzeilen.",
    "cat.basis.audit": "Zufällig gezogene Zeilen: {before} neben {after}.",
    "cat.basis.golden": "{after} an den Prüfzeilen. Es gibt nichts Neues, das daneben stünde.",
    "cat.summary": "{better} besser, {worse} schlechter, {same} nicht klar anders, {thin} mit zu"
    " wenigen Zeilen für ein Urteil.",
    "cat.summary.golden": "{n} Kategorien; {thin} davon haben zu wenige Zeilen für ein Urteil.",
    "cat.thin": "zu wenige Zeilen für ein Urteil (n = {n})",
    "cat.better": "▲ besser",
    "cat.worse": "▼ schlechter",
    "cat.same": "nicht klar anders",
    "cat.annex": "Anteil richtiger Antworten und Zahl der Zeilen; ▲ besser, ▼ schlechter. Ein Strich:"
    " weniger als {min_n} Zeilen, zu wenige für ein Urteil.",
    "cat.annex.more": "{n} weitere Kategorien stehen in den Daten dieses Berichts.",
    "cat.first_labels": "Vormonat",
    # --- data
    "data.training": "Lernzeilen: Fassung {version}, {rows} Zeilen, {added} dazu, {removed} entfernt.",
    "data.golden": "Prüfzeilen: Fassung {version}, {rows} Zeilen, {added} dazu, {removed} entfernt.",
    "data.unchanged": "In diesem Monat kamen keine Daten dazu: {training} Lernzeilen, {golden}"
    " Prüfzeilen.",
    "data.proposed": "{proposed} neue Beispiele wurden angesehen, {accepted} übernommen.",
    "data.set_aside": "Beiseitegelegt: {reasons}.",
    "aside.person": "von einem Menschen verworfen",
    "aside.over_limit": "über der Menge eines Durchgangs",
    "aside.transient": "aus einer kurzen Welle",
    "aside.upstream": "aus fehlerhaften Daten",
    "aside.golden_copy": "Kopien von Prüfzeilen",
    "aside.label_suspect": "mit zweifelhaftem Urteil",
    "aside.duplicate": "doppelte",
    "aside.unlabelled": "ohne Urteil",
    # --- service
    "service.tier": "{tier}: {every} eine Prüfung.",
    "every.day": "täglich",
    "every.week": "wöchentlich",
    "every.two_weeks": "alle zwei Wochen",
    "every.month": "jeden Monat",
    "every.days": "alle {n} Tage",
    "service.checks": "{n} Prüfungen gemacht, {promised} vereinbart",
    "service.checks.one": "1 Prüfung gemacht, {promised} vereinbart",
    "service.rows": "Gesehen: {rows} {Task}",
    "service.labels": "Urteile von Menschen: {reviewed} an zufällig gezogenen Zeilen (sie messen),"
    " {corrected} Korrekturen und {targeted} erbetene (sie dienen dem Lernen)",
    "service.awaited": "{n} gezogene Zeilen warten noch auf ein Urteil",
    "service.awaited.one": "1 gezogene Zeile wartet noch auf ein Urteil",
    "outcome.healthy": "gesund",
    "outcome.waiting": "abwarten",
    "outcome.upstream": "Reparatur an der Quelle nötig",
    "outcome.needs_labels": "Urteile fehlen",
    "outcome.advised": "Nachtraining empfohlen",
    "outcome.curating": "Beispiele werden geprüft",
    "outcome.pending_approval": "wartet auf Freigabe",
    "outcome.undecided": "unentschieden",
    "outcome.rejected": "Kandidat nicht gut genug",
    "outcome.refused": "Kandidat abgelehnt",
    "outcome.live": "neue Version im Einsatz",
    "outcome.failed": "technischer Fehler bei uns",
    "outcome.working": "läuft noch",
    "event.line": "{kind} „{title}“, {starts} bis {ends}",
    "event.campaign": "Kampagne",
    "event.release": "Freigabe einer Software",
    "event.deprecation": "Abschaltung",
    "event.other": "Ereignis",
    # --- glossary
    "gloss": "im Betrieb|Die „Trefferquote im Betrieb“ kommt von Zeilen, die zufällig aus Ihrem"
    " Verkehr gezogen wurden und die ein Mensch beantwortet, ohne die Antwort des Modells zu sehen."
    " Korrekturen und Beschwerden sind nicht zufällig und zählen hier nie.\nPrüfzeilen|Ein fester"
    " Satz von Zeilen mit bekannter Antwort. Dasselbe Modell erreicht daran immer denselben Wert;"
    " bewegt er sich, dann hat sich das Modell oder seine Umgebung geändert.\n84 bis 95, n = 100|Mit"
    " 100 Zeilen lässt sich nur sagen, dass der wahre Wert sehr wahrscheinlich (95 %) zwischen 84 %"
    " und 95 % liegt. Je mehr Zeilen, desto enger.\nPunkte|Der Unterschied zweier Prozentwerte: von"
    " 80 % auf 86 % sind es 6 Punkte.\nbehoben und verloren|Zeilen, die nur die neue Version richtig"
    " beantwortet, und Zeilen, die nur die alte richtig beantwortet hat.\nLernzeilen|Beispiele mit"
    " Antwort, aus denen das Modell lernt. Prüfzeilen sind nie darunter.",
}
