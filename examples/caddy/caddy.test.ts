// The files of this folder, with the real Caddy; without TLS, which Caddy sees to by itself.

import { test } from 'node:test'
import { checkFront } from '../../test/support/front-checks.ts'
import { adapt, startFrontLab } from '../../test/support/front-lab.ts'
import { isMissing, startCaddy } from '../../test/support/programs.ts'

test('Caddy asks Gatehouse about what it serves by itself', async (t) => {
  const folder = new URL('.', import.meta.url)
  const front = await startFrontLab(folder, ({ gateway, service }) =>
    startCaddy(({ port }) =>
      adapt(new URL('Caddyfile', folder), {
        'gate.example.org {': `http://127.0.0.1:${port} {`,
        '127.0.0.1:8080': gateway,
        '127.0.0.1:3000': service,
      }),
    ),
  )
  if (isMissing(front)) return t.skip(front.missing)
  await using running = front
  await checkFront(t, running)
})
