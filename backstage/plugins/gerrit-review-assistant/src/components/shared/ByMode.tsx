// SPDX-License-Identifier: Apache-2.0
import type {
  Changes,
  Mode,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { RiEyeOffLine } from '@remixicon/react';
import type { ReactNode } from 'react';
import { ModeProvider } from './mode';
import { Empty, NotOptedIn } from './Notes';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

/**
 * A list, below what the reader has to know of how its project uses the assistant. `empty` is what says that there are no
 * rows: of Gerrit's that is true in any mode, of the assistant's not while it is off or keeps what it finds for owners.
 */
export function ByMode(props: {
  mode?: Mode;
  of: 'gerrit' | 'assistant';
  /** Given when there are no rows. */
  empty?: ReactNode;
  children?: ReactNode;
}) {
  const { mode, empty } = props;
  const known = props.of === 'gerrit' || (mode !== 'off' && mode !== 'shadow');
  return (
    <div className={styles.frame}>
      {mode === 'off' && <NotOptedIn />}
      {mode === 'shadow' && <OnTrial />}
      <ModeProvider value={mode}>{props.children}</ModeProvider>
      {empty && known && empty}
      {empty && !known && mode === 'shadow' && <NothingShown />}
    </div>
  );
}

/** How the project of a list of changes uses the assistant; an older server says so of each change alone. */
export function modeOf({ mode, changes }: Pick<Changes, 'mode' | 'changes'>): Mode | undefined {
  const off = changes.length > 0 && changes.every(change => change.state === 'off');
  return mode ?? (off ? 'off' : undefined);
}

/** The project tries the assistant out; owners are told the same, for they too should know that nobody else sees it. */
function OnTrial() {
  const { t } = useMessages();
  return (
    <p role="note" className={styles.trial}>
      <RiEyeOffLine size={16} aria-hidden="true" />
      <span>{t('shared.trial.note')}</span>
    </p>
  );
}

function NothingShown() {
  const { t } = useMessages();
  return <Empty title={t('shared.trial.nothing')}>{t('shared.trial.why')}</Empty>;
}
