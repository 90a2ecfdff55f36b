// What the tests run of others: Debian's packages, each with the program, or the file, that is there once it is installed.

export const PACKAGES = {
  apache2: 'apache2',
  caddy: 'caddy',
  'chromium-headless-shell': 'chromium-headless-shell',
  'etcd-client': 'etcdctl',
  'etcd-server': 'etcd',
  faketime: 'faketime',
  'libapache2-mod-auth-openidc': '/usr/lib/apache2/modules/mod_auth_openidc.so',
  'libapache2-mod-shib': 'shibd',
  'mariadb-server-core': 'mariadbd',
  'nginx-light': 'nginx',
  postgresql: 'postgres',
  python3: 'python3',
  'redis-server': 'redis-server',
  slapd: 'slapd',
} as const

/** The benchmark has one of its own. */
export type DebianPackage = keyof typeof PACKAGES | 'wrk'
