// Which texts are addresses. What a login provider says about somebody's e-mail is only text: what is not plainly one
// address gets no mail, so nobody can add recipients or lines to one.

const LOCAL_PART = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const DOMAIN = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/

/** RFC 5321 §4.1.2, a dot-string at a domain; no quoted names, no literal addresses, ASCII only. */
export function isMailAddress(text: string): boolean {
  const at = text.lastIndexOf('@')
  const [local, domain] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)]
  // RFC 5321 §4.5.3.1: 64 before the sign, 254 altogether.
  return local.length <= 64 && text.length <= 254 && LOCAL_PART.test(local) && DOMAIN.test(domain)
}
