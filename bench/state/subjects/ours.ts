import { createStateSchema, createStreamDB } from '../../../src/state/db/index.ts'
import { USERS } from '../data.ts'
import type { Subject } from '../subject.ts'
import { databaseSubject } from './database.ts'

export const ours: Subject = databaseSubject((url) =>
  createStreamDB({ streamOptions: { url }, state: createStateSchema({ users: USERS }) }),
)
