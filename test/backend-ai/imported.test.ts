// The file of a webserver, taken over by `gatehouse import`, started as it is: people log in, and the Manager takes what
// they ask for; the password of Redis is read from where the import has put it.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { formatProblem, loadConfig } from '#config'
import { createGateway } from '../../src/gateway.ts'
import { configSchema } from '../../src/modules.ts'
import { startManager } from '../support/backend-ai/index.ts'
import { webUiDirectory } from '../support/backend-ai/web-ui/index.ts'
import { findFreePort, isMissing, makeDirectory, removeDirectory, startOwnRedis } from '../support/programs.ts'
import { runCommand } from '../support/run-command.ts'
import { createLabClient } from './lab-client.ts'

const PASSWORD = 'CANARY redis: "quoted"'
const cwd = makeDirectory('imported')
after(() => removeDirectory(cwd))
const redis = await startOwnRedis({ password: PASSWORD })
after(() => (isMissing(redis) ? undefined : redis.stop()))

test('what is imported serves', { skip: isMissing(redis) && redis.missing }, async () => {
  assert.ok(!isMissing(redis))
  await using manager = await startManager()
  const port = await findFreePort()
  writeFileSync(
    join(cwd, 'webserver.conf'),
    `[service]
ip = "127.0.0.1"
port = ${port}
static_path = ${JSON.stringify(webUiDirectory)}
[api]
endpoint = "${manager.url}"
text = "The cluster"
[session]
max_age = 86400
[session.redis]
addr = "127.0.0.1:${redis.port}"
password = ${JSON.stringify(PASSWORD)}
`,
  )
  const url = `http://127.0.0.1:${port}`
  const made = await runCommand(['import', 'backend-ai', 'webserver.conf', '--url', url, '--out', 'gatehouse.yaml'], {
    cwd,
  })
  assert.equal(made.exitCode, 0, made.errors)
  const env = { GATEHOUSE_TELEMETRY__METRICS__LISTEN: '127.0.0.1:0' }
  const loaded = loadConfig({ files: [join(cwd, 'gatehouse.yaml')], env, schema: configSchema, cwd })
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.problems.map(formatProblem).join('\n'))
  const gateway = createGateway({ config: loaded.config, logSink: () => {} })
  await gateway.start()
  try {
    const client = createLabClient(url)
    assert.match((await client.ask('/config.toml')).bytes.toString(), /^apiEndpointText = "The cluster"$/m)
    const { username, password } = manager.accounts.get('ada@example.org')
    const login = await client.ask('/server/login', { method: 'POST', body: JSON.stringify({ username, password }) })
    assert.equal(login.json().authenticated, true, login.bytes.toString())
    assert.match(String(login.headers['set-cookie']), /Max-Age=86400/)
    assert.equal((await client.ask('/func/folders?a=b')).status, 200)
    assert.ok((await manager.whenRequest(({ target }) => target === '/folders?a=b')).verified)
    const names = (await redis.ask('KEYS', '*')) as readonly string[]
    assert.ok(names.length > 0 && names.every((name) => name.startsWith('gatehouse:')), names.join(', '))
  } finally {
    await gateway.stop()
  }
})
