// A changed configuration under people's feet: what is open goes on where it would be opened again just so, and ends with a
// code where it would not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBackendAiLab } from './backend-ai-lab.ts'

test('WebSockets outlive a change that is none of theirs', { timeout: 30_000 }, async () => {
  await using lab = await startBackendAiLab({ hasPipeline: true, hasRouter: true })
  const ada = await lab.logIn()
  const targets = ['/func/stream/x', '/func/admin/gql', '/pipeline/stream/x']
  const sockets = await Promise.all(targets.map((target) => ada.open(target)))
  await lab.reload({ backendAi: { rates: { user: '1000/1m' }, login: { signup: true } } })
  for (const socket of sockets) {
    socket.send('still there')
    assert.equal(await socket.next(), 'still there')
  }
  assert.equal((await ada.ask('/func/folders')).echo().verified, true)
})

test('those that would go elsewhere, or be signed otherwise, are told to come again', { timeout: 30_000 }, async () => {
  await using lab = await startBackendAiLab({ hasRouter: true })
  const ada = await lab.logIn()
  const [moved, signed] = await Promise.all([ada.open('/func/stream/x'), ada.open('/func/admin/gql')])
  await lab.reload({ backendAi: { graphql: 'jwt' } })
  assert.equal((await signed.closed).code, 1012)
  moved.send('still there')
  assert.equal(await moved.next(), 'still there')
  await using twin = await lab.startTwin()
  await lab.reload({ backendAi: { manager: { to: twin.url } } })
  assert.equal((await moved.closed).code, 1012)
  const again = await ada.open('/func/stream/x')
  again.send('here now')
  assert.equal(await again.next(), 'here now')
  assert.equal((await twin.socket(0)).request.verified, true)
})

test('a service that is taken away ends what it has open', { timeout: 30_000 }, async () => {
  await using lab = await startBackendAiLab({ hasPipeline: true })
  const socket = await lab.stranger().open('/pipeline/stream/x')
  await lab.reload({ backendAi: { pipeline: null } })
  assert.equal((await socket.closed).code, 4404)
  assert.equal((await lab.stranger().ask('/pipeline/x')).status, 404)
})
