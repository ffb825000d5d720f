// SPDX-License-Identifier: Apache-2.0

/**
 * Types, permissions and annotations that the plugins of the Gerrit review
 * assistant share.
 *
 * @packageDocumentation
 */
export type { components } from './generated/api';
export * from './entity';
export * from './errors';
export * from './permissions';
export * from './types';
