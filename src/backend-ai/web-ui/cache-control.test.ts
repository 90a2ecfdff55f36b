import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cacheControlOf } from './cache-control.ts'

const DAYS = 'max-age=259200, public'
const DAY = 'max-age=86400, public, must-revalidate, proxy-revalidate'

const table: Readonly<Record<string, string | undefined>> = {
  'index.html': 'no-store',
  'a.htm': 'no-store',
  'manifest.json': 'no-store',
  'x.manifest': 'no-store',
  'theme.toml': 'no-store',
  'backend-ai-webui.js': 'no-store',
  'logo.svg': DAYS,
  'photo.jpeg': DAYS,
  'font.woff2': DAYS,
  'fonts.css.gz': DAYS,
  'app.js': DAY,
  'backend-ai-webui.js.map': undefined,
  'webui.css': DAY,
  'read.txt': 'no-store',
  'x.log': 'no-store',
  'x.lo': 'no-store',
  'x.py': 'no-store',
  'font.ttf': undefined,
  'LOGO.SVG': undefined,
  html: undefined,
}

for (const [name, expected] of Object.entries(table)) {
  test(`${name}: ${expected ?? 'no header'}`, () => assert.equal(cacheControlOf(name), expected))
}
