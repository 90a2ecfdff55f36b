// Who on this machine can get at what is secret: secret files, private keys, the key ring, the data folder; and who can
// change the configuration.

import { statSync } from 'node:fs'
import { secretFilesOf, whyExposed } from '#config'
import { type Check, type Finding, ok, warning } from './finding.ts'

export const checkFiles: Check = async ({ loaded, gateway }) => {
  const { storage } = loaded.config
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
    ...loaded.files.filter((path) => path.endsWith('.yaml') || path.endsWith('.yml')).flatMap(checkConfiguration),
  ]
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
