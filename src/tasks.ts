// Runs the parts' recurring work: one run of a task at a time, errors logged, the next run as planned.

import type { Clock, Task } from '#kernel'
import type { Logger } from '#telemetry'

/** @returns a function that plans no more runs and resolves when those under way have ended. */
export function startTasks(tasks: readonly Task[], clock: Clock, log: Logger): () => Promise<void> {
  const running = new Map<string, Promise<void>>()
  const run = (task: Task): void => {
    if (running.has(task.name)) return
    const outcome = task
      .run()
      .catch((error: unknown) =>
        log.error({ event: 'task_failed', task: task.name, err: error }, `${task.name} failed`),
      )
      .finally(() => running.delete(task.name))
    running.set(task.name, outcome)
  }
  const cancels = tasks.map((task) => clock.every(task.everyMs, () => run(task)))
  return async () => {
    for (const cancel of cancels) cancel()
    await Promise.all(running.values())
  }
}
