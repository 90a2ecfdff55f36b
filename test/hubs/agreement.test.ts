// What must fit between `hubs` and the rest of the configuration is told when it is read.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stringify } from 'yaml'
import { formatProblem, loadConfig } from '#config'
import { configSchema } from '../../src/modules.ts'

const sso = { id: 'sso', type: 'oidc', issuer: 'https://git.test', clientId: 'x' }
const hubs = { hubs: [{ id: 'one', provider: 'sso', to: 'https://git.test' }] }

function problemsOf(config: object): string {
  const files = [{ name: 'gatehouse.yaml', text: stringify(config) }]
  const loaded = loadConfig({ files, env: {}, schema: configSchema, cwd: '/' })
  return loaded.ok ? '' : loaded.problems.map(formatProblem).join('\n')
}

test('a hub has a provider whose tokens it takes, a path and a name of its own', () => {
  assert.equal(problemsOf({ identity: [sso], hubs }), '')
  assert.match(problemsOf({ identity: [], hubs }), /no provider under identity has the id "sso"/)
  assert.match(
    problemsOf({ identity: [{ id: 'sso', type: 'local' }], hubs }),
    /takes access tokens, and "sso" \(local\) brings none/,
  )
  const upstream = { path: '/x/', to: 'https://x.test', allow: ['public'] }
  const taken = problemsOf({ identity: [sso], hubs, upstreams: [{ ...upstream, path: '/hubs/one/' }] })
  assert.match(taken, /is what a hub answers at/)
  const nobody = { hubs: [{ ...hubs.hubs[0], allow: ['user:elsewhere/ada'] }] }
  assert.match(problemsOf({ identity: [sso], hubs: nobody }), /no provider under identity has the id "elsewhere"/)
  const announced = { hubs: [{ id: 'one', provider: 'sso', discover: { type: 'etcd', prefix: '/gitlab/' } }] }
  assert.match(problemsOf({ identity: [sso], hubs: announced }), /announced in etcd, and nothing says where that is/)
  const named = problemsOf({ identity: [sso], hubs, upstreams: [{ ...upstream, id: 'hub-one' }] })
  assert.match(named, /hubs\.hubs\[0\] is called "hub-one" already/)
})
