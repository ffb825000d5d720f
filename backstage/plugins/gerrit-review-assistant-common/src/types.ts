// SPDX-License-Identifier: Apache-2.0
import type { components } from './generated/api';

/** A row: what Gerrit says of a change now, and what the assistant made of it. @public */
export type Change = components['schemas']['Change'];
/** A page of changes. @public */
export type Changes = components['schemas']['Changes'];
/** How a project uses the assistant; missing where nothing is told of the project, and of an older assistant. @public */
export type Mode = NonNullable<Changes['mode']>;
/** One change, with its whole summary. @public */
export type Detail = components['schemas']['Detail'];
/** The short form of a summary. @public */
export type Brief = components['schemas']['Brief'];
/** The whole summary. @public */
export type Summary = components['schemas']['Summary'];
/** A place in a change that is worth a look. @public */
export type Place = components['schemas']['Place'];
/** Somebody, as Gerrit names them, and their entity in the catalog. @public */
export type Person = components['schemas']['Person'];
/** A suggested reviewer and why. @public */
export type Pick = components['schemas']['Pick'];
/** The votes on a label. @public */
export type Label = components['schemas']['Label'];
/** Whether an open change may be submitted. @public */
export type Submit = components['schemas']['Submit'];
/** What CI said of a patch set. @public */
export type ChangeBuilds = components['schemas']['ChangeBuilds'];
/** One failure of a patch set. @public */
export type FailedBuild = components['schemas']['FailedBuild'];
/** Open failures with one cause. @public */
export type Cluster = components['schemas']['Cluster'];
/** Open failures of a component, the most worth mending first. @public */
export type Failures = components['schemas']['Failures'];
/** What was decided about a patch set. @public */
export type Outcome = components['schemas']['Outcome'];
/** A row of what the assistant decided on a component. @public */
export type Activity = components['schemas']['Activity'];
/** A page of what the assistant decided. @public */
export type Activities = components['schemas']['Activities'];
/** A branch, its last build, and how many changes are ready. @public */
export type Branch = components['schemas']['Branch'];
/** The branches of a component. @public */
export type Branches = components['schemas']['Branches'];
/** Who the assistant takes a person for. @public */
export type Me = components['schemas']['Me'];
/** An error of the assistant (RFC 9457). @public */
export type Problem = components['schemas']['Problem'];
