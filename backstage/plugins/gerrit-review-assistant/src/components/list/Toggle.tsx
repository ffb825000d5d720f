// SPDX-License-Identifier: Apache-2.0
import { RiArrowDownSLine, RiArrowRightSLine } from '@remixicon/react';
import { useCallback, useState } from 'react';
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

/** The button that opens what is below a row. */
export function Toggle(props: {
  open: boolean;
  controls: string;
  label: string;
  onToggle: () => void;
}) {
  const Arrow = props.open ? RiArrowDownSLine : RiArrowRightSLine;
  return (
    <button
      type="button"
      className={table.toggle}
      aria-expanded={props.open}
      aria-controls={props.controls}
      aria-label={props.label}
      onClick={props.onToggle}
    >
      <Arrow size={20} aria-hidden="true" />
    </button>
  );
}
