// CPU time and memory of a process and its children, from the operating system's accounts (proc(5)). Linux only.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface Usage {
  /** User and system time so far, of the process and the children that it has now. */
  readonly cpuSeconds: number
  readonly rssBytes: number
}

/** @throws if the process has ended. */
export function readUsage(pid: number): Usage {
  const all = treeOf(pid).map(readStat)
  const ticks = all.reduce((sum, { cpuTicks }) => sum + cpuTicks, 0)
  const pages = all.reduce((sum, { rssPages }) => sum + rssPages, 0)
  return { cpuSeconds: ticks / TICKS_PER_SECOND, rssBytes: pages * PAGE_BYTES }
}

interface Stat {
  readonly parent: number
  readonly cpuTicks: number
  readonly rssPages: number
}

const systemConstant = (name: string): number => Number(execFileSync('getconf', [name], { encoding: 'utf8' }))

const TICKS_PER_SECOND = systemConstant('CLK_TCK')
const PAGE_BYTES = systemConstant('PAGESIZE')

function treeOf(pid: number): readonly number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [{ pid: Number(name), parent: readStat(Number(name)).parent }]
      } catch {
        // It has ended since the folder was read.
        return []
      }
    })
  const withChildren = (root: number): readonly number[] => [
    root,
    ...parents.filter(({ parent }) => parent === root).flatMap((child) => withChildren(child.pid)),
  ]
  return withChildren(pid)
}

/** Fields 4, 14, 15 and 24, counted from after the name, which may hold spaces and brackets. */
export function parseStat(text: string): Stat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const field = (number: number): number => Number(fields[number - 3])
  return { parent: field(4), cpuTicks: field(14) + field(15), rssPages: field(24) }
}

const readStat = (pid: number): Stat => parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
