// A real OpenLDAP server with a directory of the test's own: two branches, a service account, and what the test adds.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'ldapts'
import { findProgram } from './find-program.ts'
import { isMissing, type Missing } from './missing.ts'
import { accepts, findFreePort, makeDirectory, type Restartable, runRestartable } from './run-program.ts'

export interface Slapd extends Restartable {
  /** ldap://127.0.0.1:PORT; takes StartTLS where there is a certificate. */
  readonly url: string
  /** ldaps:// at the name that the certificate bears. */
  readonly tlsUrl: string
  readonly port: number
  readonly tlsPort: number
  add(dn: string, attributes: Readonly<Record<string, string | string[]>>): Promise<void>
  remove(dn: string): Promise<void>
  /** Every operation so far, as the server logs them: `BIND dn="uid=ada,…"`. */
  operations(): string
}

export interface SlapdOptions {
  /** Files in PEM. */
  readonly tls?: { readonly certificate: string; readonly key: string }
  /** Everybody may look people up, and not only the service account. */
  readonly isPublic?: boolean
  /** A search gives everything that was asked for, and not the 500 entries that slapd gives by default. */
  readonly givesAll?: boolean
}

export const BASE = 'dc=lab,dc=test'
/** May read everything but passwords. */
export const serviceAccount = { dn: `cn=gatehouse,${BASE}`, password: 'CANARY-service-account' }
const admin = { dn: `cn=admin,${BASE}`, password: 'admin' }

export async function startSlapd(options: SlapdOptions = {}): Promise<Slapd | Missing> {
  const program = await findProgram({ names: ['slapd'], package: 'slapd' })
  if (isMissing(program)) return program
  const directory = makeDirectory('slapd')
  const data = makeDirectory('slapd-data')
  const [port, tlsPort] = [await findFreePort(), await findFreePort()]
  const file = join(directory, 'slapd.conf')
  writeFileSync(file, configuration(directory, data, options))
  const url = `ldap://127.0.0.1:${port}`
  const urls = options.tls === undefined ? url : `${url} ldaps://127.0.0.1:${tlsPort}`
  const running = await runRestartable({
    path: program.path,
    // In the foreground, with a line for each operation.
    args: ['-f', file, '-h', urls, '-d', 'stats'],
    directory,
    isReady: () => accepts(port),
  })

  const asAdmin = async (work: (client: Client) => Promise<void>): Promise<void> => {
    const client = new Client({ url, timeout: 5_000, connectTimeout: 5_000 })
    try {
      await client.bind(admin.dn, admin.password)
      await work(client)
    } finally {
      await client.unbind()
    }
  }
  const add: Slapd['add'] = (dn, attributes) => asAdmin((client) => client.add(dn, { ...attributes }))

  await add(BASE, { objectClass: ['dcObject', 'organization'], o: 'Lab' })
  await add(`ou=people,${BASE}`, { objectClass: 'organizationalUnit' })
  await add(`ou=groups,${BASE}`, { objectClass: 'organizationalUnit' })
  const { dn, password } = serviceAccount
  await add(dn, { objectClass: ['organizationalRole', 'simpleSecurityObject'], userPassword: password })

  return {
    ...running,
    url,
    tlsUrl: `ldaps://localhost:${tlsPort}`,
    port,
    tlsPort,
    add,
    remove: (entry) => asAdmin((client) => client.del(entry)),
    operations: () => readFileSync(join(directory, 'log'), 'utf8'),
  }
}

/** `bind_anon_cred`: a name without a password counts as a login, as it does in some directories. */
const configuration = (
  directory: string,
  data: string,
  { tls, isPublic = false, givesAll = false }: SlapdOptions,
): string => `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile ${directory}/pid
allow bind_anon_cred
${givesAll ? 'sizelimit unlimited' : ''}
${tls === undefined ? '' : `TLSCertificateFile ${tls.certificate}\nTLSCertificateKeyFile ${tls.key}`}

database mdb
suffix "${BASE}"
directory ${data}
dbnosync
rootdn "${admin.dn}"
rootpw ${admin.password}
index uid eq
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="${serviceAccount.dn}" read by * ${isPublic ? 'read' : 'none'}
overlay memberof
`
