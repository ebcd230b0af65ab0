import { createStateSchema, createStreamDB } from '@durable-streams/state/db'
import { USERS } from '../data.ts'
import type { Subject } from '../subject.ts'
import { databaseSubject } from './database.ts'

export const peer: Subject = databaseSubject((url) =>
  createStreamDB({
    streamOptions: { url, contentType: 'application/json' },
    state: createStateSchema({ users: USERS }),
  }),
)
