// SPDX-License-Identifier: Apache-2.0
/**
 * Gerrit groups as groups of the catalog, and the permission rule `inGerritGroup`.
 *
 * @packageDocumentation
 */
export { catalogModuleGerritGroups as default } from './module';
export { createGerritConditionalDecision, gerritConditions } from './rule';
