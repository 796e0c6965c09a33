"""Deutsch: was gefunden, versucht, entschieden und gelassen wurde."""

from collections.abc import Mapping

STRINGS: Mapping[str, str] = {
    # --- the three sentences
    "story.audit": "Von {n} zufällig gezogenen {task} hat Ihr Modell {rate} richtig beantwortet.",
    "story.audit.down": "Von {n} zufällig gezogenen {task} hat Ihr Modell {rate} richtig"
    " beantwortet, deutlich weniger als die {before} des Vormonats.",
    "story.audit.up": "Von {n} zufällig gezogenen {task} hat Ihr Modell {rate} richtig beantwortet,"
    " deutlich mehr als die {before} des Vormonats.",
    "story.audit.level": "Von {n} zufällig gezogenen {task} hat Ihr Modell {rate} richtig"
    " beantwortet; gegenüber {before} im Vormonat ist das kein klarer Unterschied.",
    "story.golden": "Niemand hat in diesem Monat zufällig gezogene Zeilen beurteilt, die Trefferquote"
    " im Betrieb ist also unbekannt; an den Prüfzeilen erreicht das Modell {rate}.",
    "story.nothing_measured": "In diesem Monat wurde keine Trefferquote gemessen.",
    "story.no_check": "In diesen Monat fiel keine Prüfung.",
    "story.no_check.why": "Über den eingegangenen Verkehr hinaus gibt es nichts zu berichten.",
    "story.no_check.did": "Die Version im Einsatz, {version}, bleibt, wie sie ist.",
    "story.not_diagnosed": "Die Prüfung hat noch kein Ergebnis.",
    "story.did.live": "Wir haben mit Ihren neuesten Beispielen eine neue Version trainiert, {version};"
    " sie ist seit dem {day} im Einsatz, freigegeben von {by}, und beantwortet {fixed} Prüfzeilen"
    " richtig, die {before} verfehlt hat, gegen {broken} umgekehrt.",
    "story.did.live.plain": "Wir haben eine neue Version trainiert, {version}; sie ist seit dem {day}"
    " im Einsatz.",
    "story.did.healthy": "Wir haben das Modell gelassen, wie es ist, denn ein Nachtraining hätte"
    " nicht geholfen.",
    "story.did.waiting": "Wir haben nicht nachtrainiert, denn was geschah, ist vorübergehend: Würde"
    " das Modell daraus lernen, würde es an gewöhnlichen Tagen schlechter.",
    "story.did.upstream": "Wir haben nicht nachtrainiert, denn zuerst müssen die Daten an der Quelle"
    " repariert werden; aus beschädigten Daten lernt ein Modell den Schaden.",
    "story.did.needs_labels": "Wir haben noch nichts geändert, denn es gibt zu wenige beurteilte"
    " Zeilen, um zu sagen, was richtig ist.",
    "story.did.advised": "Wir empfehlen ein Nachtraining; Ihr Vertrag enthält keines, darum wurde"
    " nichts geändert.",
    "story.did.advised.new": "Wir empfehlen ein Nachtraining für die neuen Kategorien; Ihr"
    " Vertrag umfasst die bestehenden, darum wurde nichts geändert.",
    "story.did.curating": "Wir haben neue Beispiele für ein Nachtraining gesammelt; Menschen prüfen"
    " sie gerade.",
    "story.did.pending_approval": "Wir haben eine neue Version trainiert, {version}, die an den"
    " Prüfzeilen besser war; sie wartet auf Freigabe und ist nicht im Einsatz.",
    "story.did.undecided": "Wir haben eine neue Version trainiert, {version}; die Prüfzeilen reichen"
    " aber nicht, um sie besser zu nennen, darum ist sie nicht im Einsatz.",
    "story.did.rejected": "Wir haben eine neue Version trainiert, {version}; sie war an den Prüfzeilen"
    " nicht gut genug, darum bleibt {before} im Einsatz.",
    "story.did.refused": "Wir haben eine neue Version trainiert, {version}; {by} hat sie abgelehnt,"
    " darum bleibt {before} im Einsatz.",
    "story.did.rolled_back": "Wir sind am {day} von {before} zu {version} zurückgekehrt.",
    "story.did.failed": "Ein technischer Fehler bei uns hat die Prüfung abgebrochen; geändert wurde"
    " nichts, und wir wiederholen sie.",
    "story.did.working": "Die Prüfung läuft noch; bisher wurde nichts geändert.",
    # --- causes
    "cause.frozen_field": "Ein Feld steht still",
    "cause.frozen_field.story": "Ein Feld kommt immer wieder mit demselben Wert an: {names}.",
    "cause.unit_change": "Ein Feld hat die Einheit gewechselt",
    "cause.unit_change.story": "Ein Feld kommt jetzt in einer anderen Einheit an, als das Modell"
    " gelernt hat: {names}.",
    "cause.shifted_field": "Ein Feld ist verschoben",
    "cause.shifted_field.story": "Die Werte eines Feldes haben sich von dem entfernt, was das Modell"
    " gelernt hat: {names}.",
    "cause.missing_values": "Werte fehlen",
    "cause.missing_values.story": "Ein Feld kommt öfter leer an, als es sollte: {names}.",
    "cause.truncated_input": "Texte kommen abgeschnitten an",
    "cause.truncated_input.story": "Ein Teil Ihres Verkehrs kommt abgeschnitten an, sodass das Modell"
    " ihn nicht ganz lesen kann: {names}.",
    "cause.late_field": "Ein Feld kommt verspätet",
    "cause.late_field.story": "Ein Feld trägt die Werte von vor einigen Stunden oder Tagen, sodass das"
    " Modell aus veralteten Angaben antwortet: {names}.",
    "cause.segment_fault": "Ein Teil des Verkehrs ist gestört",
    "cause.segment_fault.story": "Ein Teil Ihres Verkehrs kommt gestört an oder wird viel schlechter"
    " beantwortet als der Rest: {names}.",
    "cause.serving_change": "Im Betrieb antwortet etwas anderes als das freigegebene Modell",
    "cause.serving_change.story": "Auf genau dieselben Eingaben sind die aufgezeichneten Antworten nicht"
    " die des freigegebenen Modells: Eine andere Version, eine andere Aufbereitung der Eingaben oder"
    " eine Ersatzantwort ist im Einsatz. Das Modell selbst ist, wie es war.",
    "cause.new_category": "Ein neues Anliegen",
    "cause.new_category.story": "Ihre Kunden fragen jetzt nach etwas, das dem Modell nie beigebracht"
    " wurde: {names}.",
    "cause.new_category.story.tabular": "Es kommen Datensätze einer Art vor, die dem Modell nie"
    " beigebracht wurde: {names}.",
    "cause.weak_category": "Eine Kategorie, in der das Modell schwach ist",
    "cause.weak_category.story": "Kategorien, von denen das Modell zu wenige Beispiele kennt, machen"
    " jetzt einen großen Teil des Verkehrs aus: {names}.",
    "cause.concept_change": "Die richtige Antwort hat sich geändert",
    "cause.concept_change.story": "Auf gleichartige Eingaben ist jetzt eine andere Antwort richtig als"
    " früher.",
    "cause.transient": "Eine kurze Welle",
    "cause.transient.story": "Eine Welle ungewöhnlichen Verkehrs kam und ging; sie ist keine"
    " bleibende Änderung.",
    "cause.known_event": "Ein bekanntes Ereignis",
    "cause.known_event.story": "Was in diesem Monat ungewöhnlich war, passt zu einem Ereignis, von dem"
    " wir wussten.",
    "cause.insufficient_evidence": "Zu wenige beurteilte Zeilen",
    "cause.insufficient_evidence.story": "Etwas hat sich bewegt, aber es gibt zu wenige beurteilte"
    " Zeilen, um zu sagen, was es bedeutet.",
    "cause.label_noise": "Zweifelhafte Urteile",
    "cause.label_noise.story": "Wer Zeilen beurteilt, scheint sich öfter zu versehen als früher: Die"
    " Urteile widersprechen dem Modell, wo es am sichersten ist, und folgen keinem Muster. Die"
    " gemessene Trefferquote sieht darum schlechter aus, als das Modell wohl ist.",
    "cause.mix_shift": "Andere Anteile, gleiche Güte",
    "cause.mix_shift.story": "Ihre Kunden fragen dasselbe in anderen Anteilen; jedes Anliegen wird so"
    " gut beantwortet wie zuvor.",
    "cause.mix_shift.story.tabular": "Dieselben Arten von Datensätzen kommen in anderen Anteilen; jede"
    " wird so gut beantwortet wie zuvor.",
    "cause.proxy_inflation": "Ein Signal, das nicht mehr stimmt",
    "cause.proxy_inflation.story": "Ein Nutzungssignal ist gestiegen, ohne dass die Antworten besser"
    " wurden; wir richten uns nicht danach: {names}.",
    "cause.nothing": "Nichts hat sich bleibend geändert",
    "cause.nothing.story": "Es hat sich nichts geändert, das bleibt und das Ihr Modell lernen müsste.",
    "cause.since": "seit {day}",
    "evidence": "Beleg",
    "signals": "{n} Frühwarnsignale wurden beobachtet, angeschlagen haben {tripped}: {names}.",
    "signals.quiet": "{n} Frühwarnsignale wurden beobachtet, keines hat angeschlagen.",
    "excluded": "Zeilen vom {start} bis {end} bleiben aus dem Training heraus.",
    "growth": "Die neuesten Beispiele sind voraussichtlich {difference} wert, gemessen an Zeilen, die"
    " dafür zurückgehalten wurden.",
    # --- faults
    "fault.field": "Feld {subject}",
    "fault.segment": "Verkehr mit {subject}",
    "fault.unit_change": "kommt in anderer Einheit an: bitte in der Einheit vom Start senden",
    "fault.unit_change.figures": " (neuer Wert = {factor} × alter Wert + {offset})",
    "fault.frozen_field": "steht still: bitte den Sensor oder den Lauf prüfen, der es füllt",
    "fault.shifted_field": "ist verschoben: bitte prüfen, was es berechnet",
    "fault.missing_values": "kommt zu oft leer an: bitte das Formular oder den Lauf prüfen",
    "fault.truncated_input": "kommt abgeschnitten an: bitte die Längengrenze der Version prüfen",
    "fault.late_field": "kommt verspätet an: bitte den Lauf prüfen, der es anfügt",
    "fault.segment_fault": "wird viel schlechter beantwortet: bitte prüfen, was dieser Teil sendet",
    "fault.serving_change": "gibt andere Antworten auf dieselben Zeilen: bitte die letzte Änderung"
    " dort prüfen",
    "fault.since": "seit {day}",
    # --- trial, deployment, rulings
    "trial": "{candidate} und {incumbent} haben dieselben Prüfzeilen beantwortet (Fassung {golden}):"
    " {verdict}.",
    "trial.scored": "{version} hat richtig beantwortet",
    "trial.overall": "Unterschied über alle Zeilen",
    "trial.new": "… in neuen Kategorien",
    "trial.target": "… wo es besser werden sollte",
    "trial.protected": "… überall sonst",
    "trial.rows": "Einzelne Zeilen",
    "trial.changed": "{fixed} behoben, {broken} verloren",
    "trial.promote": "besser, nach vorher festgelegten Regeln",
    "trial.reject": "nicht gut genug",
    "trial.undecided": "zu knapp für ein Urteil",
    "deploy.deployed": "{version} ist seit dem {day} anstelle von {replaced} im Einsatz.",
    "deploy.launch": "{version} ist seit dem {day} im Einsatz; es ist die erste Version.",
    "deploy.rolled_back": "{version} ist seit dem {day} wieder im Einsatz, anstelle von {replaced}.",
    "deploy.by": "Freigegeben von {by}: „{reason}“",
    "nothing_changed": "Keine neue Version ging in Betrieb. {version} bleibt im Einsatz.",
    "ruling.approve": "{by} hat {subject} am {day} freigegeben",
    "ruling.refuse": "{by} hat {subject} am {day} abgelehnt",
    "ruling.overrule": "{by} hat sich am {day} über unseren Rat hinweggesetzt",
    "ruling.overrule.fix_upstream": "{by} hat sich am {day} über unseren Rat hinweggesetzt, mit dem"
    " Nachtrainieren auf eine Reparatur an der Quelle zu warten",
    "ruling.overrule.wait": "{by} hat sich am {day} über unseren Rat hinweggesetzt, abzuwarten",
    "ruling.overrule.collect_labels": "{by} hat sich am {day} über unseren Rat hinweggesetzt, zuerst"
    " mehr Zeilen zu beschriften",
    "ruling.overrule.no_action": "{by} hat sich am {day} über unseren Rat hinweggesetzt, nicht"
    " nachzutrainieren",
    "ruling.overrule.retrain": "{by} hat am {day} ein Nachtraining angeordnet, das der Tarif nicht"
    " vorsieht",
    "ruling.overrule.rejected": "{by} hat sich am {day} über die Regeln hinweggesetzt, die {subject}"
    " nicht erfüllt hat",
    "ruling.overrule.undecided": "{by} hat {subject} am {day} trotz dünner Belege vorgeschlagen",
    "ruling.repair.convert": "{by} hat {subject} am {day} repariert: Die Werte vom {since} bis zum"
    " {until} werden bei uns zurückgerechnet; gespeichert bleiben sie, wie sie kamen",
    "ruling.repair.shift": "{by} hat {subject} am {day} repariert: Die Werte vom {since} bis zum"
    " {until} werden bei uns zurückgeschoben; gespeichert bleiben sie, wie sie kamen",
    "ruling.repair.exchange": "{by} hat {subject} am {day} repariert: Die Werte vom {since} bis zum"
    " {until} werden bei uns zurückgetauscht; gespeichert bleiben sie, wie sie kamen",
    "ruling.repair.fill": "{by} hat {subject} am {day} repariert: Die Werte vom {since} bis zum"
    " {until} werden bei uns aus den anderen Feldern abgeleitet; gespeichert bleiben sie, wie sie"
    " kamen",
    "ruling.repair.bring_forward": "{by} hat {subject} am {day} repariert: Die Werte vom {since} bis"
    " zum {until} werden bei uns späteren Zeilen entnommen; gespeichert bleiben sie, wie sie kamen",
    "ruling.repair.leave_out": "{by} hat am {day} die Zeilen zu {subject} vom {since} bis zum {until}"
    " auslassen lassen: Sie lassen sich nicht reparieren",
    "ruling.repair.withdrawn": "{by} hat die Reparatur von {subject} am {day} zurückgenommen: Die"
    " Zeilen vom {since} bis zum {until} zählen wieder, wie sie kamen",
    "ruling.the_check": "die Änderung",
    # --- not done
    "not.healthy": "Wir haben nach der Prüfung vom {day} nicht nachtrainiert.",
    "not.waiting": "Wir haben mit dem, was bis zum {day} einging, nicht nachtrainiert.",
    "not.upstream": "Wir haben mit fehlerhaft ankommenden Daten nicht nachtrainiert ({day}).",
    "not.needs_labels": "Wir haben auf zu wenige Zeilen hin nichts entschieden ({day}).",
    "not.advised": "Wir haben nach der Prüfung vom {day} nicht nachtrainiert, obwohl wir es empfehlen.",
    "not.curating": "Wir haben noch nicht nachtrainiert ({day}).",
    "not.pending_approval": "Wir haben die neue Version nicht ohne Freigabe eingesetzt ({day}).",
    "not.undecided": "Wir haben die neue Version auf dünne Belege hin nicht eingesetzt ({day}).",
    "not.rejected": "Wir haben die neue Version nicht eingesetzt ({day}).",
    "not.refused": "Die neue Version wurde abgelehnt ({day}).",
    "not.failed": "Eine Prüfung ist aus einem technischen Grund bei uns gescheitert ({day}).",
    "not.working": "Eine Prüfung läuft noch ({day}).",
    "because.no_action": "Es fand sich nichts, was ein Nachtraining heilen würde. Training um seiner"
    " selbst willen gefährdet nur, was funktioniert.",
    "because.mix_shift": "Andere Anteile sind keine schlechteren Antworten; ein Nachtraining liefe der"
    " Mode eines Monats nach.",
    "because.proxy_inflation": "Ein steigendes Nutzungssignal beweist keine besseren Antworten; darum"
    " wird daran weder gelernt noch gemessen.",
    "because.wait": "Was vorübergeht, soll nicht gelernt werden; seine Zeilen bleiben aus dem Training"
    " heraus.",
    "because.fix_upstream": "Zuerst müssen die Daten heil sein. Training würde den Schaden lehren.",
    "because.collect_labels": "Bei so wenigen beurteilten Zeilen wäre jede Entscheidung geraten.",
    "because.advised": "Ihr Vertrag enthält kein Nachtraining; eine benannte Person kann es dennoch"
    " anordnen.",
    "because.unsupported_category": "Ihr Vertrag umfasst keine neuen Kategorien; eine benannte Person"
    " kann es dennoch anordnen.",
    "because.curating": "Die neuen Beispiele werden noch von Menschen geprüft.",
    "because.pending_approval": "Sie war gut; eine benannte Person muss erst zustimmen.",
    "because.undecided": "Der Unterschied ist für die vorhandenen Zeilen zu klein.",
    "because.rejected": "Sie hat die vorher festgelegten Regeln nicht erfüllt.",
    "because.failed": "Geändert wurde nichts; die Version im Einsatz hat weiter geantwortet.",
    "because.working": "Ihr Ergebnis steht in der nächsten Fassung.",
    # --- next
    "next.next_check": "Die nächste Prüfung ist am {day} fällig.",
    "next.next_retrain": "Das nächste Nachtraining ist ab {day} möglich.",
    "next.approve": "Eine benannte Person gibt {names} frei oder lehnt ab.",
    "next.label_more": "Etwa {n} weitere Prüfzeilen werden beurteilt, damit sich {names} bewerten"
    " lässt.",
    "next.label_audit": "{n} zufällig gezogene Zeilen warten auf ein Urteil.",
    "next.label_audit.one": "1 zufällig gezogene Zeile wartet auf ein Urteil.",
    "next.need_audit": "Mindestens {n} zufällig gezogene Zeilen im Monat brauchen ein Urteil, um die"
    " Trefferquote zu messen.",
    "next.curate": "Die neuen Beispiele werden einzeln geprüft; dann wird eine neue Version trainiert.",
    "next.repair": "Sobald {names} repariert ist, prüfen wir erneut und trainieren nach, falls es dann"
    " noch nötig ist.",
    "next.watch": "Wir beobachten bis zum {day}, ob der ungewöhnliche Verkehr wiederkommt; was dann"
    " noch anders ist, gilt als dauerhaft.",
    "next.advised": "Wir sprechen mit Ihnen über ein Nachtraining.",
    "next.confirm": "Wir prüfen, ob {names} im Betrieb hält, was es an den Prüfzeilen gezeigt hat.",
    "next.retry": "Wir suchen den Fehler und wiederholen die Prüfung.",
    "next.new_categories": "Kategorien, über die wir mit Ihnen entscheiden: {names}.",
    "ask.repair": "Bitte reparieren: {fault}.",
    "ask.label": "Bitte beurteilen Sie die {n} zufällig gezogenen Zeilen, die auf Sie warten.",
    "ask.label.one": "Bitte beurteilen Sie die eine zufällig gezogene Zeile, die auf Sie wartet.",
    "ask.need_audit": "Bitte lassen Sie mindestens {n} zufällig gezogene Zeilen im Monat beurteilen.",
    "ask.categories": "Bitte bestätigen Sie die neuen Kategorien: {names}.",
    "ask.advised": "Bitte sagen Sie uns, ob Sie das empfohlene Nachtraining wünschen.",
    "ask.nothing": "In diesem Monat um nichts.",
    # --- what an earlier revision said otherwise
    "change.audit": "Trefferquote im Betrieb",
    "change.golden": "Trefferquote an Prüfzeilen",
    "change.version": "Version im Einsatz",
    "change.outcome": "Ausgang der Prüfungen",
    "change.finding": "Befund",
    "change.labels": "Urteile an zufällig gezogenen Zeilen",
    "change.rows": "Gesehene Zeilen",
    "change.rulings": "Verzeichnete Entscheidungen",
    "change.data": "Lernzeilen",
    "change.status": "Stand",
    "change.models": "Modelle in diesem Bericht",
    "change.details": "Einzelheiten",
    "status.final": "endgültig",
    "status.provisional": "vorläufig",
    "change.updated": "aktualisiert",
}
