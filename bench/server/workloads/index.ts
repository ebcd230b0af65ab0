import { append1 } from './append-1.ts'
import { append64 } from './append-64.ts'
import { appendDownloaded } from './append-downloaded.ts'
import { appendDurable } from './append-durable.ts'
import { appendFollowed } from './append-followed.ts'
import { appendWaited } from './append-waited.ts'
import { catchUp } from './catch-up.ts'
import { growth } from './growth.ts'
import { idleLongPolls } from './idle-long-polls.ts'
import { longPoll1000 } from './long-poll-1000.ts'
import { million } from './million.ts'
import { sse1000 } from './sse-1000.ts'
import { sseOnHistory } from './sse-on-history.ts'
import { start } from './start.ts'
import type { Workload } from '../workload.ts'

export const WORKLOADS: readonly Workload[] = [
  append64,
  append1,
  appendDurable,
  catchUp,
  sse1000,
  longPoll1000,
  sseOnHistory,
  appendFollowed,
  million,
  appendWaited,
  appendDownloaded,
  idleLongPolls,
  start,
  growth,
]
