// Opens a WebSocket and an event stream through the gateway and writes down what happens, codes included.

const shown = 20

const element = (id) => document.getElementById(id)

function note(listId, text) {
  const item = document.createElement('li')
  item.textContent = text
  element(listId).append(item)
  while (element(listId).children.length > shown) element(listId).firstElementChild.remove()
}

let socket

function showSocket(state, isOpen) {
  element('socket-state').textContent = state
  element('open-button').disabled = isOpen
  element('close-button').disabled = !isOpen
  element('send-button').disabled = !isOpen
}

element('open').addEventListener('submit', (event) => {
  event.preventDefault()
  const url = new URL(element('address').value, location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  socket = new WebSocket(url)
  showSocket('Opening …', true)
  socket.addEventListener('open', () => showSocket('Open.', true))
  socket.addEventListener('message', ({ data }) => note('socket-log', `← ${data}`))
  socket.addEventListener('close', ({ code, reason }) => {
    const why = reason ? `: ${reason}` : ''
    showSocket(`Closed with code ${code}${why}.`, false)
    note('socket-log', `closed with code ${code}${why}`)
  })
})

element('close-button').addEventListener('click', () => socket.close(1000))

element('send').addEventListener('submit', (event) => {
  event.preventDefault()
  const text = element('message').value
  if (socket?.readyState !== WebSocket.OPEN) return
  socket.send(text)
  note('socket-log', `→ ${text}`)
})

let events

element('events-button').addEventListener('click', () => {
  if (events) return stopListening('Not listening.')
  events = new EventSource(new URL('../api/echo/events', location.href))
  element('events-button').textContent = 'Stop'
  element('events-button').setAttribute('aria-pressed', 'true')
  element('events-state').textContent = 'Listening.'
  events.addEventListener('message', ({ data }) => note('events-log', data))
  events.addEventListener('error', () => stopListening('The stream ended.'))
})

function stopListening(state) {
  events.close()
  events = undefined
  element('events-button').textContent = 'Listen'
  element('events-button').setAttribute('aria-pressed', 'false')
  element('events-state').textContent = state
}
