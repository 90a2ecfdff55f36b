// `backendAi.webUi`: the built files of the Web UI, and what it is told in config.toml (§9.1 of the protocol). The keys
// are called as the Web UI calls them; their defaults are those of the webserver whose place is taken.

import { z } from 'zod'
import { filePath, httpUrl } from '#config'

const switchOf = (initial: boolean, about: string) => z.boolean().default(initial).describe(about)
const textOf = (about: string) =>
  z.string().regex(ONE_LINE, { error: 'this is one line of text' }).default('').describe(about)
const optionalText = (about: string) =>
  z.string().regex(ONE_LINE, { error: 'this is one line of text' }).min(1).optional().describe(about)
/** Delivered as one text with commas between the items. */
const listOf = (about: string, example: string) =>
  z
    .array(z.string().regex(/^[^,\p{Cc}]+$/u, { error: 'an item has no comma: write it as an item of its own' }))
    .min(1)
    .optional()
    .describe(about)
    .meta({ examples: [[example]] })
const countOf = (initial: number, about: string) => z.int().min(0).default(initial).describe(about)

const ONE_LINE = /^\P{Cc}*$/u

const generalSchema = z
  .strictObject({
    apiEndpointText: z
      .string()
      .regex(ONE_LINE, { error: 'this is one line of text' })
      .default('Backend.AI API')
      .describe('How the login form calls the service.'),
    defaultSessionEnvironment: optionalText('The environment that a new session is offered first.'),
    defaultImportEnvironment: optionalText('The environment in which notebooks and repositories are imported.'),
    enableModelFolders: switchOf(true, 'Folders for models.'),
    allowChangeSigninMode: switchOf(false, 'The login form offers to log in with a keypair.'),
    allowAnonymousChangePassword: switchOf(false, 'The login form offers to change a forgotten password.'),
    allowProjectResourceMonitor: switchOf(false, 'People see what their project uses.'),
    allowManualImageNameForSession: switchOf(false, 'People may type the name of an image.'),
    allowSignupWithoutConfirmation: switchOf(false, 'A sign-up needs no e-mail that confirms it.'),
    alwaysEnqueueComputeSession: switchOf(false, 'Sessions wait in the queue even if there is room.'),
    autoLogout: switchOf(false, 'Logs out when the last tab is closed.'),
    debug: switchOf(false, 'The page logs what it does in the browser’s console.'),
    maskUserInfo: switchOf(false, 'Names and e-mail addresses are shown in part only.'),
    singleSignOnVendors: listOf('The ways of single sign-on that the login form offers.', 'saml'),
    ssoRealmName: textOf('What the login form calls the place of single sign-on.'),
    enableContainerCommit: switchOf(false, 'A running session can be kept as an image.'),
    hideAgents: switchOf(true, 'The page of agents is for administrators only.'),
    appDownloadUrl: textOf('Where the desktop application is.'),
    allowAppDownloadPanel: switchOf(true, 'The page offers the desktop application.'),
    force2FA: switchOf(false, 'People must set up a second factor.'),
    systemSSHImage: textOf('The image that serves SSH and SFTP.'),
    directoryBasedUsage: switchOf(false, 'Usage is counted per folder.'),
    maxCountForPreopenPorts: countOf(10, 'How many ports a session may open beforehand.'),
    allowCustomResourceAllocation: switchOf(true, 'People may choose resources that no preset has.'),
    isDirectorySizeVisible: switchOf(true, 'The sizes of folders are shown.'),
    eduAppNamePrefix: textOf('What the names of applications for teaching start with.'),
    enableExtendLoginSession: switchOf(false, 'The page shows when the login ends, and lets people extend it.'),
    enableInteractiveLoginAccountSwitch: switchOf(
      true,
      'The page that applications open for a login offers another account.',
    ),
    defaultFileBrowserImage: textOf('The image that serves the file browser.'),
    enableReservoir: switchOf(false, 'The page of the Reservoir.'),
    allowThemeMode: switchOf(false, 'People may choose between light and dark. Told from profile 26.8 on.'),
  })
  .prefault({})
  .meta({ title: 'General' })

