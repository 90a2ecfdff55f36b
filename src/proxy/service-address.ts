// Addresses at which no service is that others could be sent to: a cloud tells its machines their credentials at a
// link-local one (169.254.169.254), and the unspecified one is the machine itself by another name.

import { lookup } from 'node:dns'
import { BlockList, isIPv4, isIPv6, type LookupFunction } from 'node:net'

const elsewhere = new BlockList()
elsewhere.addSubnet('0.0.0.0', 8, 'ipv4')
elsewhere.addSubnet('169.254.0.0', 16, 'ipv4')
// Multicast, reserved and broadcast.
elsewhere.addSubnet('224.0.0.0', 3, 'ipv4')
elsewhere.addAddress('::', 'ipv6')
elsewhere.addSubnet('fe80::', 10, 'ipv6')
elsewhere.addSubnet('ff00::', 8, 'ipv6')
// Of AWS, among addresses that are private otherwise.
elsewhere.addAddress('fd00:ec2::254', 'ipv6')

/** @param hostname as URL spells it, without brackets; a name is not looked up, and is none of these. */
export const isNoServiceAddress = (hostname: string): boolean =>
  (isIPv4(hostname) && elsewhere.check(hostname, 'ipv4')) || (isIPv6(hostname) && elsewhere.check(hostname, 'ipv6'))

/**
 * Resolves names for connections, but not to such an address: whoever announces an endpoint may own its name too, and
 * what it says may change after it was looked at.
 *
 * @param resolve the system's own way
 */
export const createServiceLookup =
  (resolve: LookupFunction): LookupFunction =>
  (hostname, options, callback) =>
    resolve(hostname, options, (error, found, family) => {
      if (error !== null) return callback(error, found, family)
      const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address)
      const nowhere = addresses.find(isNoServiceAddress)
      if (nowhere === undefined) return callback(null, found, family)
      callback(Object.assign(new Error(`${hostname} is at ${nowhere}`), { code: 'ENOSERVICE' }), '', 0)
    })

export const lookUpService = createServiceLookup(lookup)
