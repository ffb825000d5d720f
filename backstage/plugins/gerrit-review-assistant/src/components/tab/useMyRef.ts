// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'react';
import { identityApiRef, useApi } from '@backstage/frontend-plugin-api';

/** The reader's entity, such as user:default/jane; missing until it is known. */
export function useMyRef(): string | undefined {
  const identity = useApi(identityApiRef);
  const [ref, setRef] = useState<string>();
  useEffect(() => {
    let gone = false;
    identity.getBackstageIdentity().then(
      ({ userEntityRef }) => {
        if (!gone) setRef(userEntityRef);
      },
      // Who nobody knows has no changes of their own; lists say so.
      () => {},
    );
    return () => {
      gone = true;
    };
  }, [identity]);
  return ref;
}
