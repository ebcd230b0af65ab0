import type { Workload } from '../workload.ts'
import { inPage, secondVisits } from './browser.ts'
import { bursts, live } from './live.ts'
import { preload } from './preload.ts'
import { secondVisit } from './second-visit.ts'
import { store } from './store.ts'
import { updates } from './updates.ts'

export const WORKLOADS: readonly Workload[] = [
  preload('preload-10k', 10_000, 'ordered', 5),
  preload('preload-100k', 100_000, 'ordered', 3),
  preload('preload-100k-random', 100_000, 'random', 3),
  preload('preload-1m', 1_000_000, 'ordered', 1),
  inPage,
  updates,
  live,
  ...bursts,
  secondVisit,
  ...secondVisits,
  store,
]
