// The page itself: its calls in the order of the Web UI, its states in `data-state` of the body.

import { createClient, forgetSession } from './client.js'
import { judgeLogin } from './login.js'
import { parseToml } from './toml.js'

const element = (id) => document.getElementById(id)
const textIn = (id) => element(id).value
const onSubmit = (id, act) =>
  element(id).addEventListener('submit', (event) => {
    event.preventDefault()
    void act()
  })

const fetchJson = async (path) => (await fetch(path)).json()
const [texts, theme] = await Promise.all([fetchJson('/resources/i18n/en.json'), fetchJson('/resources/theme.json')])
element('title').textContent = theme.logo.alt

function show(state, text) {
  element('message').textContent = texts[text] ?? text ?? ''
  document.body.dataset.state = state
}

const configAnswer = await fetch('../../config.toml')
const config = parseToml(configAnswer.status === 200 ? await configAnswer.text() : '')
const { apiEndpoint = location.origin, ...general } = config.general ?? {}
const client = createClient(apiEndpoint)
let manager
let registrationToken

async function load() {
  manager = await client.findManager()
  if (manager === undefined) return show('unreachable', 'unreachable')
  const { body } = await client.post('/server/login-check', {})
  if (body?.authenticated) return start()
  showVendors()
  const sToken = new URLSearchParams(location.search).get('sToken')
  if (sToken !== null) return logInByToken(sToken)
  // It tries what it holds, which is nothing: the refusal is what opens the form.
  const { status } = await sendLogin()
  return show(status === 400 ? 'login' : 'unreachable')
}

const sendLogin = () => {
  const [otp, force] = [textIn('otp'), element('force').checked]
  const more = { ...(otp !== '' && { otp }), ...(force && { force }) }
  return client.postEncoded('/server/login', { username: textIn('username'), password: textIn('password'), ...more })
}

async function logIn() {
  const answer = await sendLogin()
  const { state, text } = judgeLogin(answer, manager.manager)
  if (state === 'start') return answer.body.data.role === 'monitor' ? logOut('monitor') : start()
  show(state, text)
  if (state === 'register') await offerRegistration(answer.body.data.two_factor_registration_token)
}

async function logInByToken(sToken) {
  // biome-ignore lint/suspicious/noDocumentCookie: as the Web UI does it
  document.cookie = `sToken=${sToken}; Path=/`
  const { body } = await client.post('/server/token-login', { sToken })
  history.replaceState(null, '', '/')
  return body?.authenticated ? start() : show('login', 'mismatch')
}

async function start() {
  await client.findManager()
  const { body } = await client.post('/server/login-check', {})
  const { keypair } = await client.query('query { keypair { user_id resource_policy user } }')
  if (!keypair?.user_id) return logOut()
  const { user } = await client.query(
    'query { user { username email full_name is_active role domain_name groups {name, id} need_password_change uuid } }',
  )
  const { groups } = await client.query('query { groups(is_active:true) { id name description is_active } }')
  element('user').textContent = user?.email ?? ''
  element('role').textContent = user?.role ?? ''
  element('access-key').textContent = body.data.access_key
  element('groups').textContent = (groups ?? []).map(({ name }) => name).join(', ')
  element('password').value = ''
  if (general.enableExtendLoginSession) await extend()
  show('start')
}

async function extend() {
  const { body } = await client.post('/server/extend-login-session', {})
  element('expires').textContent = body?.expires ?? ''
}

async function logOut(text) {
  const { isOk } = await client.post('/server/logout', {})
  if (!isOk) return show(document.body.dataset.state, 'noManager')
  forgetSession()
  show('login', text)
}

async function offerRegistration(token) {
  registrationToken = token
  const { body } = await client.post('/func/totp/anon', { registration_token: token })
  element('totp-key').textContent = body?.totp_key ?? ''
}

async function activate() {
  const sent = { registration_token: registrationToken, otp: textIn('register-otp') }
  const { isOk, body } = await client.post('/func/totp/anon/activate', sent)
  show(isOk ? 'login' : 'register', isOk ? 'registered' : (body?.msg ?? body?.title))
}

async function replacePassword() {
  const { body } = await client.post('/server/update-password-no-auth', {
    username: textIn('username'),
    current_password: textIn('password'),
    new_password: textIn('new-password'),
  })
  const isDone = Boolean(body?.password_changed_at)
  show(isDone ? 'login' : 'password-expired', isDone ? 'changed' : body?.data?.details)
}

async function changePassword() {
  const wanted = textIn('wanted')
  const sent = { old_password: textIn('old'), new_password: wanted, new_password2: wanted }
  const { isOk, body } = await client.postEncoded('/func/auth/update-password', sent)
  show('start', isOk ? 'changed' : (body?.msg ?? body?.title))
}

function watchTask() {
  const events = client.watchTask(textIn('task'))
  const note = ({ type, data }) => {
    const item = document.createElement('li')
    item.textContent = `${type} ${data}`
    element('events').append(item)
    if (type === 'bgtask_done' || type === 'server_close') events.close()
  }
  for (const type of ['bgtask_updated', 'bgtask_done', 'server_close']) events.addEventListener(type, note)
}

/** Single sign-on leaves the page by a form, and comes back with a token. */
function showVendors() {
  for (const vendor of (general.singleSignOnVendors ?? '').split(',').filter(Boolean)) {
    const form = document.createElement('form')
    form.method = 'post'
    form.action = `${client.endpoint}/func/${vendor}/login`
    const redirectTo = document.createElement('input')
    Object.assign(redirectTo, { type: 'hidden', name: 'redirect_to', value: `${location.origin}/` })
    const button = document.createElement('button')
    Object.assign(button, { id: `sso-${vendor}`, textContent: `Log in with ${vendor}` })
    form.append(redirectTo, button)
    element('single-sign-on').append(form)
  }
}

onSubmit('login', logIn)
onSubmit('register', activate)
onSubmit('expired', replacePassword)
onSubmit('change-password', changePassword)
onSubmit('watch', watchTask)
element('extend').addEventListener('click', () => void extend())
element('log-out').addEventListener('click', () => void logOut())
await load()
