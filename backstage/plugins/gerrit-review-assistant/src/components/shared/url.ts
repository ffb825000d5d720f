// SPDX-License-Identifier: Apache-2.0

/**
 * The address as a link may have it, or undefined for what is no address of the web.
 * What comes from a server could else run as a script of this page.
 */
export function safeUrl(address: string | undefined): string | undefined {
  if (!address || address.length > 2000) {
    return undefined;
  }
  try {
    const url = new URL(address);
    const web = url.protocol === 'https:' || url.protocol === 'http:';
    return web && !url.username && !url.password ? url.href : undefined;
  } catch {
    return undefined;
  }
}
