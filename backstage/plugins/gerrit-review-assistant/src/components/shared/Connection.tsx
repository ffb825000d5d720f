// SPDX-License-Identifier: Apache-2.0
import { useFeedState } from '../../api/live';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

/** Whether what is shown of an entity, or without one of everything, updates by itself. No live region: it is no news. */
export function Connection(props: { entityRef?: string }) {
  const { t } = useMessages();
  const state = useFeedState(props.entityRef);
  return <span className={styles.quiet}>{t(`shared.connection.${state}`)}</span>;
}
