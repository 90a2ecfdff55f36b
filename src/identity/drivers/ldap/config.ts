// The configuration of a login at an LDAP directory.

import { z } from 'zod'
import { pemFile, secretRef } from '#config'
import { groupsPrefix, providerId, providerLabel } from '../common-config.ts'
import { parseDn } from './dn.ts'
import { isSafeServer, parseServer } from './server.ts'

const dn = () =>
  z.string().refine((text) => parseDn(text) !== undefined, {
    error: 'a distinguished name is written like ou=people,dc=example,dc=org, special characters behind a backslash',
  })

const attribute = (name: string, what: string) =>
  z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]*$/, { error: 'an attribute’s name has letters, digits and hyphens' })
    .default(name)
    .describe(what)

const server = z
  .string()
  .refine((text) => parseServer(text) !== undefined, {
    error: 'a server is written like ldaps://ldap.example.org or ldap://ldap.example.org:389, with nothing behind it',
  })
  .meta({ examples: ['ldaps://ldap.example.org'] })

/** What directories name an entry by for as long as it exists, however it is renamed or moved. */
export const SUBJECT_ATTRIBUTES = ['entryUUID', 'objectGUID', 'nsUniqueId', 'ipaUniqueID'] as const

const filter = z
  .string()
  .refine(isInBrackets, { error: 'a filter stands in brackets that match, as in (objectClass=person)' })
  .default('(objectClass=person)')
  .describe('Which entries are people who may log in (RFC 4515).')
  .meta({ examples: ['(&(objectClass=user)(memberOf=cn=lab,ou=groups,dc=example,dc=org))'] })

const groupsBase = dn()
  .describe('Where groups are: directly below it, named by `cn`. Groups elsewhere are not looked at.')
  .meta({ examples: ['ou=groups,dc=example,dc=org'] })

const groups = z
  .discriminatedUnion('type', [
    z
      .strictObject({
        type: z.literal('memberOf').describe('The person’s entry lists them, in `memberOf`.'),
        base: groupsBase,
      })
      .meta({ title: 'Groups by memberOf' }),
    z
      .strictObject({
        type: z.literal('search').describe('The groups’ entries list their members.'),
        base: groupsBase,
        memberAttribute: attribute('member', 'The attribute of a group that lists its members.'),
        holds: z
          .enum(['dn', 'username'])
          .default('dn')
          .describe('What it lists: names of entries, or user names (`memberUid` of posixGroup).'),
      })
      .meta({ title: 'Groups by search' }),
  ])
  .optional()
  .describe('Which groups people have; none without it.')

export const ldapConfig = z
  .strictObject({
    id: providerId,
    type: z.literal('ldap').describe('An LDAP directory: OpenLDAP, Active Directory, 389 Directory Server, FreeIPA …'),
    label: providerLabel,
    servers: z
      .array(server)
      .min(1)
      .max(8)
      .describe('Servers of the directory, each as good as the other; the first that answers is asked.'),
    startTls: z
      .boolean()
      .default(true)
      .describe('Encrypt connections to `ldap://` servers before anything is said. Servers that cannot are not used.'),
    ca: pemFile()
      .optional()
      .describe('The authorities that may have signed the servers’ certificates, in place of the public ones.')
      .meta({ examples: ['/etc/gatehouse/ldap-ca.pem'] }),
    bind: z
      .strictObject({
        dn: dn()
          .describe('The account that looks people up. It needs to read no passwords.')
          .meta({ examples: ['cn=gatehouse,dc=example,dc=org'] }),
        password: secretRef().describe('Its password.'),
      })
      .optional()
      .describe('Without it people are looked up anonymously, if the directory allows that.'),
    people: z
      .strictObject({
        base: dn()
          .describe('Where people are: anywhere below it.')
          .meta({ examples: ['ou=people,dc=example,dc=org'] }),
        filter,
        username: attribute('uid', 'The attribute that people log in with. `sAMAccountName` in Active Directory.'),
        subject: z
          .enum(SUBJECT_ATTRIBUTES)
          .default('entryUUID')
          .describe('The attribute that tells people apart for ever. `objectGUID` in Active Directory.'),
        displayName: attribute('cn', 'The attribute with the full name.'),
        email: attribute('mail', 'The attribute with the e-mail address. It is shown, and tells nobody apart.'),
      })
      .describe('Who can log in.'),
    groups,
    groupsPrefix,
    dangerouslyAllowPlain: z
      .boolean()
      .default(false)
      .describe('Speak to servers that are not on this machine without encryption: passwords can be read on the way.'),
  })
  .refine((config) => config.dangerouslyAllowPlain || config.startTls || config.servers.every(isSafeServer), {
    path: ['startTls'],
    error: 'without encryption, only servers on this machine are allowed: use ldaps:// or startTls',
  })
  .meta({ title: 'LDAP directory' })

/** Enough to find a slip without the directory's library; that reads it in full. Brackets in values are escaped. */
function isInBrackets(text: string): boolean {
  let depth = 0
  let isOver = false
  for (const character of text) {
    if (isOver || (depth === 0 && character !== '(')) return false
    depth += character === '(' ? 1 : character === ')' ? -1 : 0
    isOver = depth === 0
  }
  return isOver
}

export type LdapConfig = z.infer<typeof ldapConfig>
