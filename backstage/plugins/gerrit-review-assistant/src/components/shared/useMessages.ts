// SPDX-License-Identifier: Apache-2.0
import {
  appLanguageApiRef,
  type TranslationFunction,
  useApiHolder,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { gerritReviewAssistantTranslationRef } from '../../translation';

type Messages = {
  t: TranslationFunction<(typeof gerritReviewAssistantTranslationRef)['T']>;
  language: string | undefined;
};

/** The texts of the plugin in the language of the app, and that language for Intl. */
export function useMessages(): Messages {
  const { t } = useTranslationRef(gerritReviewAssistantTranslationRef);
  const language = useApiHolder().get(appLanguageApiRef)?.getLanguage().language;
  return { t, language };
}
