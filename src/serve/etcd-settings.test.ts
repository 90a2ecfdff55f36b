import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Entries, Etcd } from '#etcd'
import { followSettings } from './etcd-settings.ts'

const toEntries = (text: string): Entries => new Map([['/g/a', text]])

/** An etcd whose prefix says what the test does. */
function startFake(known: Entries | undefined) {
  let tell: (entries: Entries) => void = () => {}
  const etcd: Etcd = {
    watch: (prefix) => ({
      prefix,
      entries: known,
      failure: undefined,
      tried: Promise.resolve(),
      onChange(listener) {
        tell = listener
        return () => {}
      },
      stop: () => {},
    }),
  }
  return { etcd, tell: (entries: Entries) => tell(entries) }
}

test('only what differs from what is known is a change, also of what somebody else is told already', () => {
  const { etcd, tell } = startFake(toEntries('2'))
  const followed = followSettings({ prefix: '/g/', entries: toEntries('1') }, etcd)
  const seen: (string | undefined)[] = []
  followed.follow(() => void seen.push(followed.present?.entries.get('/g/a')))
  assert.deepEqual(seen, ['2'])
  tell(toEntries('2'))
  tell(toEntries('3'))
  assert.deepEqual(seen, ['2', '3'])
  assert.equal(followed.present?.prefix, '/g/')
})

test('where none are kept there, nobody is asked', () => {
  const followed = followSettings(undefined, { watch: () => assert.fail('asked') })
  followed.follow(() => assert.fail('changed'))
  followed.stop()
  assert.equal(followed.present, undefined)
})
