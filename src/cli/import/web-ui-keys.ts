// What the Web UI is told: where each setting stands in the original's file, and how it is called here, which is how the
// Web UI calls it.

import type { Original, Path } from './original.ts'
import { group, type Setting, setting } from './setting.ts'
import { readItems, readLine } from './text-values.ts'

type Kind = 'flag' | 'text' | 'list' | 'count' | 'number'
type Row = readonly [path: Path, key: string, kind: Kind]

const GENERAL: readonly Row[] = [
  ['api.text', 'apiEndpointText', 'text'],
  ['ui.default_environment', 'defaultSessionEnvironment', 'text'],
  ['ui.default_import_environment', 'defaultImportEnvironment', 'text'],
  ['ui.enable_model_folders', 'enableModelFolders', 'flag'],
  ['service.allow_change_signin_mode', 'allowChangeSigninMode', 'flag'],
  ['service.allow_anonymous_change_password', 'allowAnonymousChangePassword', 'flag'],
  ['service.allow_project_resource_monitor', 'allowProjectResourceMonitor', 'flag'],
  ['service.allow_manual_image_name_for_session', 'allowManualImageNameForSession', 'flag'],
  ['service.allow_signup_without_confirmation', 'allowSignupWithoutConfirmation', 'flag'],
  ['service.always_enqueue_compute_session', 'alwaysEnqueueComputeSession', 'flag'],
  ['session.auto_logout', 'autoLogout', 'flag'],
  ['service.webui_debug', 'debug', 'flag'],
  ['service.mask_user_info', 'maskUserInfo', 'flag'],
  ['service.single_sign_on_vendors', 'singleSignOnVendors', 'list'],
  ['service.sso_realm_name', 'ssoRealmName', 'text'],
  ['service.enable_container_commit', 'enableContainerCommit', 'flag'],
  ['service.hide_agents', 'hideAgents', 'flag'],
  ['service.app_download_url', 'appDownloadUrl', 'text'],
  ['service.allow_app_download_panel', 'allowAppDownloadPanel', 'flag'],
  ['service.force_2FA', 'force2FA', 'flag'],
  ['service.system_SSH_image', 'systemSSHImage', 'text'],
  ['service.directory_based_usage', 'directoryBasedUsage', 'flag'],
  ['session.max_count_for_preopen_ports', 'maxCountForPreopenPorts', 'count'],
  ['service.allow_custom_resource_allocation', 'allowCustomResourceAllocation', 'flag'],
  ['service.is_directory_size_visible', 'isDirectorySizeVisible', 'flag'],
  ['service.edu_appname_prefix', 'eduAppNamePrefix', 'text'],
  ['service.enable_extend_login_session', 'enableExtendLoginSession', 'flag'],
  ['service.enable_interactive_login_account_switch', 'enableInteractiveLoginAccountSwitch', 'flag'],
  ['service.default_file_browser_image', 'defaultFileBrowserImage', 'text'],
  ['service.enable_reservoir', 'enableReservoir', 'flag'],
  ['service.allow_theme_mode', 'allowThemeMode', 'flag'],
]

const RESOURCES: readonly Row[] = [
  ['resources.open_port_to_public', 'openPortToPublic', 'flag'],
  ['resources.allow_non_auth_tcp', 'allowNonAuthTCP', 'flag'],
  ['resources.allow_preferred_port', 'allowPreferredPort', 'flag'],
  ['resources.max_cpu_cores_per_container', 'maxCPUCoresPerContainer', 'count'],
  ['resources.max_memory_per_container', 'maxMemoryPerContainer', 'count'],
  ['resources.max_cuda_devices_per_container', 'maxCUDADevicesPerContainer', 'count'],
  ['resources.max_cuda_shares_per_container', 'maxCUDASharesPerContainer', 'count'],
  ['resources.max_rocm_devices_per_container', 'maxROCMDevicesPerContainer', 'count'],
  ['resources.max_tpu_devices_per_container', 'maxTPUDevicesPerContainer', 'count'],
  ['resources.max_ipu_devices_per_container', 'maxIPUDevicesPerContainer', 'count'],
  ['resources.max_atom_devices_per_container', 'maxATOMDevicesPerContainer', 'count'],
  ['resources.max_gaudi2_devices_per_container', 'maxGaudi2DevicesPerContainer', 'count'],
  ['resources.max_atom_plus_devices_per_container', 'maxATOMPlUSDevicesPerContainer', 'count'],
  ['resources.max_warboy_devices_per_container', 'maxWarboyDevicesPerContainer', 'count'],
  ['resources.max_shm_per_container', 'maxShmPerContainer', 'number'],
  ['resources.max_file_upload_size', 'maxFileUploadSize', 'count'],
]

const OTHERS: readonly (readonly [string, readonly Row[]])[] = [
  ['resources', RESOURCES],
  [
    'environments',
    [
      ['environments.allowlist', 'allowlist', 'list'],
      ['environments.show_non_installed_images', 'showNonInstalledImages', 'flag'],
    ],
  ],
  [
    'menu',
    [
      ['ui.menu_blocklist', 'blocklist', 'list'],
      ['ui.menu_inactivelist', 'inactivelist', 'list'],
    ],
  ],
  ['plugin', [['plugin.page', 'page', 'list']]],
]

/** Only what the file says: the defaults are the same. */
export const readWebUiKeys = (original: Original): readonly Setting[] =>
  [['general', GENERAL] as const, ...OTHERS].flatMap(([key, rows]) =>
    group(
      key,
      rows.flatMap(([path, name, kind]) => setting(name, readers[kind](original, path))),
    ),
  )

const readers: Readonly<Record<Kind, (original: Original, path: Path) => Setting['value'] | undefined>> = {
  flag: (original, path) => original.flag(path),
  count: (original, path) => original.integer(path, { min: 0, max: Number.MAX_SAFE_INTEGER }),
  number: (original, path) => original.number(path, { min: 0, max: Number.MAX_SAFE_INTEGER }),
  text: readLine,
  list: readItems,
}
