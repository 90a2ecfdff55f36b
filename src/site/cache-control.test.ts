import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCacheControl, isHashed } from './cache-control.ts'

test('a hash is told from a word, and in doubt it is none', () => {
  const hashed = [
    'index-BxK3a_9d.js',
    'index-BxK3a_9d.js.map',
    'main.3f2a91bc.css',
    'main.3f2a91bc4d5e6f708192.js',
    'chunk-AB3DEFGH.js',
    'logo-Cx9-aB3d.svg',
    'my-component-D4k8sP2q.js',
  ]
  const plain = [
    'index.html',
    'app.js',
    'my-component.js',
    'jquery-3.6.0.min.js',
    'report-20240101.pdf',
    'some-facade.js',
    'vendor-deadbeef.js',
    'backend.ai-webui.js',
    'BxK3a_9d.js',
    'index-BxK3a_9d',
    'de-translations.json',
  ]
  assert.deepEqual(
    hashed.filter((name) => !isHashed(name)),
    [],
  )
  assert.deepEqual(plain.filter(isHashed), [])
})

test('what is kept how long', () => {
  const control = createCacheControl({ allow: ['public'], cache: [] })
  assert.equal(control('index-BxK3a_9d.js'), 'public, max-age=31536000, immutable')
  assert.equal(control('index.html'), 'no-cache')
  assert.equal(control('page-BxK3a_9d.HTM'), 'no-cache')
  assert.equal(control('sw.js'), 'public, max-age=300, must-revalidate')
})

test('a site that is not public stays out of shared caches', () => {
  const control = createCacheControl({ allow: ['group:lab'], cache: [] })
  for (const name of ['index-BxK3a_9d.js', 'index.html', 'sw.js']) assert.equal(control(name), 'private, no-cache')
})

test('the first rule of the operator that matches counts', () => {
  const control = createCacheControl({
    allow: ['public'],
    cache: [
      { files: ['keep.json'], control: 'max-age=5' },
      { extensions: ['.json', '.toml'], control: 'no-store' },
      { extensions: ['.js'], files: ['sw.js'], control: 'no-cache' },
    ],
  })
  assert.equal(control('keep.json'), 'max-age=5')
  assert.equal(control('theme.json'), 'no-store')
  assert.equal(control('sw.js'), 'no-cache')
  assert.equal(control('app.js'), 'public, max-age=300, must-revalidate')
})
