// SPDX-License-Identifier: Apache-2.0
import type { sharedMessages } from './messages';
import { reasonsDe } from './reasons.de';
import type { Translated } from './translated';

/** German; the same keys as the English ones. */
export const sharedMessagesDe: Translated<typeof sharedMessages> = {
  link: {
    newTab: 'öffnet einen neuen Tab',
    unnamed: 'Ohne Namen',
  },
  change: {
    number: 'Änderung {{number}}',
    patchSet: 'Patchset {{patchSet}}',
    wip: 'In Arbeit',
    merged: 'Übernommen',
    abandoned: 'Verworfen',
    by: 'von',
    onBranch: 'auf {{branch}}',
    topic: 'Thema {{topic}}',
    created: 'erstellt',
    updated: 'aktualisiert',
  },
  state: {
    summarized: 'Zusammengefasst',
    quiet: 'Gelesen, keine Anmerkung',
    skipped: 'Nicht gelesen',
    waiting: 'Noch nicht entschieden',
    off: 'Assistent ist aus',
  },
  severity: {
    high: 'Hohes Risiko',
    medium: 'Mittleres Risiko',
    low: 'Geringes Risiko',
    none: 'Kein Risiko gefunden',
    unknown: 'Risiko nicht bekannt',
  },
  risk: {
    look_one: '{{count}} Stelle zum Nachsehen',
    look_other: '{{count}} Stellen zum Nachsehen',
    ofPatchSet: '{{risk}} in Patchset {{patchSet}}',
  },
  summary: {
    label: 'Zusammenfassung',
    ofPatchSet: 'Von Patchset {{patchSet}}',
    stale: 'Von Patchset {{patchSet}}, das neueste ist {{newest}}',
    byModel: 'Von einem Modell geschrieben ({{model}}); kann falsch sein',
    computed: 'Berechnet, ohne Modell',
    shadow: 'Schattenbetrieb: nicht veröffentlicht, nur Eigner des Projekts sehen das',
  },
  builds: {
    none: 'Kein Build schlägt fehl',
    unknown: 'Kein Build bekannt',
    notShown: 'Kein Build wird gezeigt',
    failed_one: '{{count}} Build-Fehler',
    failed_other: '{{count}} Build-Fehler',
    counted: '{{number}} {{whose}}',
    class: {
      change: 'durch diese Änderung',
      preexisting: 'älter als diese Änderung',
      flaky: 'unzuverlässig',
      infra: 'der CI selbst',
      timeout: 'zu langsam',
      configuration: 'der Konfiguration',
      unknown: 'unbekannter Ursache',
    },
  },
  votes: {
    label: 'Stimmen',
    none: 'Keine Stimmen',
    state: {
      approved: 'zugestimmt',
      rejected: 'abgelehnt',
      none: 'keine Stimme',
    },
    more: 'und {{number}} weitere',
  },
  submit: {
    label: 'Bedingungen zum Übernehmen',
    ready: 'Kann übernommen werden',
    missing: 'Es fehlt: {{names}}',
    broken: 'Nicht feststellbar: {{names}}',
    notReady: 'Kann noch nicht übernommen werden',
    status: {
      satisfied: 'Erfüllt',
      unsatisfied: 'Nicht erfüllt',
      overridden: 'Übergangen',
      forced: 'Nicht erfüllt, trotzdem übernommen',
      error: 'Nicht feststellbar',
    },
  },
  picks: {
    label: 'Vorgeschlagene Reviewer',
    none: 'Keine Reviewer sind vorgeschlagen',
    notShown: 'Keine Vorschläge werden gezeigt',
    rest: 'kennt andere Teile der Änderung',
  },
  error: {
    retry: 'Erneut versuchen',
    retryAfter_one: 'Versuche es in {{count}} Sekunde erneut.',
    retryAfter_other: 'Versuche es in {{count}} Sekunden erneut.',
    retryAfterMinutes_one: 'Versuche es in {{count}} Minute erneut.',
    retryAfterMinutes_other: 'Versuche es in {{count}} Minuten erneut.',
    'signed-out': {
      title: 'Du bist nicht mehr angemeldet',
      why: 'Deine Anmeldung ist abgelaufen oder wurde nicht angenommen.',
      next: 'Melde dich neu an und lade die Seite neu.',
    },
    'no-person': {
      title: 'Dein Benutzer ist nicht im Katalog',
      why: 'Was du sehen darfst, hängt an deinem Benutzer im Katalog, und dort ist keiner.',
      next: 'Bitte den Betreiber von Backstage, deinen Benutzer in den Katalog aufzunehmen.',
    },
    'no-account': {
      title: 'Kein Gerrit-Konto ist als deines bekannt',
      why: 'Was Gerrit zeigt, hängt von deinem Konto dort ab, und keines passt zu dir.',
      next: 'Bitte den Betreiber des Review-Assistenten, deinen Benutzer mit deinem Gerrit-Konto zu verbinden.',
    },
    'account-refused': {
      title: 'Dein Gerrit-Konto kann hier nicht benutzt werden',
      why: 'Es ist abgeschaltet, gehört keiner Person, oder es ist nicht sicher, dass es deines ist.',
      next: 'Frage den Betreiber des Review-Assistenten; er kann sehen, woran es liegt.',
    },
    'no-permission': {
      title: 'Backstage lässt dich das nicht sehen',
      why: 'Die Berechtigungen dieses Backstage erlauben es nicht.',
      next: 'Bitte den Betreiber von Backstage um die Berechtigung gerrit-review-assistant.read.',
    },
    forbidden: {
      title: 'Du darfst das nicht sehen',
      why: 'Backstage oder Gerrit erlaubt es nicht.',
      next: 'Bitte den Eigner dieser Entität um Zugang.',
    },
    'not-found': {
      title: 'Der Review-Assistent kennt das nicht',
      why: 'Es ist nicht da, oder Gerrit zeigt es dir nicht.',
      next: 'Prüfe die Annotation, die das Gerrit-Projekt nennt, und deinen Zugang zu ihm.',
    },
    'no-host': {
      title: 'Es ist nicht gesagt, welches Gerrit gemeint ist',
      why: 'Der Review-Assistent bedient mehrere, und diese Entität nennt keines davon.',
      next: 'Trage die Annotation review-assistant/host mit der ID des Gerrit in ihre catalog-info.yaml ein.',
    },
    'bad-request': {
      title: 'Der Review-Assistent nimmt diese Anfrage nicht an',
      why: 'Er versteht nicht, wonach gefragt ist, etwa einen Filter, oder ist älter als dieses Plugin.',
      next: 'Setze die Filter zurück. Wenn das anhält, sage es dem Betreiber von Backstage.',
    },
    'too-often': {
      title: 'Zu viele Anfragen',
      why: 'Der Review-Assistent wurde zu oft gefragt.',
      next: 'Warte ein wenig; es wird von selbst erneut versucht.',
    },
    unreachable: {
      title: 'Der Review-Assistent ist nicht erreichbar',
      why: 'Sein Server, Gerrit oder das Netz antwortet nicht.',
      next: 'Es wird von selbst erneut versucht. Wenn das anhält, sage es dem Betreiber des Review-Assistenten.',
    },
    'not-now': {
      title: 'Das lässt sich gerade nicht sagen',
      why: 'Der Katalog, Gerrit oder etwas anderes, das sagt, was du sehen darfst, antwortet nicht.',
      next: 'Es wird von selbst erneut versucht. Wenn das anhält, sage es dem Betreiber von Backstage.',
    },
    'not-trusted': {
      title: 'Der Review-Assistent vertraut diesem Backstage nicht',
      why: 'Er weist zurück, was Backstage sendet; du kannst das nicht selbst beheben.',
      next: 'Sage es dem Betreiber von Backstage; das Log seines Backends sagt, was zu tun ist.',
    },
    'bad-answer': {
      title: 'Die Antwort ist nicht lesbar',
      why: 'Etwas anderes hat anstelle des Review-Assistenten geantwortet, oder er ist gescheitert.',
      next: 'Versuche es später erneut. Wenn das anhält, sage es dem Betreiber von Backstage; das Log seines Backends sagt mehr.',
    },
    'too-large': {
      title: 'Die Antwort ist zu groß, um gezeigt zu werden',
      why: 'Der Review-Assistent hat mehr geantwortet, als auf einmal gelesen wird.',
      next: 'Wähle einen Branch oder suche nach Wörtern, damit es weniger Änderungen sind. Wenn das anhält, sage es dem Betreiber von Backstage.',
    },
    other: {
      title: 'Etwas ging schief',
      why: 'Der Review-Assistent konnte nicht antworten.',
      next: 'Versuche es erneut. Wenn das anhält, sage es dem Betreiber des Review-Assistenten.',
    },
  },
  off: {
    title: 'Der Review-Assistent ist hier nicht im Einsatz',
    why: 'Das Gerrit-Projekt nimmt nicht teil; nichts wird gelesen oder zusammengefasst.',
    next: 'Ein Projekteigner kann es mit einer Änderung auf refs/meta/config anmelden.',
  },
  missing: {
    title: 'Kein Gerrit-Projekt ist genannt',
    why: 'Diese Entität sagt nicht, wo ihr Code in Gerrit ist.',
    next: 'Trage diese Annotation mit dem Namen des Projekts in ihre catalog-info.yaml ein:',
  },
  reason: reasonsDe,
  cut_one: 'und {{count}} weiterer Eintrag',
  cut_other: 'und {{count}} weitere Einträge',
  loading: 'Änderungen werden geladen',
  stale: {
    title: 'Das ist vielleicht veraltet',
    since: 'Geladen',
  },
  connection: {
    live: 'Aktualisiert sich von selbst',
    polling: 'Aktualisiert sich alle 30 Sekunden',
    connecting: 'Verbindet',
  },
  trial: {
    note: 'Der Assistent ist hier auf Probe: Was er findet, sehen nur die Projekteigner.',
    nothing: 'Dir wird nichts gezeigt',
    why: 'Entweder gibt es noch nichts, oder es ist für Projekteigner.',
  },
};
