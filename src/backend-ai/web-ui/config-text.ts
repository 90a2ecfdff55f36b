// `config.toml` and `config.ini` (§9.1): what the Web UI is told, key by key in the order in which it always was. Its own
// small reader wants each section alone on a line, and each key with a value as JSON on one.

import type { BackendAiConfig } from '../config.ts'
import type { Profile } from '../profile.ts'
import type { WebUiConfig } from './config.ts'

type Value = string | number | boolean | readonly string[] | undefined
type Section = Readonly<Record<string, Value>>

export interface ToldConfig extends Pick<BackendAiConfig, 'manager' | 'pipeline' | 'login'> {
  readonly webUi: WebUiConfig
  readonly profile: Pick<Profile, 'themeAndDomain'>
}

export function toConfigToml(config: ToldConfig, apiEndpoint: string): string {
  const { webUi, pipeline } = config
  const { resources, environments, menu, plugin, wsproxy } = webUi
  const pipelineUrl = normalised(pipeline?.to[0]?.url)
  return toText({
    general: general(config, apiEndpoint),
    resources,
    environments: { allowlist: environments.allowlist, showNonInstalledImages: environments.showNonInstalledImages },
    menu: { blocklist: menu.blocklist, inactivelist: menu.inactivelist },
    plugin: { page: plugin.page },
    wsproxy: { proxyURL: wsproxy.proxyURL },
    pipeline: { endpoint: pipelineUrl, frontendEndpoint: normalised(pipeline?.frontendUrl) ?? pipelineUrl },
  })
}

/** What the first pages of the Web UI read. */
export function toConfigIni({ webUi }: ToldConfig, apiEndpoint: string): string {
  const { general: told, environments, wsproxy } = webUi
  return toText({
    general: {
      apiEndpoint,
      apiEndpointText: told.apiEndpointText,
      defaultSessionEnvironment: told.defaultSessionEnvironment,
      enableModelFolders: told.enableModelFolders,
      connectionMode: 'SESSION',
    },
    environments: { allowlist: environments.allowlist, showNonInstalledImages: environments.showNonInstalledImages },
    wsproxy: { proxyURL: wsproxy.proxyURL },
  })
}

function general({ webUi, login, manager, profile }: ToldConfig, apiEndpoint: string): Section {
  const { general: told } = webUi
  return {
    apiEndpoint,
    apiEndpointText: told.apiEndpointText,
    defaultSessionEnvironment: told.defaultSessionEnvironment,
    defaultImportEnvironment: told.defaultImportEnvironment,
    enableModelFolders: told.enableModelFolders,
    connectionMode: 'SESSION',
    signupSupport: login.signup,
    allowChangeSigninMode: told.allowChangeSigninMode,
    allowAnonymousChangePassword: told.allowAnonymousChangePassword,
    allowProjectResourceMonitor: told.allowProjectResourceMonitor,
    allowManualImageNameForSession: told.allowManualImageNameForSession,
    allowSignupWithoutConfirmation: told.allowSignupWithoutConfirmation,
    alwaysEnqueueComputeSession: told.alwaysEnqueueComputeSession,
    autoLogout: told.autoLogout,
    // Once: 26.2.5 wrote it twice, which strict readers refuse.
    debug: told.debug,
    maskUserInfo: told.maskUserInfo,
    singleSignOnVendors: told.singleSignOnVendors,
    ssoRealmName: told.ssoRealmName,
    enableContainerCommit: told.enableContainerCommit,
    hideAgents: told.hideAgents,
    appDownloadUrl: told.appDownloadUrl,
    allowAppDownloadPanel: told.allowAppDownloadPanel,
    force2FA: told.force2FA,
    systemSSHImage: told.systemSSHImage,
    directoryBasedUsage: told.directoryBasedUsage,
    maxCountForPreopenPorts: told.maxCountForPreopenPorts,
    allowCustomResourceAllocation: told.allowCustomResourceAllocation,
    isDirectorySizeVisible: told.isDirectorySizeVisible,
    eduAppNamePrefix: told.eduAppNamePrefix,
    enableExtendLoginSession: told.enableExtendLoginSession,
    enableInteractiveLoginAccountSwitch: told.enableInteractiveLoginAccountSwitch,
    defaultFileBrowserImage: told.defaultFileBrowserImage,
    enableReservoir: told.enableReservoir,
    ...(profile.themeAndDomain && { allowThemeMode: told.allowThemeMode, apiDomainName: manager.domain }),
  }
}

/** As the webserver writes it: `http://h:9500` becomes `http://h:9500/`. */
const normalised = (url: string | undefined): string | undefined =>
  url !== undefined && URL.canParse(url) ? new URL(url).href : undefined

const toText = (sections: Readonly<Record<string, Section>>): string =>
  Object.entries(sections)
    .map(([name, section]) => `[${name}]\n${Object.entries(section).map(toLine).join('')}`)
    .join('\n')

function toLine([key, value]: readonly [key: string, value: Value]): string {
  if (value === undefined) return `# ${key} = \n`
  // Several are one text, which the Web UI splits.
  return `${key} = ${JSON.stringify(typeof value === 'object' ? value.join(',') : value)}\n`
}
