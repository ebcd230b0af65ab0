import type { Subject } from '../subject.ts'
import { limit } from './limit.ts'
import { ours } from './ours.ts'
import { peer } from './peer.ts'

export type SubjectName = 'limit' | 'ours' | 'peer'

export const SUBJECTS: Readonly<Record<SubjectName, Subject>> = { limit, ours, peer }
