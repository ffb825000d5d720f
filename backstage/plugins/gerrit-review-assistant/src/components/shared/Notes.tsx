// SPDX-License-Identifier: Apache-2.0
import { Text } from '@backstage/ui';
import type { ReactNode } from 'react';
import { ANNOTATION_PROJECT } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

/** Nothing is there, and that is fine. */
export function Empty(props: { title: string; children?: ReactNode }) {
  return (
    <div className={styles.panel}>
      <Text as="p" weight="bold">
        {props.title}
      </Text>
      {props.children && (
        <Text as="p" className={styles.quiet}>
          {props.children}
        </Text>
      )}
    </div>
  );
}

/** The entity does not say where its code is in Gerrit, and how it would. */
export function NoProject() {
  const { t } = useMessages();
  return (
    <>
      <Empty title={t('shared.missing.title')}>
        {t('shared.missing.why')} {t('shared.missing.next')}
      </Empty>
      <code className={styles.code}>{ANNOTATION_PROJECT}: team/project</code>
    </>
  );
}
