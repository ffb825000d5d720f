// SPDX-License-Identifier: Apache-2.0
import {
  type TranslationApi,
  type TranslationRef,
  translationApiRef,
} from '@backstage/frontend-plugin-api';
import { MockTranslationApi } from '@backstage/test-utils/alpha';
import { gerritReviewAssistantTranslationRef } from '../translation';

/** A translation that marks all that it says, with the values that it is given. */
export const pseudoTranslation = [translationApiRef, pseudoApi()] as const;

function pseudoApi(): TranslationApi {
  const others: TranslationApi = MockTranslationApi.create();
  const t = (key: string, values: Record<string, unknown> = {}) =>
    `⟦${[key, ...Object.values(values).map(String)].join(' ')}⟧`;
  const snapshot = { ready: true, t };
  return {
    getTranslation: (ref: TranslationRef) =>
      ref.id === gerritReviewAssistantTranslationRef.id ? snapshot : others.getTranslation(ref),
    translation$: (ref: TranslationRef) => others.translation$(ref),
  } as TranslationApi;
}

/**
 * What a person reads or hears in an element that is neither translated nor data:
 * to be empty. Times are left out, for Intl translates them.
 */
export function untranslated(element: Element, data: unknown): string[] {
  const known = strings(data).sort((a, b) => b.length - a.length);
  const said: string[] = [];
  const copy = element.cloneNode(true) as Element;
  copy.querySelectorAll('time, style, code').forEach(part => part.remove());
  const walker = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    said.push(walker.currentNode.textContent ?? '');
  }
  for (const part of copy.querySelectorAll('*')) {
    for (const name of ['aria-label', 'title', 'alt', 'placeholder', 'aria-description']) {
      said.push(part.getAttribute(name) ?? '');
    }
  }
  return said.filter(text => {
    const rest = known.reduce(
      (left, piece) => left.split(piece).join(''),
      text.replace(/⟦[^⟧]*⟧/g, ''),
    );
    return /\p{L}/u.test(rest);
  });
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') {
    return value ? [value] : [];
  }
  if (value instanceof Error) {
    return strings([value.message, ...Object.values(value)]);
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
}
