// SPDX-License-Identifier: Apache-2.0

/** How the files are written. */
export const command: string;
/** Where the API is described. */
export const document: string;
/** The files of src/generated, by name, as a document has them. */
export function generate(text: string): Promise<Record<string, string>>;
/** The names of the files that are not what the document says. */
export function differing(text: string): Promise<string[]>;
