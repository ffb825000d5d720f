// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from 'react';
import { Button, SearchField, Select, Switch } from '@backstage/ui';
import { plain, useMessages } from '../shared';
import styles from './list.module.css';
import {
  canAsk,
  type FilterName,
  isNarrowed,
  longest,
  severities,
  states,
  unnarrowed,
  type View,
  whose,
} from './view';

const searchDelay = 300; // milliseconds without a key before the server is asked

// No name of a branch: git allows no space in one.
const any = 'any of them';

/** The filters of a list, each with its label. */
export function Filters(props: {
  view: View;
  onView: (change: Partial<View>) => void;
  names: readonly FilterName[];
  /** What the branches are called, in any order and more than once. */
  branches: string[];
  /** What is searched in. */
  hint: string;
}) {
  const { view, onView, names, branches, hint } = props;
  const { t } = useMessages();
  const choices = {
    state: states.map(value => ({ value, label: t(`shared.state.${value}`) })),
    severity: severities.map(value => ({ value, label: t(`shared.severity.${value}`) })),
    whose: whose.map(value => ({ value, label: t(`tab.filter.${value}`) })),
    // One that came with the address is there even if nothing is open on it.
    branch: [...new Set([...branches, view.branch])]
      .filter(name => name && canAsk(name))
      .map(value => ({
        value,
        label: plain(value, 100),
      })),
  };
  return (
    <div className={styles.filters} role="search" aria-label={t('tab.filter.label')}>
      <Search value={view.search} onChange={search => onView({ search })} hint={hint} />
      {names.map(name =>
        name === 'failing' || name === 'ready' ? (
          <Switch
            key={name}
            className={styles.switch}
            label={t(`tab.filter.${name}`)}
            isSelected={view[name]}
            onChange={value => onView({ [name]: value })}
          />
        ) : (
          <Select
            key={name}
            className={styles.filter}
            label={t(`tab.filter.${name}`)}
            options={[{ value: any, label: t('tab.any') }, ...choices[name]]}
            value={view[name] || any}
            onChange={value => onView({ [name]: value === any ? '' : value })}
          />
        ),
      )}
      {isNarrowed(view, names) && (
        <Button variant="tertiary" onPress={() => onView(unnarrowed)}>
          {t('tab.filter.clear')}
        </Button>
      )}
    </div>
  );
}

function Search(props: { value: string; onChange: (value: string) => void; hint: string }) {
  const { value, onChange } = props;
  const { t } = useMessages();
  const [typed, setTyped] = useState(value);
  const settled = useSettled(typed, searchDelay);
  const told = useRef(value);

  // The address or "clear" may set it too. What comes from here stays as it is typed.
  useEffect(() => {
    if (value !== told.current) {
      told.current = value;
      setTyped(value);
    }
  }, [value]);
  useEffect(() => {
    const search = settled.trim().slice(0, longest);
    if (search !== told.current) {
      told.current = search;
      onChange(search);
    }
    // Only what was typed is told.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [settled]);

  return (
    <SearchField
      className={styles.search}
      size="small"
      label={t('tab.filter.search')}
      placeholder={props.hint}
      maxLength={longest}
      value={typed}
      onChange={setTyped}
    />
  );
}

/** The value once it has been the same for as long as said, in milliseconds. */
function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
