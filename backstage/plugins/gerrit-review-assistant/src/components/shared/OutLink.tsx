// SPDX-License-Identifier: Apache-2.0
import { Link } from '@backstage/ui';
import { RiExternalLinkLine } from '@remixicon/react';
import type { ReactNode } from 'react';
import { Hidden } from './Hidden';
import { safeUrl } from './url';
import { useMessages } from './useMessages';

/** A link to another site, in a new tab; bare text where the address is none of the web. */
export function OutLink(props: {
  href: string | undefined;
  className?: string;
  children: ReactNode;
}) {
  const { className, children } = props;
  const { t } = useMessages();
  const href = safeUrl(props.href);
  if (!href) {
    return <span className={className}>{children}</span>;
  }
  return (
    <Link href={href} target="_blank" rel="noopener noreferrer" className={className}>
      {children} <RiExternalLinkLine size={12} aria-hidden="true" />{' '}
      <Hidden>({t('shared.link.newTab')})</Hidden>
    </Link>
  );
}
