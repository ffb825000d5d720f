// SPDX-License-Identifier: Apache-2.0
import type { sharedMessages } from './messages';
import type { Translated } from './translated';

/** German; the same keys as the English ones. */
export const sharedMessagesDe: Translated<typeof sharedMessages> = {
  link: {
    newTab: 'öffnet einen neuen Tab',
  },
  change: {
    number: 'Änderung {{number}}',
    patchSet: 'Patchset {{patchSet}}',
    wip: 'In Arbeit',
    merged: 'Übernommen',
    abandoned: 'Verworfen',
    by: 'von',
    onBranch: 'auf {{branch}}',
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
    look_one: '{{count}} Stelle zum Nachsehen',
    look_other: '{{count}} Stellen zum Nachsehen',
  },
  summary: {
    label: 'Zusammenfassung',
    ofPatchSet: 'Von Patchset {{patchSet}}',
    stale: 'Von Patchset {{patchSet}}, das neueste ist {{newest}}',
    byModel: 'Von einem Modell geschrieben ({{model}}); kann falsch sein',
    computed: 'Berechnet, ohne Modell',
    shadow: 'Schatten: nicht veröffentlicht, nur Projekteigner sehen das',
  },
  builds: {
    label: 'Builds',
    none: 'Kein Build-Fehler steht aus',
    unknown: 'Kein Build ist bekannt',
    failed_one: '{{count}} Build-Fehler',
    failed_other: '{{count}} Build-Fehler',
    class: {
      change: '{{number}} durch diese Änderung',
      preexisting: '{{number}} älter als diese Änderung',
      flaky: '{{number}} unstet',
      infra: '{{number}} der CI selbst',
      timeout: '{{number}} zu langsam',
      configuration: '{{number}} der Konfiguration',
      unknown: '{{number}} unbekannter Ursache',
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
  },
  picks: {
    label: 'Vorgeschlagene Reviewer',
    none: 'Keine Reviewer sind vorgeschlagen',
    rest: 'kennt andere Teile der Änderung',
  },
  error: {
    retry: 'Erneut versuchen',
    retryAfter_one: 'Versuche es in {{count}} Sekunde erneut.',
    retryAfter_other: 'Versuche es in {{count}} Sekunden erneut.',
    'signed-out': {
      title: 'Du bist nicht mehr angemeldet',
      why: 'Deine Anmeldung ist abgelaufen oder wurde nicht angenommen.',
      next: 'Melde dich neu an und lade die Seite neu.',
    },
    'no-account': {
      title: 'Kein Gerrit-Konto ist als deines bekannt',
      why: 'Was Gerrit zeigt, hängt von deinem Konto dort ab, und keines passt zu dir.',
      next: 'Bitte den Betreiber des Review-Assistenten, deinen Benutzer mit deinem Gerrit-Konto zu verbinden.',
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
  loading: 'Änderungen werden geladen',
  stale: {
    title: 'Das ist vielleicht veraltet',
    since: 'Geladen',
    why: 'Es lässt sich nicht neu laden.',
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
