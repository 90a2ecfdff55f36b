// Results for the GraphQL queries that the Web UI asks at login; any other query gets its own text back.

import type { Person } from './accounts.ts'

export function graphqlResult(query: string, person?: Person): object {
  const fields = person === undefined ? [] : Object.entries(fieldsOf(person)).filter(([name]) => asks(query, name))
  return { data: fields.length > 0 ? Object.fromEntries(fields) : { query } }
}

const asks = (query: string, field: string): boolean => new RegExp(`^[^{]*\\{\\s*${field}\\b`).test(query)

const fieldsOf = ({ username, userId, role }: Person) => ({
  keypair: { user_id: username, resource_policy: 'default', user: userId },
  user: {
    username,
    email: username,
    full_name: username,
    is_active: true,
    role,
    domain_name: 'default',
    groups: [group],
    need_password_change: false,
    uuid: userId,
  },
  groups: [{ ...group, description: '', is_active: true }],
})

const group = { name: 'default', id: '2de2b969-1d04-48a6-af16-0bc8adb3c831' }
