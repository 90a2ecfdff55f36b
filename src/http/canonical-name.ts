// One spelling for all header names that a server behind may take for the same one: what compares names of headers in
// which somebody says who a person is compares these.

/**
 * CGI, WSGI, PHP and others turn whatever is no letter or digit into `_`, so `X-User`, `x_user` and `x.user` are one name
 * there.
 *
 * @example canonicalName('X_Remote.User') // 'x-remote-user'
 */
export const canonicalName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '-')
