import { createSharedStore } from '../../../src/state/store/index.ts'
import { atMost, measured, ratio } from '../../harness/values.ts'
import { eventAt, eventsIn } from '../data.ts'
import { pagesOf } from '../subjects/limit.ts'
import { type Round, sized, type Workload } from '../workload.ts'

interface Add {
  add: number
}

const sum = (state: number, { add }: Add): number => state + add

async function leastCode(url: string): Promise<number> {
  let state = 0
  for await (const page of pagesOf<{ value: Add }>(url)) {
    for (const { value } of page) state = sum(state, value)
  }
  return state
}

function ourStore(url: string): Promise<number> {
  const end = eventsIn(new URL(url).pathname)
  const store = createSharedStore({ url, reducer: sum, initialState: 0 })
  return new Promise((resolve) => {
    const stop = store.subscribe(() => {
      const { state, offset } = store.getSnapshot()
      if (Number(offset) !== end) return
      stop()
      resolve(state)
    })
  })
}

/** @returns milliseconds. */
async function fold({ url, subject }: Round, path: string): Promise<number> {
  const began = performance.now()
  const state = await (subject === 'ours' ? ourStore : leastCode)(`${url}${path}`)
  const ms = performance.now() - began
  const count = eventsIn(path)
  let expected = 0
  for (let number = 0; number < count; number++) {
    expected = sum(expected, (eventAt(path, number) as { value: Add }).value)
  }
  if (state !== expected) throw new Error(`The sum is ${state}, not ${expected}`)
  return ms
}

export const store: Workload = {
  name: 'store',
  server: 'pages',
  subjects: ['limit', 'ours'],
  rounds: 3,
  async measure(round) {
    const path = `/actions/${sized(1_000_000, round)}`
    await fetch(`${round.url}${path}`, { method: 'HEAD' })
    await fold(round, '/actions/20000')
    return { seconds: (await fold(round, path)) / 1000 }
  },
  rows: ({ ours, limit }) => [
    {
      workload: 'a shared store of 1,000,000 actions',
      ours: measured(ours, 'seconds', 's'),
      limit: measured(limit, 'seconds', 's'),
      limitIs: 'fetch + JSON.parse + the reducer',
      target: '≤ 1.3 of the limit',
      met: atMost(ratio(ours?.['seconds'], limit?.['seconds']), 1.3),
    },
  ],
}
