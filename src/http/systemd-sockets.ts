// Sockets that systemd opened for us (sd_listen_fds(3)): file descriptors from 3 on, meant for this process only.

/** @param env the process's environment: LISTEN_PID and LISTEN_FDS. */
export function systemdDescriptors(env: Readonly<Record<string, string | undefined>>, pid: number): readonly number[] {
  const count = Number(env.LISTEN_FDS ?? 0)
  if (env.LISTEN_PID !== String(pid) || !Number.isInteger(count) || count < 1 || count > 64) return []
  return Array.from({ length: count }, (_none, index) => 3 + index)
}
