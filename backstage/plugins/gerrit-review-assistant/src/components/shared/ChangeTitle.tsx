// SPDX-License-Identifier: Apache-2.0
import type { Change } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { OutLink } from './OutLink';
import { nameOf, PlainText } from './PlainText';
import styles from './shared.module.css';
import { useMessages } from './useMessages';

/** The subject of a change, linked to the change in Gerrit. */
export function ChangeTitle(props: { change: Pick<Change, 'subject' | 'url'> }) {
  const { subject, url } = props.change;
  const { t } = useMessages();
  return (
    <OutLink href={url} className={styles.subject}>
      <PlainText text={nameOf(subject, t('shared.link.unnamed'))} most={300} />
    </OutLink>
  );
}
