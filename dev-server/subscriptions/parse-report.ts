import { parseOffset } from '../operations/offset.ts'
import { bad, checkInteger, checkList, checkPath, checkText, isObject } from './json-body.ts'
import type { Ack } from './links.ts'
import type { Fields } from './json-body.ts'
import type { Report, WakeName } from './wake.ts'

const MAX_WAKE_ID = 256
const MAX_WORKER = 256

/** Members of what a worker sends to `callback` and `ack`; `release` takes the first two. */
export const REPORT_FIELDS: readonly string[] = ['wake_id', 'generation', 'acks', 'done']
export const WAKE_FIELDS: readonly string[] = REPORT_FIELDS.slice(0, 2)
/** Members of what a worker sends to `claim`. */
export const CLAIM_FIELDS: readonly string[] = ['worker']

/** @throws {StreamError} `bad-request`. */
export function parseWakeName(fields: Fields): WakeName {
  return {
    wakeId: checkText('wake_id', fields['wake_id'], MAX_WAKE_ID),
    generation: checkInteger('generation', fields['generation'], 0, Number.MAX_SAFE_INTEGER),
  }
}

/** @throws {StreamError} `bad-request`. */
export function parseReport(fields: Fields): Report {
  const done = fields['done'] ?? false
  if (typeof done !== 'boolean') throw bad('done must be true or false')
  return { done, acks: checkList('acks', fields['acks'] ?? []).map(parseAck) }
}

/** @throws {StreamError} `bad-request`. */
export function parseWorker(fields: Fields): string {
  return checkText('worker', fields['worker'], MAX_WORKER)
}

function parseAck(value: unknown): Ack {
  if (!isObject(value)) throw bad('Each of acks must be an object with stream and offset')
  const offset = checkText('acks.offset', value['offset'], MAX_WAKE_ID)
  return { path: checkPath('acks.stream', value['stream']), position: parseOffset(offset) }
}
