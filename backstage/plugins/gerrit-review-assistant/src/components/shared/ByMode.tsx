// SPDX-License-Identifier: Apache-2.0
import { Alert } from '@backstage/ui';
import { RiEyeOffLine } from '@remixicon/react';
import type { Mode } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import type { ReactNode } from 'react';
import { ModeProvider } from './mode';
import { Empty } from './Notes';
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
  const known = props.of === 'gerrit' || tellsAll(mode);
  return (
    <div className={styles.frame}>
      {mode === 'off' && <NotOptedIn />}
      {mode === 'shadow' && <OnTrial />}
      <ModeProvider value={mode}>{props.children}</ModeProvider>
      {known && empty}
      {!known && empty && mode === 'shadow' && <NothingShown />}
    </div>
  );
}

/** Whether everybody who sees the project is told all that the assistant knows of it. */
export function tellsAll(mode?: Mode): boolean {
  return mode !== 'off' && mode !== 'shadow';
}

/** The project does not use the assistant. */
function NotOptedIn() {
  const { t } = useMessages();
  return (
    <Alert
      role="note"
      status="info"
      icon
      title={t('shared.off.title')}
      description={
        <span className={styles.panel}>
          <span>{t('shared.off.why')}</span>
          <span>{t('shared.off.next')}</span>
        </span>
      }
    />
  );
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
