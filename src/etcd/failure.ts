// Why etcd did not do what it was asked, and what that says about asking again.

/**
 * `unavailable`: this member, now; another one may answer. `token`: we have to say again who we are.
 * `refused`: it is the answer of all of them.
 */
export type FailureKind = 'unavailable' | 'token' | 'refused'

export class EtcdFailure extends Error {
  readonly kind: FailureKind

  /** @param reason a clause; neither it nor the address holds a secret */
  constructor(kind: FailureKind, endpoint: string, reason: string) {
    super(`etcd at ${endpoint}: ${reason}`)
    this.name = 'EtcdFailure'
    this.kind = kind
  }
}

/** What etcd says of a failure: the code of gRPC and its own words (`etcdserver: permission denied`). */
export function toFailure(endpoint: string, code: number | undefined, message: string): EtcdFailure {
  const said = message.replace(/^.*?etcdserver: /, '')
  if (code === UNAUTHENTICATED || /auth token|revision of auth store|user name is empty/.test(said))
    return new EtcdFailure('token', endpoint, said)
  const isPassing =
    code === UNAVAILABLE || code === DEADLINE_EXCEEDED || code === ABORTED || /leader|timed out/.test(said)
  return new EtcdFailure(isPassing ? 'unavailable' : 'refused', endpoint, said)
}

const DEADLINE_EXCEEDED = 4
const ABORTED = 10
const UNAVAILABLE = 14
const UNAUTHENTICATED = 16
