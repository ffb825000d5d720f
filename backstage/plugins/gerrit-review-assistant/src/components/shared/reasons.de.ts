// SPDX-License-Identifier: Apache-2.0
import type { reasons } from './reasons';
import type { Translated } from './translated';

/** German; the same keys as the English ones. */
export const reasonsDe: Translated<typeof reasons> = {
  undecided: 'Zu diesem Patchset ist noch nichts entschieden.',
  shadow: 'Das Projekt probiert den Assistenten aus: Nur seine Eigner sehen, was er gesagt hätte.',
  'shadow-for-owners':
    'Das Projekt probiert den Assistenten aus und zeigt nur seinen Eignern, was er findet.',
  posted: 'Der Assistent hat dieses Patchset kommentiert.',
  'already-posted': 'Der Kommentar des Assistenten steht an diesem Patchset.',
  closed: 'Die Änderung war geschlossen, bevor der Assistent sie ansah.',
  private: 'Die Änderung ist privat: Nichts von ihr wird aufbewahrt.',
  muted: 'Die Änderung ist mit einem Hashtag stumm geschaltet.',
  'work-in-progress': 'Die Änderung ist in Arbeit: Der Assistent wartet, bis sie fertig ist.',
  'branch-not-covered': 'Das Projekt nutzt den Assistenten auf diesem Branch nicht.',
  'owner-excluded': 'Das Projekt nimmt Änderungen von dieser Person aus.',
  'before-opt-in':
    'Das Patchset ist älter als die Entscheidung des Projekts, den Assistenten zu nutzen.',
  'older-than-24h': 'Das Patchset war älter als ein Tag, als der Assistent es sah.',
  'already-reviewed': 'Jemand hatte das Patchset schon geprüft, bevor der Assistent es sah.',
  'same-code': 'Der Code ist derselbe wie im letzten Patchset mit einer Zusammenfassung.',
  'nothing-to-add': 'Nichts war einen Kommentar wert.',
  'summary-disabled': 'Das Projekt hat diese Art von Kommentar abgeschaltet.',
  superseded: 'Ein neueres Patchset kam, bevor der Kommentar fertig war.',
  'account-may-vote':
    'Das Konto des Assistenten hat an dieser Änderung mehr Rechte, als zu kommentieren; darum schweigt er.',
  'scrubber-stopped':
    'Die Suche nach Geheimnissen wurde nicht fertig; darum wurde nichts weiter gelesen.',
  'file-not-touched': 'Die Änderung berührt keine Datei des Assistenten.',
  'not-visible': 'Gerrit zeigt dem Assistenten die Änderung nicht.',
  'no-files': 'Das Patchset ändert keine Datei.',
  'ten-posts-a-day':
    'Der Assistent hat diese Änderung so oft kommentiert, wie er an einem Tag darf.',
  'nothing-readable': 'Im Patchset ist nichts, was der Assistent lesen kann.',
  'no-model-nothing-to-add':
    'Kein Modell darf dieses Patchset lesen, und nichts ließ sich berechnen, was einen Kommentar wert ist.',
  'configuration-linted': 'Der Assistent hat seine Konfiguration in dieser Änderung geprüft.',
  'seal-refused':
    'Der Kommentar bestand die letzte Prüfung nicht; darum wurde er nicht geschrieben.',
  'post-failed': 'Der Kommentar konnte noch nicht geschrieben werden; es wird erneut versucht.',
  'nothing-failed': 'In den neuesten Builds schlug nichts fehl.',
  'project-off': 'Das Projekt nutzt den Assistenten nicht.',
  'project-off/no-file': 'Das Projekt hat den Assistenten nicht eingeschaltet.',
  'project-off/no-access': 'Der Assistent darf die Konfiguration des Projekts nicht lesen.',
  'project-off/forbidden-by-parent': 'Ein übergeordnetes Projekt verbietet den Assistenten.',
  'project-off/broken-config':
    'Die Konfiguration des Assistenten im Projekt hat einen Fehler; darum ist er aus.',
  'project-off/off': 'Das Projekt hat den Assistenten abgeschaltet.',
  'nothing-to-add/nothing-read':
    'Nur generierte, binäre oder fremde Dateien oder Lockfiles wurden geändert.',
  'nothing-to-add/said-by-message': 'Die Commit-Nachricht sagt schon alles.',
  'nothing-to-add/small-and-obvious': 'Das Patchset ist klein und spricht für sich.',
  'nothing-to-add/dependencies-only':
    'Nur Versionen von Abhängigkeiten wurden geändert, und die Commit-Nachricht nennt sie.',
  'nothing-to-add/told-before': 'Alles wurde zu einem früheren Patchset gesagt.',
  'nothing-to-add/nothing-certain': 'Ohne Modell lässt sich nichts Sicheres sagen.',
};
