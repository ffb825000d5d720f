// SPDX-License-Identifier: Apache-2.0

/** An answer of bytes; jsdom has no Response of its own. */
export function answer(
  body: string | Uint8Array[],
  options: { status?: number; headers?: Record<string, string>; open?: boolean } = {},
): Response {
  const { status = 200, headers = {}, open = false } = options;
  const parts = typeof body === 'string' ? [new TextEncoder().encode(body)] : [...body];
  let release: () => void = () => {};
  return {
    ok: status < 400,
    status,
    headers: new Headers(headers),
    body: {
      getReader: () => ({
        read: async () => {
          const value = parts.shift();
          if (value || !open) {
            return { done: !value, value };
          }
          await new Promise<void>(resolve => {
            release = resolve;
          });
          return { done: true, value: undefined };
        },
        cancel: async () => release(),
      }),
    },
  } as unknown as Response;
}

/** An answer of JSON. */
export const json = (value: unknown, status = 200, headers = {}) =>
  answer(JSON.stringify(value), { status, headers });
