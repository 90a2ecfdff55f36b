// The files of this folder, with the real nginx; without TLS, which they leave to two lines.

import { test } from 'node:test'
import { checkFront } from '../../test/support/front-checks.ts'
import { adapt, startFrontLab } from '../../test/support/front-lab.ts'
import { isMissing, startNginx } from '../../test/support/programs.ts'

test('nginx asks Gatehouse about what it serves by itself', async (t) => {
  const folder = new URL('.', import.meta.url)
  const front = await startFrontLab(folder, ({ gateway, service }) =>
    startNginx(({ port }) =>
      adapt(new URL('gate.conf', folder), {
        'listen 443 ssl;': `listen 127.0.0.1:${port};`,
        'server_name gate.example.org;': 'server_name 127.0.0.1;',
        'ssl_certificate     /etc/ssl/gate.pem;': '',
        'ssl_certificate_key /etc/ssl/gate-key.pem;': '',
        '127.0.0.1:8080': gateway,
        '127.0.0.1:3000': service,
      }),
    ),
  )
  if (isMissing(front)) return t.skip(front.missing)
  await using running = front
  await checkFront(t, running)
})
