// SPDX-License-Identifier: Apache-2.0
import { LoggerService, RootConfigService } from '@backstage/backend-plugin-api';
import { Config, readDurationFromConfig } from '@backstage/config';
import { durationToMilliseconds } from '@backstage/types';

const section = 'gerritReviewAssistant';
// What the assistant takes as a secret at all.
const minSecret = 16;
const maxTimeout = 60_000;

/** The section of the configuration, checked. */
export interface Settings {
  /** Without a slash at its end. */
  baseUrl: string;
  auth: 'service' | 'user-token';
  /** '' with user-token. */
  serviceToken: string;
  /** In milliseconds. */
  timeout: number;
  ca?: string;
}

/** Reads the section. The error says which key is wrong and holds no value. */
export function readSettings(root: Config): Settings {
  const config = root.getConfig(section);
  const auth = config.getOptionalString('auth') ?? 'service';
  if (auth !== 'service' && auth !== 'user-token') {
    throw new Error(`${section}.auth is neither service nor user-token; correct it`);
  }
  const serviceToken = auth === 'service' ? config.getString('serviceToken').trim() : '';
  if (
    auth === 'service' &&
    (serviceToken.length < minSecret || /[^\x21-\x7e]/.test(serviceToken))
  ) {
    throw new Error(
      `${section}.serviceToken is not one line of at least ${minSecret} ASCII characters; make one with "openssl rand -hex 32"`,
    );
  }
  const timeout = config.has('timeout')
    ? durationToMilliseconds(readDurationFromConfig(config, { key: 'timeout' }))
    : 10_000;
  if (!(timeout >= 1 && timeout <= maxTimeout)) {
    throw new Error(`${section}.timeout is not between a millisecond and a minute; correct it`);
  }
  const ca = config.getOptionalString('ca');
  return { baseUrl: readUrl(config.getString('baseUrl')), auth, serviceToken, timeout, ca };
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    !url ||
    !/^https?:$/.test(url.protocol) ||
    url.username ||
    url.password ||
    url.search ||
    url.hash
  ) {
    throw new Error(
      `${section}.baseUrl is no address like https://review-assistant.example.com; leave out names, passwords and queries`,
    );
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

/**
 * Returns the settings as they are now: the configuration may be reloaded, and
 * a secret that was replaced must not open anything more. Nothing begins with a
 * broken section; what runs keeps the one before.
 */
export function liveSettings(config: RootConfigService, logger: LoggerService): () => Settings {
  let settings = readSettings(config);
  config.subscribe?.(() => {
    try {
      settings = readSettings(config);
    } catch (error) {
      logger.error(`the configuration is not used, the one before is: ${(error as Error).message}`);
    }
  });
  return () => settings;
}
