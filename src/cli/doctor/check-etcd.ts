// Each member of etcd by itself: whether it answers, lets us in, and has something under the prefixes that are used.

import { configuredServices } from '#backend-ai'
import { readEtcd } from '#etcd'
import { configuredHubs } from '#hubs'
import { systemClock } from '#kernel'
import { messageOf } from '../probe/outcome.ts'
import { type Check, type Finding, failure, ok, warning } from './finding.ts'

export const checkEtcd: Check = async ({ loaded: { config } }) => {
  const { etcd, upstreams, backendAi, hubs } = config
  const features = [...configuredServices(backendAi), ...configuredHubs(hubs)].map((service) => service.config)
  const services = [...upstreams, ...features]
  const prefixes = [etcd.configPrefix ?? [], ...services.map(({ discover }) => discover?.prefix ?? [])].flat()
  const used = [...new Set(prefixes)]

  const checkMember = async (endpoint: string): Promise<readonly Finding[]> => {
    const check = `etcd ${endpoint}`
    try {
      const counts = await Promise.all(
        used.map(async (prefix) => {
          const { size } = await readEtcd({ ...etcd, endpoints: [endpoint] }, prefix, systemClock)
          return { prefix, size }
        }),
      )
      const empty = counts.filter(({ size }) => size === 0).map(({ prefix }) => prefix)
      if (empty.length > 0)
        return [
          warning(
            check,
            `it answers, and nothing is under ${empty.join(' and ')}`,
            'put the keys there, or correct the prefix',
          ),
        ]
      return [ok(check, `it answers: ${counts.map(({ prefix, size }) => `${size} keys under ${prefix}`).join(', ')}`)]
    } catch (error) {
      return [
        failure(check, messageOf(error), 'start it, or correct the section etcd; another member is asked meanwhile'),
      ]
    }
  }
  return used.length === 0 ? [] : (await Promise.all(etcd.endpoints.map(checkMember))).flat()
}
