// Who on this machine can get at what is secret: secret files, private keys, the key ring, the data folder; who can change
// the configuration; and whether files that are served are there.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { secretFilesOf, whyExposed } from '#config'
import { type Check, type Finding, failure, ok, warning } from './finding.ts'

export const checkFiles: Check = async ({ loaded, gateway }) => {
  const { storage, backendAi } = loaded.config
  const ring = gateway.apis.storage.keyRingPath
  const secret = [...new Set([...secretFilesOf(loaded.settings), ...(ring === undefined ? [] : [ring])])]
  const exposed = secret.flatMap((path): readonly Finding[] => {
    const why = whyExposed(path)
    return why === undefined
      ? []
      : [warning('secret files', `${path}: ${why}`, `chown and chmod 600 ${path}, as the user that runs the gateway`)]
  })
  const none = ok(
    'secret files',
    secret.length === 0 ? 'none is named' : `${secret.length} files, of which none is open to others`,
  )
  return [
    ...(exposed.length > 0 ? exposed : [none]),
    ...checkFolder(storage.directory),
    ...(backendAi?.webUi === undefined ? [] : [checkWebUi(backendAi.webUi.directory)]),
    ...loaded.files.filter((path) => path.endsWith('.yaml') || path.endsWith('.yml')).flatMap(checkConfiguration),
  ]
}

function checkWebUi(directory: string): Finding {
  const page = join(directory, 'index.html')
  if (statSync(page, { throwIfNoEntry: false })?.isFile() === true) return ok('web ui', `${page} is there`)
  return failure('web ui', `${page} is not there`, 'write where the built files are as backendAi.webUi.directory')
}

function checkFolder(path: string): readonly Finding[] {
  const mode = modeOf(path)
  if (mode === undefined) return []
  if ((mode & 0o077) === 0) return [ok('data folder', `${path} is open to its owner only`)]
  return [
    warning(
      'data folder',
      `${path} can be entered by others (mode ${(mode & 0o777).toString(8)})`,
      `chmod 700 ${path}`,
    ),
  ]
}

/** It holds no secret, but whoever can change it decides who gets in. */
function checkConfiguration(path: string): readonly Finding[] {
  const mode = modeOf(path)
  if (mode === undefined || (mode & 0o002) === 0) return []
  return [warning('configuration', `${path} can be changed by everybody on this machine`, `chmod o-w ${path}`)]
}

/** Undefined if it is not there, or where modes mean nothing. */
function modeOf(path: string): number | undefined {
  if (process.platform === 'win32') return undefined
  return statSync(path, { throwIfNoEntry: false })?.mode
}
