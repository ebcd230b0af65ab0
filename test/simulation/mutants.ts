import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CLIENT_FOLDER } from './client.ts'

interface Edit {
  file: string
  find: string
  put: string
}

/** A fault that a client might have, as a change of ours. */
export interface Mutant {
  name: string
  edits: readonly Edit[]
}

export function mutant(
  name: string,
  ...edits: readonly [file: string, find: string, put: string][]
): Mutant {
  return { name, edits: edits.map(([file, find, put]) => ({ file, find, put })) }
}

export const MUTANTS: readonly Mutant[] = [
  mutant(
    'hands over data before its control event has come',
    [
      'read-sse.ts',
      'if (!last) continue',
      `if (!last) {
        const parts = arrived.splice(0)
        if (parts.length > 0) yield { ...from, parts, upToDate: false, streamClosed: false }
        continue
      }`,
    ],
    ['newness.ts', '{ ...batch, parts: [] }', 'batch'],
  ),
  mutant('moves the offset before all items of a batch are taken', [
    'create-response.ts',
    'given = came\n',
    'at = given = came\n',
  ]),
  mutant('does not move on', ['follow.ts', 'position = news\n', '']),
  mutant('begins again after a failure', [
    'follow.ts',
    'if (offset) position =',
    "position = { offset: '-1' }\n      if (offset) position =",
  ]),
  mutant('resumes at the beginning', [
    'follow.ts',
    'offset: offset || BEGINNING',
    'offset: BEGINNING',
  ]),
  mutant('takes what a cache gave once more', [
    'newness.ts',
    'if (batch.offset === offset) return { ...batch, parts: [] }',
    'return batch',
  ]),
  mutant('takes a body that was cut off for the whole', [
    'line.ts',
    'await reader?.read()',
    'await reader?.read().catch(() => undefined)',
  ]),
  mutant('ends quietly when a connection does', [
    'follow.ts',
    'isStale = isShort',
    'return\n      isStale = isShort',
  ]),
  mutant('goes on after the end of the stream', [
    'read-state.ts',
    'if (streamClosed) ',
    'if (!live) ',
  ]),
  mutant('decodes each chunk of text by itself', [
    'text.ts',
    'stream: !!piece && !(piece.at(-1)! < 128)',
    'stream: false',
  ]),
  mutant('takes a CRLF that is cut in two for two line ends', [
    'sse-parser.ts',
    "chunk.at(-1) === '\\r'",
    'false',
  ]),
  mutant('waits for a silent server for ever', ['line.ts', 'now >= deadAt || ', '']),
  mutant('tries again at once', ['delay.ts', 'setTimeout(wake, ms', 'setTimeout(wake, 0']),
  mutant('asks again at once for what a cache gives again and again', [
    'follow.ts',
    'STALL_MS * stalls)',
    '0)',
  ]),
  mutant('waits as long as any server wishes', [
    'backoff.ts',
    'Math.min(retryAfterMs, MAX_RETRY_AFTER_MS)',
    'retryAfterMs',
  ]),
  mutant('does not hear an abort while it waits', [
    'delay.ts',
    'linkedController(signal, resolve)',
    'linkedController(undefined, resolve)',
  ]),
  mutant('leaves its listeners on the signal of the user', [
    'abort-link.ts',
    'signal?.removeEventListener',
    'controller.signal.removeEventListener',
  ]),
  mutant('leaves its timers', ['line.ts', 'clearInterval(timer)', '']),
  mutant('does not care for a failure that nobody awaits', [
    'create-response.ts',
    'closed.catch(ignore)',
    '',
  ]),
  mutant('repeats a write under a new number', [
    'writer.ts',
    'if (request.mayBeStored) forbidRetry?.(error)',
    'if (request.mayBeStored) request.seq++',
  ]),
  mutant('repeats a write as somebody new', [
    'writer.ts',
    'if (request.mayBeStored) forbidRetry?.(error)',
    `if (request.mayBeStored) {
      startOver()
      Object.assign(request, { seq, mayBeStored: false })
    }`,
  ]),
  mutant('says that a write is stored when its request was refused', [
    'writer.ts',
    'for (const { reject } of writes) reject(error)',
    "for (const { resolve } of writes) resolve({ offset: '' })",
  ]),
  mutant('sends a write again though it may be stored, when the server has forgotten', [
    'writer.ts',
    'else if (error instanceof SequenceGapError',
    'if (error instanceof SequenceGapError',
  ]),
  mutant('takes the newest write first', ['writer.ts', 'queue.push(', 'queue.unshift(']),
  mutant('stops sending after a failure', ['writer.ts', 'isDraining = false\n  }', '}']),
  mutant('gives a batch that may be stored a new number', ['delivery.ts', 'isUnsafe || ', '']),
  mutant('drops a batch that arrived too early', [
    'delivery.ts',
    'if (isGap && !wasFirst) return',
    'if (isGap && !wasFirst) return void batches.splice(batches.indexOf(batch), 1)',
  ]),
  mutant('has more requests open than it may', [
    'delivery.ts',
    'Math.min(room + 1, maxInFlight)',
    'Math.min(room + 1, 9)',
  ]),
  mutant('says that all is stored when it was sent', [
    'delivery.ts',
    'if (isOver()) waiter',
    'if (delivery.seq >= 0) waiter',
  ]),
  mutant('keeps nothing over a crash', ['delivery.ts', 'batches.map(packBatch)', '[]']),
]

/** Writes a changed copy of the client. */
export async function makeMutant(
  { name, edits }: Mutant,
  folder: string,
  from: string = CLIENT_FOLDER,
): Promise<void> {
  await cp(from, folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  for (const { file, find, put } of edits) {
    const path = join(folder, file)
    const text = await readFile(path, 'utf8')
    if (!text.includes(find))
      throw new Error(`"${name}" finds no ${JSON.stringify(find)} in ${file}`)
    await writeFile(
      path,
      text.replaceAll(find, () => put),
    )
  }
}
