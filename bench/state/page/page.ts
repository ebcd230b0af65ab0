import { probeEventLoop } from '../event-loop.ts'
import { verifyRows } from '../data.ts'
import { SUBJECTS, type SubjectName } from '../subjects/index.ts'

/** What a page measures when it is asked to. */
export interface PageBench {
  preload(subject: SubjectName, path: string): Promise<{ ms: number; blockMs: number }>
}

const bench: PageBench = {
  async preload(subject, path) {
    const probe = probeEventLoop()
    const began = performance.now()
    const { rows } = await SUBJECTS[subject].preload(`${location.origin}${path}`)
    const ms = performance.now() - began
    const blockMs = probe.longestMs()
    probe.stop()
    verifyRows(path, rows)
    return { ms, blockMs }
  },
}

Object.assign(globalThis, { bench })
