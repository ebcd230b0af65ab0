import { indexedDBPersistence } from '../../../src/state/persistence/index.ts'
import { verifyRows } from '../data.ts'
import { probeEventLoop } from '../event-loop.ts'
import { SUBJECTS, type SubjectName } from '../subjects/index.ts'
import { visit } from '../subjects/visit.ts'
import type { PageBench } from './page-bench.ts'

// Runs in a page, and measures there what it is asked to.

async function measured<Result extends { rows: Parameters<typeof verifyRows>[1] }>(
  path: string,
  work: (url: string) => Promise<Result>,
): Promise<{ ms: number; blockMs: number; result: Result }> {
  const probe = probeEventLoop()
  const began = performance.now()
  const result = await work(`${location.origin}${path}`)
  const ms = performance.now() - began
  const blockMs = probe.longestMs()
  probe.stop()
  verifyRows(path, result.rows)
  return { ms, blockMs, result }
}

const bench: PageBench = {
  async preload(subject: SubjectName, path) {
    const { ms, blockMs } = await measured(path, (url) => SUBJECTS[subject].preload(url))
    return { ms, blockMs }
  },
  async visit(path) {
    const { ms, blockMs, result } = await measured(path, (url) =>
      visit(url, indexedDBPersistence()),
    )
    await result.leave()
    return { ms, blockMs }
  },
}

Object.assign(globalThis, { bench })
