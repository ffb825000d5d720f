// SPDX-License-Identifier: Apache-2.0
import type { Mode } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { createContext, useContext } from 'react';

const ModeContext = createContext<Mode | undefined>(undefined);

/** Says to all below it how the project of what they show uses the assistant. */
export const ModeProvider = ModeContext.Provider;

/** Whether the reader is told all that the assistant knows: where not, what is missing may be there all the same. */
export function useTold(): boolean {
  const mode = useContext(ModeContext);
  return mode !== 'off' && mode !== 'shadow';
}
