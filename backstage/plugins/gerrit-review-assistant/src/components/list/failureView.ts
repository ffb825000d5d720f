// SPDX-License-Identifier: Apache-2.0
import type {
  Cluster,
  FailedBuild,
} from '@review-assistant/backstage-plugin-gerrit-review-assistant-common';

/** A failure as it is shown, of one patch set or of all that share a cause. */
export interface FailureView {
  /** The test, or the line that matters. */
  title: string;
  /** The line that matters, where the title is another. */
  message?: string;
  /** file:line */
  place?: string;
  /** The cause to believe: what a person said goes before what is computed. */
  cause: FailedBuild['class'];
  odds: FailedBuild['odds'];
  ruling?: FailedBuild['ruling'];
  stage: string;
  category: string;
  jobs: string[];
  evidence: string[];
  excerpt: { number?: number; text: string }[];
  unread?: string;
  /** The run's page in CI, where it can be run again. Not checked yet. */
  url?: string;
  logUrl?: string;
}

/** A failure of a patch set. */
export function ofBuild(failure: FailedBuild): FailureView {
  return { ...shared(failure, failure), cause: failure.class, unread: failure.unread };
}

/** An open failure of a component. */
export function ofCluster(cluster: Cluster): FailureView {
  const sample = { ...cluster.sample, message: cluster.title || cluster.sample.message };
  return { ...shared(cluster, { ...sample, test: cluster.test }), cause: cluster.shown };
}

function shared(
  said: Pick<FailedBuild, 'odds' | 'ruling' | 'url' | 'log_url' | 'stage' | 'category'> & {
    jobs?: string[];
    evidence?: string[];
  },
  failure: Pick<FailedBuild, 'test' | 'message' | 'file' | 'line' | 'excerpt'>,
): Omit<FailureView, 'cause'> {
  const title = failure.test || failure.message;
  return {
    title,
    message: failure.message === title ? undefined : failure.message,
    place: failure.file && placeOf(failure.file, failure.line),
    odds: said.odds,
    ruling: said.ruling,
    stage: said.stage,
    category: said.category,
    jobs: said.jobs ?? [],
    evidence: said.evidence ?? [],
    excerpt: failure.excerpt ?? [],
    url: said.url,
    logUrl: said.log_url,
  };
}

/** A place in the code, as compilers write it. */
export function placeOf(path: string, line?: number): string {
  return line ? `${path}:${line}` : path;
}
