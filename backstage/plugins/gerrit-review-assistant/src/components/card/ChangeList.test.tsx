// SPDX-License-Identifier: Apache-2.0
import { brief, change } from '../../__testUtils__/fixtures';
import { text } from '../../__testUtils__/render';
import { ChangeRow } from './ChangeList';

describe('ChangeRow', () => {
  it('says that nothing is known of the builds of an open change, and how old it is', async () => {
    const created = new Date(Date.now() - 3 * 86400_000).toISOString();
    const said = await text(<ChangeRow change={change(1, { builds: null, created })} />);
    expect(said).toMatch(/created 3 days agoupdated 14 minutes ago/);
    expect(said).toContain('No build known');
  });

  it('says nothing of builds of a closed change of which nothing is known', async () => {
    const row = change(1, { status: 'MERGED', submit: null, builds: null });
    expect(await text(<ChangeRow change={row} />)).not.toMatch(/build/);
  });

  it.each(['high', 'none'] as const)(
    'shows no risk of an older patch set as that of the newest: %s',
    async severity => {
      const summary = brief({ severity, stale: true, patch_set: 2, look: 0 });
      const row = change(1, { summary, state: 'skipped', says: 'Too large.' });
      const said = await text(<ChangeRow change={row} />);
      expect(said).toContain(severity === 'none' ? 'Risk not known' : 'High risk in patch set 2');
      expect(said).not.toContain('No risk found');
      expect(said).toContain('Not read');
    },
  );

  it('says that a change is merged', async () => {
    const row = change(1, { status: 'MERGED', submit: null });
    expect(await text(<ChangeRow change={row} />)).toMatch(/Merged/);
  });
});
