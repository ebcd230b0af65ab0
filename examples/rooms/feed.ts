import { fileURLToPath } from 'node:url'
import { DurableStream, StreamError } from 'streamwell'
import { MaterializedState, type StateEvent } from 'streamwell/events'
import { boardEvents } from './feeder/board-events.ts'
import { readProject, type Project } from './feeder/read-project.ts'
import { BOARD_KEY, type PackageRow } from './src/board/schema.ts'

/** Events per request: each request is stored whole or not at all. */
const EVENTS_PER_APPEND = 500

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))

const USAGE = `Usage: node --import tsx examples/rooms/feed.ts <serverUrl> [directory]

  serverUrl  where the streams are, such as http://localhost:5173/v1/stream
  directory  a project with a package-lock.json; default: this repository`

export interface FeedOptions {
  /** Address below which the streams are, such as `http://localhost:5173/v1/stream`. */
  serverUrl: string
  /** The project to show. Default: this repository. */
  directory?: string
}

export interface FeedReport {
  project: Project
  /** How many events were appended. */
  appended: number
}

/**
 * Brings the board's stream up to date with a project: reads what the stream says, compares, and
 * appends the difference alone.
 *
 * @throws {StreamError} when the server cannot be reached or refuses.
 * @throws {Error} naming the lock file when it cannot be read.
 */
export async function feed({
  serverUrl,
  directory = REPOSITORY,
}: FeedOptions): Promise<FeedReport> {
  const stream = await DurableStream.create<StateEvent>({
    url: `${serverUrl.replace(/\/+$/, '')}/${BOARD_KEY}`,
    contentType: 'application/json',
  })
  const board = new MaterializedState()
  for await (const event of stream.json({ live: false })) board.apply(event)

  const project = await readProject(directory, (path, version) => {
    const known = board.get<PackageRow>('package', path)
    return known?.version === version ? (known.bytes ?? undefined) : undefined
  })
  const events = boardEvents(board, project)
  for (let start = 0; start < events.length; start += EVENTS_PER_APPEND) {
    await stream.appendAll(events.slice(start, start + EVENTS_PER_APPEND))
  }
  return { project, appended: events.length }
}

/** The report in one line. */
export function describeReport({ project, appended }: FeedReport): string {
  const { packages, dependencies, history } = project
  const count = (number: number, what: string, plural = `${what}s`): string =>
    `${number.toLocaleString('en')} ${number === 1 ? what : plural}`
  const commits =
    'commits' in history
      ? count(history.commits.length, 'commit')
      : `no commits (${history.missing})`
  return (
    `board: ${count(packages.length, 'package')}, ${count(dependencies.length, 'dependency', 'dependencies')}, ` +
    `${commits}; ${appended.toLocaleString('en')} new events`
  )
}

/** @returns the exit code. */
export async function main(
  [serverUrl, directory]: string[],
  print: (line: string) => void = console.log,
): Promise<number> {
  if (serverUrl === undefined) {
    print(USAGE)
    return 2
  }
  try {
    print(describeReport(await feed({ serverUrl, ...(directory && { directory }) })))
    return 0
  } catch (error) {
    print(`The board was not fed. ${explain(error, serverUrl)}`)
    return 1
  }
}

function explain(error: unknown, serverUrl: string): string {
  if (error instanceof StreamError && error.code === 'disconnected') {
    return `No server answers at ${serverUrl}: start one with "npm start" and use the address it says.`
  }
  return error instanceof Error ? error.message : String(error)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2))
}
