// Comforts of the server's pages. Everything works without: what this file adds is hidden until it runs.

for (const button of document.querySelectorAll('[data-shows]')) {
  const field = document.getElementById(button.dataset.shows)
  button.hidden = false
  button.addEventListener('click', () => {
    const isShown = field.type === 'password'
    field.type = isShown ? 'text' : 'password'
    button.setAttribute('aria-pressed', String(isShown))
    field.focus()
  })
}

// A list that is closed by what people expect to close it.
for (const list of document.querySelectorAll('details.menu')) {
  document.addEventListener('click', ({ target }) => {
    if (!list.contains(target)) list.open = false
  })
  list.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return
    list.open = false
    list.querySelector('summary').focus()
  })
}

// A login that another tab waits for.
const told = document.querySelector('[data-tells-tabs]')
if (told !== null) new BroadcastChannel(told.dataset.tellsTabs).postMessage('login')
