// SPDX-License-Identifier: Apache-2.0
import axe from 'axe-core';

/**
 * What axe finds in an element that is serious or critical, as "rule: element". Colours
 * are not looked at: jsdom computes none.
 */
export async function seriousFindings(element: Element): Promise<string[]> {
  const { violations } = await axe.run(element, {
    rules: { 'color-contrast': { enabled: false } },
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html}`));
}
