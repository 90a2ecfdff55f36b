import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createAppHosts } from './app-hosts.ts'

const hosts = createAppHosts(['https://notes.example.org', 'https://plots.example.org:8443', 'http://a.localhost:8080'])
const found = (header: string): string | undefined => hosts.find(header)?.origin

test('a Host header means a host by name and port, in any letter case', () => {
  assert.equal(found('notes.example.org'), 'https://notes.example.org')
  assert.equal(found('NOTES.Example.ORG'), 'https://notes.example.org')
  assert.equal(found('notes.example.org:443'), 'https://notes.example.org')
  assert.equal(found('plots.example.org:8443'), 'https://plots.example.org:8443')
  assert.equal(found('a.localhost:8080'), 'http://a.localhost:8080')
  assert.equal(hosts.find(undefined), undefined)
})

test('nothing else does', () => {
  const others = [
    'notes.example.org:80',
    'notes.example.org:8443',
    'notes.example.org:0443',
    'notes.example.org:',
    'notes.example.org.',
    'notes.example.org.:443',
    'plots.example.org',
    'plots.example.org:443',
    'a.localhost',
    'xnotes.example.org',
    'example.org',
    'notes.example.org:443:443',
    ' notes.example.org',
    '',
    '__proto__',
    'constructor',
    'n\u00f6tes.example.org',
  ]
  for (const other of others) assert.equal(found(other), undefined, JSON.stringify(other))
  assert.equal(hosts.named('plots.example.org')?.host, 'plots.example.org:8443')
  assert.equal(hosts.named('plots.example.org:8443'), undefined)
})

test('whatever is sent, it is found exactly if it is one of the spellings', () => {
  const spelled = ['notes.example.org', 'notes.example.org:443', 'plots.example.org:8443', 'a.localhost:8080']
  const text = fc.string({ unit: fc.constantFrom(...Array.from('notesplaxmr.:0438')), maxLength: 24 })
  fc.assert(fc.property(text, (header) => (found(header) !== undefined) === spelled.includes(header)))
})
