// As little of TOML as the webserver's file needs: sections alone on their lines, `key = JSON literal`, comments.

/** @returns {Record<string, Record<string, unknown>>} */
export function parseToml(text) {
  const sections = {}
  let section = {}
  for (const line of text.split('\n').map((each) => each.trim())) {
    const [, name] = /^\[(\w+)\]$/.exec(line) ?? []
    const [, key, literal] = /^(\w+)\s*=\s*(.+)$/.exec(line) ?? []
    if (name !== undefined) {
      section = sections[name] ?? {}
      sections[name] = section
    } else if (key !== undefined) section[key] = JSON.parse(literal)
  }
  return sections
}
