// Cookie headers that could be read in two ways (security.md C2): the answer is 401, 400 or 431, never somebody's session
// that another reader would not have seen, and never 500.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sendRaw } from '../support/raw-http.ts'
import { type Lab, startLab } from './lab.ts'

const SESSION = '__Host-gatehouse'
let lab: Lab
let ada = ''
let mallory = ''

before(async () => {
  lab = await startLab()
  ada = (await lab.logIn('ada')).cookies.get(SESSION) ?? ''
  mallory = (await lab.logIn('mallory')).cookies.get(SESSION) ?? ''
})
after(() => lab[Symbol.asyncDispose]())

/** What of a browser's Cookie header, and who that is. */
const cases: Readonly<Record<string, readonly [header: () => string, answer: 'ada' | readonly number[]]>> = {
  'one session': [() => `${SESSION}=${ada}`, 'ada'],
  'one session among others': [() => `a=b; ${SESSION}=${ada}; c`, 'ada'],
  'the same session twice': [() => `${SESSION}=${ada}; ${SESSION}=${ada}`, 'ada'],
  'two sessions': [() => `${SESSION}=${ada}; ${SESSION}=${mallory}`, [401]],
  'two sessions, the other way round': [() => `${SESSION}=${mallory}; ${SESSION}=${ada}`, [401]],
  'two Cookie lines with a session each': [() => `${SESSION}=${ada}\r\nCookie: ${SESSION}=${mallory}`, [401]],
  'two Cookie lines, one with nonsense': [() => `${SESSION}=x\r\nCookie: ${SESSION}=${ada}`, [401]],
  'an empty one first': [() => `${SESSION}=; ${SESSION}=${ada}`, [401]],
  'a nameless cookie that looks like one': [() => `=${SESSION}=${ada}`, [401]],
  'a name behind a no-break space': [() => `\u00a0${SESSION}=${ada}`, [400, 401]],
  'a name behind a no-break space, as UTF-8': [() => `\u00c2\u00a0${SESSION}=${ada}`, [400, 401]],
  'another letter case': [() => `__host-gatehouse=${ada}`, [401]],
  'an escaped name': [() => `__Host%2Dgatehouse=${ada}`, [401]],
  'a space before the equals sign': [() => `${SESSION} =${ada}`, [401]],
  'a space after it': [() => `${SESSION}= ${ada}`, [401]],
  'a quoted value': [() => `${SESSION}="${ada}"`, [401]],
  'a value with a path': [() => `${SESSION}=${ada}; $Path=/`, 'ada'],
  'commas between cookies': [() => `a=b, ${SESSION}=${ada}`, [401]],
  'a cut value': [() => `${SESSION}=${ada.slice(0, -1)}`, [401]],
  'a longer value': [() => `${SESSION}=${ada}A`, [401]],
  'ada’s id with mallory’s secret': [() => `${SESSION}=${ada.split('.')[0]}.${mallory.split('.')[1]}`, [401]],
  'mallory’s id with ada’s secret': [() => `${SESSION}=${mallory.split('.')[0]}.${ada.split('.')[1]}`, [401]],
  'the id alone': [() => `${SESSION}=${ada.split('.')[0]}`, [401]],
  'standard base64': [() => `${SESSION}=${ada.replaceAll('-', '+').replaceAll('_', '/')}=`, [401]],
  'percent-encoded': [() => `${SESSION}=${ada.replace('.', '%2E')}`, [401]],
  'the name of a prototype': [() => `__proto__=${ada}; constructor=${ada}`, [401]],
  '200 cookies': [() => Array.from({ length: 200 }, (_none, each) => `c${each}=${each}`).join('; '), [401]],
  'a cookie of 15 KiB': [() => `${SESSION}=${'A'.repeat(15 * 1_024)}`, [401]],
  'a cookie of 17 KiB': [() => `a=${'A'.repeat(17 * 1_024)}`, [431]],
}

for (const [name, [header, expected]] of Object.entries(cases)) {
  test(name, async () => {
    const host = `Host: 127.0.0.1:${lab.port}`
    const request = `GET /api/v1/me HTTP/1.1\r\n${host}\r\nConnection: close\r\nCookie: ${header()}\r\n\r\n`
    const { status, text } = await sendRaw(lab.port, Buffer.from(request, 'latin1'))
    if (expected === 'ada') assert.deepEqual([status, /"username":"ada"/.test(text)], [200, true])
    else assert.ok(expected.includes(status), `${status}`)
  })
}

test('that two sessions came is written down, without them', () => {
  const lines = lab.gateway.logs.filter(({ kind }) => kind === 'session_cookie_ambiguous')
  assert.ok(lines.length > 0)
  assert.ok(!JSON.stringify(lab.gateway.logs).includes(ada.split('.')[1] ?? ''))
})
