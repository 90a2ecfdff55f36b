import type { RequestContext } from '#http'

/** Whether the body came as a form does: what others send us that way may come in no other. */
export const isForm = ({ request }: RequestContext): boolean =>
  /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(request.headers['content-type'] ?? '')
