// SPDX-License-Identifier: Apache-2.0
import {
  appLanguageApiRef,
  type TranslationFunction,
  useApiHolder,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { gerritReviewAssistantTranslationRef } from '../../translation';
import { plain } from './PlainText';
import { hasWord, type WordGroup } from './words';

type Messages = {
  t: TranslationFunction<(typeof gerritReviewAssistantTranslationRef)['T']>;
  /** The word for a value of the API; a value of a newer server stays as it is. */
  word: (group: WordGroup, value: string) => string;
  /** The sentence for the code of a reason, or else what the server says itself. */
  reason: (code: string | undefined, says: string) => string;
  language: string | undefined;
};

/** The texts of the plugin in the language of the app, and that language for Intl. */
export function useMessages(): Messages {
  const { t } = useTranslationRef(gerritReviewAssistantTranslationRef);
  const language = useApiHolder().get(appLanguageApiRef)?.getLanguage().language;
  const word = (group: WordGroup, value: string) =>
    hasWord(group, value) ? t(`${group}.${value}` as 'shared.state.off') : plain(value, 60);
  const reason = (code: string = '', says: string) => {
    // One with an unknown ending is what its beginning is. A colon has a meaning in keys of messages.
    const known = [code.replace(':', '/'), code.split(':')[0]];
    const name = known.find(key => hasWord('shared.reason', key));
    return name ? word('shared.reason', name) : says;
  };
  return { t, word, reason, language };
}
