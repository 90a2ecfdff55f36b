// Gatehouse as the authentication of proxies in front: `/auth/verify`. See README.md.

import { type Access, createRefusalRecorder } from '#access'
import type { AppHosts, HttpPart, PublicUrl } from '#http'
import { type Clock, defineModule } from '#kernel'
import type { Storage } from '#storage'
import { verifyConfig } from './config.ts'
import { createIdentityHeaders } from './identity-headers.ts'
import { createVerifyMount } from './mount.ts'
import type { TokenSource } from './ports.ts'
import { createReturnRoute } from './return-target.ts'
import { createVerifier } from './service.ts'
import { createVerifiedServices } from './services.ts'

export type { VerifyConfig } from './config.ts'
export { verifyErrors } from './errors.ts'

export interface VerifyDeps {
  readonly clock: Clock
  readonly storage: Pick<Storage, 'audit'>
  readonly access: Access
  readonly publicUrl: PublicUrl
  readonly hosts: AppHosts
  readonly proxy: TokenSource
}

export const verifyModule = defineModule({
  id: 'verify',
  configKey: 'verify',
  config: verifyConfig,
  requires: ['storage', 'access', 'proxy'],
  create({ clock, storage, access, publicUrl, hosts, proxy }: VerifyDeps, config): HttpPart<undefined> {
    const services = createVerifiedServices(config.services, { access, publicUrl })
    const verify = createVerifier({
      access,
      publicUrl,
      services,
      identityHeaders: createIdentityHeaders(config, proxy),
      recordRefusal: createRefusalRecorder({ clock, audit: storage.audit }),
      hasSiblings: hosts.all.length > 0,
    })
    return {
      api: undefined,
      mounts: [createVerifyMount(verify)],
      routes: [createReturnRoute(() => [publicUrl.origin, ...services.origins()])],
    }
  },
})
