import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { getStaticTOMLValue, parseTOML } from 'toml-eslint-parser'
import { backendAiConfig } from '../config.ts'
import { type ProfileName, profiles } from '../profile.ts'
import { toConfigIni, toConfigToml } from './config-text.ts'

interface Settings {
  readonly profile?: ProfileName
  readonly webUi?: object
  readonly section?: object
}

function told({ profile = '26.2', webUi = {}, section = {} }: Settings = {}) {
  const config = backendAiConfig.parse({
    manager: { to: 'http://manager:8081', domain: 'lab' },
    webUi: { directory: '/srv/webui', ...webUi },
    ...section,
  })
  assert.ok(config?.webUi)
  return { ...config, webUi: config.webUi, profile: profiles[profile] }
}

/** By a strict reader, which refuses a key that comes twice. */
const parse = (text: string) => getStaticTOMLValue(parseTOML(text)) as Record<string, Record<string, unknown>>

const keysOf = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => {
    const [, section] = /^\[(\w+)\]$/.exec(line) ?? []
    const [, key] = /^(?:# )?(\w+) = /.exec(line) ?? []
    return section === undefined ? (key === undefined ? [] : [key]) : [`[${section}]`]
  })

const GENERAL = `apiEndpoint apiEndpointText defaultSessionEnvironment defaultImportEnvironment enableModelFolders
  connectionMode signupSupport allowChangeSigninMode allowAnonymousChangePassword allowProjectResourceMonitor
  allowManualImageNameForSession allowSignupWithoutConfirmation alwaysEnqueueComputeSession autoLogout debug maskUserInfo
  singleSignOnVendors ssoRealmName enableContainerCommit hideAgents appDownloadUrl allowAppDownloadPanel force2FA
  systemSSHImage directoryBasedUsage maxCountForPreopenPorts allowCustomResourceAllocation isDirectorySizeVisible
  eduAppNamePrefix enableExtendLoginSession enableInteractiveLoginAccountSwitch defaultFileBrowserImage enableReservoir`

const REST = `[resources] openPortToPublic allowNonAuthTCP allowPreferredPort maxCPUCoresPerContainer
  maxMemoryPerContainer maxCUDADevicesPerContainer maxCUDASharesPerContainer maxROCMDevicesPerContainer
  maxTPUDevicesPerContainer maxIPUDevicesPerContainer maxATOMDevicesPerContainer maxGaudi2DevicesPerContainer
  maxATOMPlUSDevicesPerContainer maxWarboyDevicesPerContainer maxShmPerContainer maxFileUploadSize
  [environments] allowlist showNonInstalledImages [menu] blocklist inactivelist [plugin] page [wsproxy] proxyURL
  [pipeline] endpoint frontendEndpoint`

const words = (text: string): readonly string[] => text.split(/\s+/)

test('config.toml has every key in its order, and each once', () => {
  for (const profile of ['26.2', '26.4'] as const) {
    const text = toConfigToml(told({ profile }), 'http://h')
    assert.deepEqual(keysOf(text), ['[general]', ...words(GENERAL), ...words(REST)], profile)
  }
  const latest = toConfigToml(told({ profile: '26.8' }), 'http://h')
  assert.deepEqual(keysOf(latest), ['[general]', ...words(`${GENERAL} allowThemeMode apiDomainName ${REST}`)])
  assert.equal(parse(latest).general?.apiDomainName, 'lab')
})

test('what nobody set has the webserver’s defaults, or is a comment', () => {
  const text = toConfigToml(told(), 'https://gate.example.org')
  const { general = {}, resources = {}, pipeline = {} } = parse(text)
  assert.equal(general.apiEndpoint, 'https://gate.example.org')
  assert.equal(general.apiEndpointText, 'Backend.AI API')
  assert.equal(general.connectionMode, 'SESSION')
  assert.equal(general.signupSupport, false)
  assert.equal(general.hideAgents, true)
  assert.equal(general.maxCountForPreopenPorts, 10)
  assert.equal(resources.maxFileUploadSize, 4_294_967_296)
  assert.deepEqual(pipeline, {})
  const unset =
    'defaultSessionEnvironment defaultImportEnvironment singleSignOnVendors allowlist blocklist inactivelist page endpoint frontendEndpoint'
  for (const key of words(unset)) assert.ok(text.includes(`\n# ${key} = \n`), key)
})

test('lists are one text, services have normalised addresses, and other sections say what they decide', () => {
  const text = toConfigToml(
    told({
      webUi: { general: { singleSignOnVendors: ['saml', 'openid'] }, menu: { blocklist: ['statistics', 'users'] } },
      section: { login: { signup: true }, pipeline: { to: 'http://h:9500' } },
    }),
    'http://h',
  )
  const { general, menu, pipeline } = parse(text)
  assert.equal(general?.singleSignOnVendors, 'saml,openid')
  assert.equal(menu?.blocklist, 'statistics,users')
  assert.equal(general?.signupSupport, true)
  assert.deepEqual(pipeline, { endpoint: 'http://h:9500/', frontendEndpoint: 'http://h:9500/' })
  const apart = { to: 'http://h:9500', frontendUrl: 'https://p.example.org' }
  assert.equal(
    parse(toConfigToml(told({ section: { pipeline: apart } }), 'http://h')).pipeline?.frontendEndpoint,
    'https://p.example.org/',
  )
})

test('config.ini has the few keys of the first pages', () => {
  const general = 'apiEndpoint apiEndpointText defaultSessionEnvironment enableModelFolders connectionMode'
  const rest = '[environments] allowlist showNonInstalledImages [wsproxy] proxyURL'
  assert.deepEqual(keysOf(toConfigIni(told(), 'http://h')), ['[general]', ...words(general), ...words(rest)])
})

test('no text that an operator writes becomes a line of its own', () => {
  const unit = fc.oneof(
    fc.constantFrom('"', '\\', '\n', '#', '[x]', ' = ', "'", '\u2028'),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(fc.string({ unit, minLength: 1 }), (value) => {
      const webUi = { general: { ssoRealmName: value, defaultSessionEnvironment: value } }
      const parsed = backendAiConfig.safeParse({ manager: { to: 'http://m' }, webUi: { directory: '/x', ...webUi } })
      if (!parsed.success) return
      const text = toConfigToml(told({ webUi }), 'http://h')
      assert.deepEqual(keysOf(text), keysOf(toConfigToml(told(), 'http://h')))
      assert.equal(parse(text).general?.ssoRealmName, value)
    }),
  )
})