const resourcesSchema = z
  .strictObject({
    openPortToPublic: switchOf(false, 'Ports of sessions may be opened to everybody.'),
    allowNonAuthTCP: switchOf(false, 'TCP applications may be opened without authentication.'),
    allowPreferredPort: switchOf(false, 'People may ask for a port.'),
    maxCPUCoresPerContainer: countOf(64, 'The most CPU cores that a container is offered.'),
    maxMemoryPerContainer: countOf(64, 'The most memory that a container is offered, in GiB.'),
    maxCUDADevicesPerContainer: countOf(16, 'The most CUDA devices that a container is offered.'),
    maxCUDASharesPerContainer: countOf(16, 'The most shares of CUDA devices that a container is offered.'),
    maxROCMDevicesPerContainer: countOf(10, 'The same for ROCm.'),
    maxTPUDevicesPerContainer: countOf(8, 'The same for TPU.'),
    maxIPUDevicesPerContainer: countOf(8, 'The same for IPU.'),
    maxATOMDevicesPerContainer: countOf(8, 'The same for ATOM.'),
    maxGaudi2DevicesPerContainer: countOf(8, 'The same for Gaudi 2.'),
    maxATOMPlUSDevicesPerContainer: countOf(8, 'The same for ATOM+; spelled as the Web UI spells it.'),
    maxWarboyDevicesPerContainer: countOf(8, 'The same for Warboy.'),
    maxShmPerContainer: z
      .number()
      .min(0)
      .default(2)
      .describe('The most shared memory that a container is offered, in GiB.'),
    maxFileUploadSize: countOf(4_294_967_296, 'The largest file that can be uploaded, in bytes.'),
  })
  .prefault({})
  .meta({ title: 'Resources' })

export const webUiSchema = z
  .strictObject({
    directory: filePath().describe(
      'The built files of the Web UI. It may be a symbolic link that a deployment switches.',
    ),
    mode: z
      .enum(['webui', 'static'])
      .default('webui')
      .describe('What answers where there is no file: index.html, as the Web UI needs it, or 404.'),
    endpointProtocol: z
      .enum(['http', 'https'])
      .optional()
      .describe('How people reach the service, where `server.url` does not say it; part of `apiEndpoint`.'),
    general: generalSchema.describe('What the pages offer.'),
    resources: resourcesSchema.describe('How much the pages offer; what is granted is decided by the Manager.'),
    environments: z
      .strictObject({
        allowlist: listOf('The images that are offered. All, if absent.', 'cr.backend.ai/stable/python'),
        showNonInstalledImages: switchOf(false, 'Images are offered that no agent has yet.'),
      })
      .prefault({})
      .meta({ title: 'Environments' })
      .describe('Which images are offered.'),
    menu: z
      .strictObject({
        blocklist: listOf('Pages that are not in the menu.', 'statistics'),
        inactivelist: listOf('Pages that are in the menu and cannot be opened.', 'statistics'),
      })
      .prefault({})
      .meta({ title: 'Menu' })
      .describe('The menu.'),
    plugin: z
      .strictObject({ page: listOf('Plugins with a page of their own.', 'report') })
      .prefault({})
      .meta({ title: 'Plugins' })
      .describe('Plugins of the Web UI.'),
    wsproxy: z
      .strictObject({
        proxyURL: z
          .union([httpUrl(), z.literal('')])
          .default('')
          .describe('Where the Web UI finds the proxy of applications.')
          .meta({ examples: ['https://apps.example.org'] }),
      })
      .prefault({})
      .meta({ title: 'Proxy of applications' })
      .describe('The proxy of applications that run in sessions.'),
  })
  .meta({ title: 'Web UI' })

export type WebUiConfig = z.output<typeof webUiSchema>
