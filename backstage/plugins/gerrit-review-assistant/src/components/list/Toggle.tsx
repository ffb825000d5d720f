// SPDX-License-Identifier: Apache-2.0
import { RiArrowDownSLine, RiArrowRightSLine } from '@remixicon/react';
import { useCallback, useState } from 'react';
import type { Change } from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';
import { plain, useMessages } from '../shared';
import table from './table.module.css';

/** Which rows are opened, by id: they stay so while the rows are read again. */
export function useOpened() {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((id: string) => {
    setIds(before => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  }, []);
  return { has: (id: string) => ids.has(id), toggle };
}

/** The button that opens the details below the row of a change. */
export function Toggle(props: {
  change: Change;
  open: boolean;
  controls: string;
  onToggle: () => void;
}) {
  const { t } = useMessages();
  const { number, subject } = props.change;
  const Arrow = props.open ? RiArrowDownSLine : RiArrowRightSLine;
  return (
    <button
      type="button"
      className={table.toggle}
      aria-expanded={props.open}
      aria-controls={props.controls}
      aria-label={t('tab.table.details', {
        number: String(number),
        subject: plain(subject, 200),
      })}
      onClick={props.onToggle}
    >
      <Arrow size={20} aria-hidden="true" />
    </button>
  );
}
