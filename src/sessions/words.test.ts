import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceName } from './device-name.ts'
import { showTime } from './relative-time.ts'

test('spans are told in the unit that people would use', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, 'just now'],
    [-44_000, 'just now'],
    [44_000, 'in less than a minute'],
    [-45_000, '1 minute ago'],
    [60_000, 'in 1 minute'],
    [-100_000, '2 minutes ago'],
    [43 * 60_000, 'in 43 minutes'],
    [59.9 * 60_000, 'in 1 hour'],
    [-2 * 3_600_000, '2 hours ago'],
    [12 * 3_600_000, 'in 12 hours'],
    [3 * 86_400_000, 'in 3 days'],
  ]
  for (const [deltaMs, expected] of cases) assert.equal(showTime(1e12 + deltaMs, 1e12).relative, expected)
})

test('devices are named by program and system', () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
      'Chrome on Windows',
    ],
    ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0', 'Edge on Windows'],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15',
      'Safari on macOS',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1',
      'Safari on iOS',
    ],
    ['Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36', 'Chrome on Android'],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/140.0 Safari/537.36', 'Chrome on Linux'],
    ['curl/8.5.0', 'curl'],
    ['', 'Unknown program'],
    ['<script>', 'Unknown program'],
  ]
  for (const [userAgent, expected] of cases) assert.equal(deviceName(userAgent), expected)
})
