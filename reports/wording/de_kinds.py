"""Deutsch: Arten einer Ursache, was vorbei ist, und Bitten, die nur manche Ursachen stellen."""

from collections.abc import Mapping

STRINGS: Mapping[str, str] = {
    "cause.unseen_values": "Unbekannte Werte kommen an",
    "cause.unseen_values.story": "Ein Feld kommt jetzt mit Werten an, die früher nie jemand"
    " sandte; was sie bedeuten, kann das Modell nicht wissen: {names}.",
    "cause.changed_text": "Texte kommen in anderer Form an",
    "cause.changed_text.story": "Texte kommen anders geschrieben an als früher, etwa mit anderen"
    " Zeichen oder Abständen, sodass das Modell sie schlecht lesen kann: {names}.",
    "cause.swapped_fields": "Zwei Felder sind vertauscht",
    "cause.swapped_fields.story": "Zwei Felder kommen mit den Werten des jeweils anderen an, so dass"
    " das Modell das eine für das andere hält: {names}.",
    "cause.unlabelled_clusters": "Vielleicht ein neues Anliegen",
    "cause.unlabelled_clusters.story": "Es kam eine Gruppe von {task} vor, die einander gleichen"
    " und nichts gleichen, was dem Modell beigebracht wurde; was sie sind, weiß erst, wer"
    " einige davon beurteilt. Namen, die wir vermuten: {names}.",
    "cause.over": "vorbei seit dem {day}",
    "story.over": "Seit dem {day} ist es vorbei.",
    "story.did.upstream.serving_change": "Wir haben nicht nachtrainiert, denn das Modell selbst"
    " ist, wie es war: Zuerst muss in Ordnung kommen, was um es herum läuft.",
    "story.did.needs_labels.label_noise": "Wir haben nichts geändert, denn ein Modell, das aus"
    " zweifelhaften Urteilen lernt, wird schlechter; die zweifelhaften Zeilen sollte zuerst"
    " eine zweite Person beurteilen.",
    "story.did.needs_labels.unlabelled_clusters": "Wir haben noch nichts geändert, weil zuerst"
    " Menschen sagen müssen, worum es in den ungewohnten {task} geht.",
    "fault.unseen_values": "kommt mit Werten an, die früher niemand sandte: bitte wie beim Start"
    " senden oder uns sagen, was die neuen Werte bedeuten",
    "fault.changed_text": "kommt anders geschrieben an als früher: bitte die Zeichenkodierung und"
    " die Aufbereitung der Texte prüfen",
    "fault.swapped_fields": "trägt die Werte eines anderen Feldes: bitte beide zurücktauschen",
    "fault.only_where": " (nur bei {segment})",
    "fault.late_field.figures": " (die Werte sind etwa {n} Stunden alt)",
    "fault.late_field.figures.one": " (die Werte sind etwa 1 Stunde alt)",
    "because.serving_change": "Das Modell selbst ist, wie es war; was um es herum läuft, heilt"
    " kein Training.",
    "because.label_noise": "Ein Modell, das aus zweifelhaften Urteilen lernt, wird schlechter.",
    "because.unlabelled_clusters": "Zuerst müssen Menschen sagen, worum es in den ungewohnten"
    " Zeilen geht.",
    "next.repair_over": "Was mit {names} nicht stimmte, ist vorbei; die Zeilen dieser Tage"
    " bleiben bis zur Reparatur aus dem Training heraus, und wir prüfen erneut.",
    "next.repair_serving": "Sobald wieder die freigegebene Version so antwortet, wie sie"
    " freigegeben wurde, prüfen wir erneut.",
    "next.second_look": "{n} Zeilen mit zweifelhaftem Urteil beurteilt eine zweite Person; dann"
    " messen wir erneut.",
    "next.second_look.one": "1 Zeile mit zweifelhaftem Urteil beurteilt eine zweite Person; dann"
    " messen wir erneut.",
    "next.name_rows": "Sobald {n} der ungewohnten Zeilen beurteilt sind, sagen wir, ob sie eine"
    " neue Kategorie sind.",
    "next.name_rows.one": "Sobald 1 der ungewohnten Zeilen beurteilt ist, sagen wir, ob sie eine"
    " neue Kategorie sind.",
    "ask.repair.over": "Bitte finden Sie die Ursache, damit es nicht wiederkommt: {fault}.",
    "ask.serving_change": "Bitte prüfen Sie, was bei Ihnen läuft: welche Version des Modells, was"
    " seine Eingaben aufbereitet und welche Antwort einspringt, wenn das Modell nicht erreicht"
    " wird.",
    "ask.serving_change.over": "Bitte finden Sie heraus, was in jenen Tagen anstelle des"
    " freigegebenen Modells lief, damit es nicht wiederkommt.",
    "ask.second_look": "Bitte lassen Sie die {n} Zeilen mit zweifelhaftem Urteil von einer"
    " zweiten Person beurteilen, die das erste Urteil nicht sieht.",
    "ask.second_look.one": "Bitte lassen Sie die eine Zeile mit zweifelhaftem Urteil von einer"
    " zweiten Person beurteilen, die das erste Urteil nicht sieht.",
    "ask.name_rows": "Bitte lassen Sie {n} der ungewohnten Zeilen beurteilen: Gehören sie zu"
    " einer bekannten Kategorie, oder sind sie eine eigene (vielleicht {names})?",
    "ask.name_rows.one": "Bitte lassen Sie 1 der ungewohnten Zeilen beurteilen: Gehört sie zu"
    " einer bekannten Kategorie oder zu einer eigenen (vielleicht {names})?",
}
