// Real programs for tests, each found in this order: one that the environment names (GATEHOUSE_TEST_REDIS_URL,
// GATEHOUSE_TEST_SENTINEL, GATEHOUSE_TEST_POSTGRES_URL, GATEHOUSE_TEST_MARIADB_URL), a program on PATH or where Debian
// keeps it, Debian's package installed (as root), or else `Missing`, with which a suite skips by name; with CI=true that
// is an error.
//
// Each runs in a temporary folder, on a free port of 127.0.0.1, and ends with the process that started it.

export { type Apache, type ApacheOptions, startApache } from './programs/apache.ts'
export { type Caddy, startCaddy } from './programs/caddy.ts'
export { type Chromium, findChromium } from './programs/chromium.ts'
export { type Etcd, type EtcdOptions, startEtcd } from './programs/etcd.ts'
export { createFakeTime, type FakeTime } from './programs/faketime.ts'
export { findProgram, installAll, type Program } from './programs/find-program.ts'
export {
  type Mariadb,
  type MariadbDatabase,
  type OwnMariadb,
  startMariadb,
  startOwnMariadb,
} from './programs/mariadb.ts'
export { isMissing, type Missing } from './programs/missing.ts'
export { type Nginx, type NginxPlace, startNginx } from './programs/nginx.ts'
export {
  type OwnPostgres,
  type Postgres,
  type PostgresDatabase,
  startOwnPostgres,
  startPostgres,
} from './programs/postgres.ts'
export { type OwnRedis, type Redis, type RedisOptions, startOwnRedis, startRedis, tlsFiles } from './programs/redis.ts'
export { type RedisCluster, startRedisCluster } from './programs/redis-cluster.ts'
export {
  findSentinelRedis,
  type SentinelRedis,
  type SharedSentinelRedis,
  startSentinelRedis,
} from './programs/redis-sentinel.ts'
export {
  findFreePort,
  makeDirectory,
  type RunningProgram,
  removeDirectory,
  runProgram,
  waitUntil,
} from './programs/run-program.ts'
export { type Shibd, startShibd } from './programs/shibboleth.ts'
export { BASE, type Slapd, type SlapdOptions, serviceAccount, startSlapd } from './programs/slapd.ts'
