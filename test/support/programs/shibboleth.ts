// The daemon of Shibboleth's service provider, which holds the sessions of `mod_shib` (`startApache` loads that).

import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from './find-program.ts'
import { isMissing, type Missing } from './missing.ts'
import { makeDirectory, removeDirectory, runProgram } from './run-program.ts'

export interface Shibd {
  /** What Apache needs to have the module of it. */
  readonly apache: string
  stop(): Promise<void>
}

/** Called by another name than Apache's own modules. */
const MODULE = 'mod_shib /usr/lib/apache2/modules/mod_shib.so'

/** @param configuration `shibboleth2.xml`, without a word of where the daemon listens and logs */
export async function startShibd(configuration: string): Promise<Shibd | Missing> {
  const program = await findProgram({ names: ['shibd'], package: 'libapache2-mod-shib' })
  if (isMissing(program)) return program
  const directory = makeDirectory('shibd')
  // Apache reads the configuration, and speaks to the daemon, as the user that it became.
  chmodSync(directory, 0o755)
  const socket = join(directory, 'shibd.sock')
  const logger = join(directory, 'logger')
  writeFileSync(logger, LOGGING)
  const places = `<OutOfProcess logger="${logger}"/><InProcess logger="${logger}"/><UnixListener address="${socket}"/>`
  const configFile = join(directory, 'shibboleth2.xml')
  writeFileSync(
    configFile,
    configuration.replace('<ApplicationDefaults', () => `${places}<ApplicationDefaults`),
  )
  const running = await runProgram({
    path: program.path,
    args: ['-f', '-F', '-c', configFile, '-p', join(directory, 'pid')],
    directory,
    isReady: async () => existsSync(socket),
  })
  chmodSync(socket, 0o666)
  return {
    apache: `LoadModule ${MODULE}\nShibConfig ${configFile}`,
    async stop() {
      await running.stop()
      removeDirectory(directory)
    },
  }
}

const LOGGING = `log4j.rootCategory=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%p %c %x: %m%n
`
