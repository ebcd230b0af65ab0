import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What 16 writers who never give up are told, and what the store then holds. */
export interface KillReport {
  kills: number
  /** Messages that the server said were stored. */
  acknowledged: number
  /** Of those, how many a reader does not find. */
  lost: number
  /** Messages that a reader finds again. */
  repeated: number
  /** Messages that a reader finds before those their writer wrote earlier. */
  misplaced: number
}

export interface KillOptions {
  /** Folder of the store. */
  path: string
  kills: number
  writers?: number
  streams?: number
  /** The server is killed so many milliseconds after it first stored something, or up to that. */
  liveMs?: number
  /** Is told after each kill. */
  onKill?: (report: KillReport) => void
}

const PROGRAM = fileURLToPath(new URL('./lmdb-server.ts', import.meta.url))

interface Writer {
  name: string
  stream: string
  /** Number of the next message to be stored: all before were acknowledged. */
  next: number
  /** Number of the next message that a reader is to find. */
  found: number
}

/**
 * Kills a server (SIGKILL, in the midst of writing) again and again, while writers retry until each
 * message is stored, and reads after each kill what the store holds.
 */
export async function killAgainAndAgain(options: KillOptions): Promise<KillReport> {
  const { path, kills, writers: count = 16, streams = 4, liveMs = 400, onKill } = options
  const writers = Array.from({ length: count }, (_, i): Writer => {
    return { name: `writer ${i}`, stream: `s${i % streams}`, next: 0, found: 0 }
  })
  const report: KillReport = { kills: 0, acknowledged: 0, lost: 0, repeated: 0, misplaced: 0 }
  const offsets = new Map(writers.map(({ stream }) => [stream, '-1']))
  const home = newHome()
  let done = false
  const writing = Promise.all(writers.map((writer) => write(home, writer, () => done)))

  for (;;) {
    const server = await startProgram(path)
    // Before anybody writes again: what was acknowledged must be there now.
    const acknowledged = writers.map(({ next }) => next)
    await readAll(server.url, writers, offsets, report)
    writers.forEach((writer, i) => (report.lost += Math.max(0, acknowledged[i]! - writer.found)))
    report.acknowledged = acknowledged.reduce((sum, next) => sum + next, 0)
    onKill?.({ ...report })
    if (report.kills === kills) {
      done = true
      home.open(server.url)
      await writing
      await kill(server.child)
      return report
    }
    const stored = home.open(server.url)
    await stored
    await new Promise((resolve) => setTimeout(resolve, Math.random() * liveMs))
    home.shut()
    await kill(server.child)
    report.kills += 1
  }
}

/** Where the writers find the server, while there is one. */
interface Home {
  url(): Promise<string>
  /** Resolves when something was stored there. */
  open(url: string): Promise<void>
  shut(): void
  stored(): void
}

function newHome(): Home {
  let tell!: (url: string) => void
  let onStored: () => void = () => undefined
  let url: Promise<string>
  const shut = (): void => void (url = new Promise((resolve) => (tell = resolve)))
  shut()
  return {
    url: () => url,
    open(where) {
      tell(where)
      return new Promise((resolve) => (onStored = resolve))
    },
    shut,
    stored: () => onStored(),
  }
}

async function write(home: Home, writer: Writer, isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    const url = await home.url()
    if (isDone()) return
    const answer = await post(`${url}/${writer.stream}`, writer).catch(() => undefined)
    if (answer === 404) await put(`${url}/${writer.stream}`).catch(() => undefined)
    else if (answer === 200 || answer === 204) {
      writer.next += 1
      home.stored()
    } else if (answer !== undefined && answer < 500) throw new Error(`Refused with ${answer}`)
    else await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function post(stream: string, { name, next }: Writer): Promise<number> {
  const { status } = await fetch(stream, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'producer-id': name,
      'producer-epoch': '0',
      'producer-seq': String(next),
    },
    body: JSON.stringify({ name, n: next }),
  })
  return status
}

async function put(stream: string): Promise<void> {
  await fetch(stream, { method: 'PUT', headers: { 'content-type': 'application/json' } })
}

/** Goes on where the last reading ended, and counts what is not as it should be. */
async function readAll(
  url: string,
  writers: readonly Writer[],
  offsets: Map<string, string>,
  report: KillReport,
): Promise<void> {
  const byName = new Map(writers.map((writer) => [writer.name, writer]))
  for (const stream of offsets.keys()) {
    for (let upToDate = false; !upToDate; ) {
      const response = await fetch(`${url}/${stream}?offset=${offsets.get(stream)}`)
      if (response.status === 404 && offsets.get(stream) === '-1') break
      if (response.status !== 200) throw new Error(`Reading ${stream}: ${response.status}`)
      for (const { name, n } of (await response.json()) as { name: string; n: number }[]) {
        const writer = byName.get(name)!
        if (n < writer.found) report.repeated += 1
        else if (n > writer.found) report.misplaced += 1
        writer.found = Math.max(writer.found, n + 1)
      }
      offsets.set(stream, response.headers.get('stream-next-offset')!)
      upToDate = response.headers.get('stream-up-to-date') === 'true'
    }
  }
}

/** Starts a server in a process of its own. @throws with what it said, if it does not start. */
export async function startProgram(path: string): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, path], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr!.on('data', (data: Buffer) => (said += data.toString()))
  const url = await Promise.race([
    once(child.stdout!, 'data').then(([data]) => String(data).trim()),
    // Not before all that it said has been read.
    once(child, 'close').then(() => undefined),
  ])
  if (url === undefined) throw new Error(said.trim())
  return { url, child }
}

/** Kills it, with no chance to end orderly. */
export async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
