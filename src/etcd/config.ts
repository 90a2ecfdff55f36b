// The `etcd` section of the configuration: where etcd is, who we are there, and whether settings are kept there too.

import { z } from 'zod'
import { duration, httpUrl, secretRef } from '#config'
import { storeTlsSchema } from '#storage'

/** A prefix of keys. With the slash at its end it is a folder, and no key of a sibling with a longer name is in it. */
export const etcdPrefix = () =>
  z
    .string()
    .regex(/^[\x21-\x7e]*\/$/, {
      error: 'a prefix of keys ends with a slash, and has no spaces: /services/manager/',
    })
    .refine((prefix) => prefix !== '/', { error: 'this would be every key there is' })

const address = httpUrl().refine((url) => /^https?:\/\/[^/?]+\/?$/i.test(url), {
  error: 'the address of a member of etcd has no path and no query',
})

export const etcdConfig = z
  .strictObject({
    endpoints: z
      .array(address)
      .default([])
      .describe(
        'The members of etcd, at their client ports. Any will do, and where one does not answer the next is asked. Empty: etcd is not used.',
      )
      .meta({ examples: [['https://etcd-1:2379', 'https://etcd-2:2379', 'https://etcd-3:2379']] }),
    user: z.string().min(1).optional().describe('The user at etcd, if it asks for one. It needs to read only.'),
    password: secretRef().optional().describe('The password of that user.'),
    tls: storeTlsSchema({}).optional().describe('How https members prove who they are, and the gateway to them.'),
    timeout: duration('2s', { min: '10ms', max: '1m' }).describe(
      'How long a member may take to answer before the next one is asked.',
    ),
    configPrefix: etcdPrefix()
      .optional()
      .describe(
        'Settings are taken from the keys under this prefix as well: they go over those of the files, and under those of the environment. Whoever may write there administers this gateway.',
      )
      .meta({ examples: ['/gatehouse/config/'] }),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    error: 'user and password go together',
    path: ['user'],
    params: { fix: 'give both, or neither' },
  })
  .refine(({ tls, endpoints }) => tls === undefined || endpoints.every((url) => /^https:/i.test(url)), {
    error: 'there is no TLS on the way to an address that does not start with https://',
    path: ['tls'],
    params: { fix: 'write https:// in endpoints, or remove tls' },
  })
  .refine(({ configPrefix, endpoints }) => configPrefix === undefined || endpoints.length > 0, {
    error: 'nothing says where etcd is',
    path: ['configPrefix'],
    params: { fix: 'list the members of etcd in etcd.endpoints, or remove configPrefix' },
  })
  .meta({ title: 'etcd', 'x-local': true })

export type EtcdConfig = z.output<typeof etcdConfig>
