// What Redis does in one step for us, in its own Lua. Sets of expiring members are sorted sets scored by the end of each
// member, by Redis's clock, so that the clocks of the nodes do not matter. Every key has an end.

import { createHash } from 'node:crypto'

export interface RedisScript {
  readonly text: string
  readonly sha: string
}

const script = (text: string): RedisScript => ({ text, sha: createHash('sha1').update(text).digest('hex') })

const now = "local time = redis.call('TIME') local now = time[1] * 1000 + math.floor(time[2] / 1000)"

/** key; expected value, new value, time to live */
export const setIfEquals = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`)

/** key; expected value */
export const deleteIfEquals = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`)

/** key; amount, time to live */
export const increment = script(`
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return sum`)

/** set; member, time to live */
export const addMember = script(`
${now}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIREAT', KEYS[1], redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2])
return 1`)

/** set */
export const members = script(`
${now}
return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%d', now), '+inf')`)
