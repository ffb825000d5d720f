// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';
import { startBackstage } from './__testUtils__/backstage';
import { FakeApi } from './__testUtils__/fakeApi';

const pair = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});
const key = forge.pki.privateKeyFromPem(pair.privateKey);

// A certificate that signs itself, for an address.
function certify(ip: string) {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(pair.publicKey);
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(Date.now() - 60_000);
  certificate.validity.notAfter = new Date(Date.now() + 3_600_000);
  const subject = [{ name: 'commonName', value: 'test' }];
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true },
    { name: 'subjectAltName', altNames: [{ type: 7, ip }] },
  ]);
  certificate.sign(key, forge.md.sha256.create());
  return {
    key: pair.privateKey,
    cert: forge.pki.certificateToPem(certificate),
  };
}

it.each([
  ['is believed when it is the configured one', certify('127.0.0.1'), true, 200],
  ['is not believed when it is nobody’s', certify('127.0.0.1'), false, 503],
  ['is not believed for another address', certify('127.0.0.9'), true, 503],
])('a certificate %s', async (_, tls, configured, status) => {
  const api = await new FakeApi(tls).listen();
  const backstage = await startBackstage(api, {
    config: { ca: configured ? tls.cert : undefined },
  });
  for (const path of ['/me', '/events']) {
    api.answer = (req, res) => res.writeHead(200, { 'content-type': req.headers.accept }).end('{}');
    expect((await backstage.get(path)).status).toBe(status);
  }
  expect(api.asked).toHaveLength(status === 200 ? 2 : 0);
  expect(/cannot be reached \([A-Z_]+\)/.test(backstage.logged())).toBe(status === 503);
  await backstage.stop();
  await api.close();
});
