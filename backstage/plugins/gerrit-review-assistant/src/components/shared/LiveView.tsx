// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import type { Live } from '../../api/live';
import { ErrorPanel } from './ErrorPanel';
import type { ErrorWords } from './errorWords';
import { Loading, StaleNote } from './Notes';

/** A value that is loaded, in the state that it is in: awaited, failed, old, or there. */
export function LiveView<T>(props: {
  live: Live<T>;
  rows?: number;
  /** For what is not found, where it is known what that means. */
  notFound?: ErrorWords;
  children: (value: T) => ReactNode;
}) {
  const { live, rows, notFound, children } = props;
  if (live.value === undefined) {
    return live.error ? (
      <ErrorPanel
        error={live.error}
        own={live.error.kind === 'not-found' ? notFound : undefined}
        pending={live.refreshing}
        onRetry={live.reload}
      />
    ) : (
      <Loading rows={rows} />
    );
  }
  return (
    <>
      {(live.error || live.stale) && live.loadedAt !== undefined && (
        <StaleNote
          loadedAt={live.loadedAt}
          stale={live.stale}
          error={live.error}
          pending={live.refreshing}
          onRetry={live.reload}
        />
      )}
      {children(live.value)}
    </>
  );
}
