// SPDX-License-Identifier: Apache-2.0
import type { components } from './generated/api';

type Schemas = components['schemas'];

/** A row: what Gerrit says of a change now, and what the assistant made of it. @public */
export type Change = Schemas['Change'];
/** A page of changes. @public */
export type Changes = Schemas['Changes'];
/** One change, with its whole summary. @public */
export type Detail = Schemas['Detail'];
/** The short form of a summary. @public */
export type Brief = Schemas['Brief'];
/** The whole summary. @public */
export type Summary = Schemas['Summary'];
/** A place in a change that is worth a look. @public */
export type Place = Schemas['Place'];
/** Somebody, as Gerrit names them, and their entity in the catalog. @public */
export type Person = Schemas['Person'];
/** A suggested reviewer and why. @public */
export type Pick = Schemas['Pick'];
/** The votes on a label. @public */
export type Label = Schemas['Label'];
/** Whether an open change may be submitted. @public */
export type Submit = Schemas['Submit'];
/** What CI said of a patch set. @public */
export type ChangeBuilds = Schemas['ChangeBuilds'];
/** One failure of a patch set. @public */
export type FailedBuild = Schemas['FailedBuild'];
/** Open failures with one cause. @public */
export type Cluster = Schemas['Cluster'];
/** Open failures of a component, the most worth mending first. @public */
export type Failures = Schemas['Failures'];
/** What was decided about a patch set. @public */
export type Outcome = Schemas['Outcome'];
/** A row of what the assistant decided on a component. @public */
export type Activity = Schemas['Activity'];
/** A page of what the assistant decided. @public */
export type Activities = Schemas['Activities'];
/** A branch, its last build, and how many changes are ready. @public */
export type Branch = Schemas['Branch'];
/** The branches of a component. @public */
export type Branches = Schemas['Branches'];
/** Who the assistant takes a person for. @public */
export type Me = Schemas['Me'];
/** An error of the assistant (RFC 9457). @public */
export type Problem = Schemas['Problem'];
