// What the demo prints once it answers: one box with all that a newcomer needs.

import type { RunningDemo } from './demo.ts'

export function drawBox(demo: RunningDemo): string {
  const lines = describe(demo)
  const width = Math.max(...lines.map((line) => line.length))
  const edge = '─'.repeat(width + 2)
  return [`┌${edge}┐`, ...lines.map((line) => `│ ${line.padEnd(width)} │`), `└${edge}┘`].join('\n')
}

const describe = ({ url, metricsUrl, accounts, directory, configFile }: RunningDemo): readonly string[] => [
  'Gatehouse demo',
  '',
  `  ${url}`,
  '',
  ...columns([
    ['Log in as', 'password', 'groups at the example login'],
    ...accounts.map(({ username, password, groups }) => [username, password.reveal(), groups.join(', ')]),
  ]),
  '',
  'Both logins know them: the example login, and that of the Manager, which yields a keypair.',
  '',
  'Pretended: the people, the Manager (gives out keypairs, checks each signature, shows what reached it)',
  'and the echo service. Real: the gateway, and the OpenID provider at which they log in.',
  '',
  ...columns([
    ['Configuration, state, log', directory],
    ['Metrics', metricsUrl ?? 'off'],
  ]),
  '',
  'Next:',
  `  npx gatehouse explain sso/member GET /api/staff/ --config ${configFile}`,
  '  npx gatehouse config sample > gatehouse.yaml',
  '',
  'Ctrl-C stops everything.',
]

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows.reduce<readonly number[]>(
    (known, row) => row.map((cell, column) => Math.max(known[column] ?? 0, cell.length)),
    [],
  )
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
}
