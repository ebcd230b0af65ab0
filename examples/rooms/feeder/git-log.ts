import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { CommitRow } from '../src/board/schema.ts'

const MAX_FILES_LISTED = 50
const MAX_LOG_BYTES = 512 * 1024 * 1024

/** Starts each commit: file names hold no such byte followed by a hash. */
const COMMIT_START = /^\u001e([0-9a-f]{40,64})$/

/**
 * The commits of the repository around `directory`, newest first.
 *
 * @throws {Error} saying why there is no history: git is missing, or this is no repository.
 */
export async function readGitLog(directory: string): Promise<CommitRow[]> {
  const log = ['-c', 'log.showSignature=false', 'log', '-z', '--no-color', '--encoding=UTF-8']
  const options = { cwd: directory, maxBuffer: MAX_LOG_BYTES }
  try {
    const format = '--format=%x1e%H%x00%aN%x00%aI%x00%s'
    const { stdout } = await promisify(execFile)('git', [...log, '--name-only', format], options)
    return parseGitLog(stdout)
  } catch (cause) {
    throw new Error(reason(cause as Failure, directory), { cause })
  }
}

/** Reads `git log -z --name-only --format=%x1e%H%x00%aN%x00%aI%x00%s`. */
export function parseGitLog(output: string): CommitRow[] {
  const tokens = output.split('\0')
  const starts = tokens.flatMap((token, index) => (COMMIT_START.test(token) ? [index] : []))
  return starts.map((start, i) => parseCommit(tokens.slice(start, starts[i + 1])))
}

function parseCommit([
  start = '',
  author = '',
  date = '',
  subject = '',
  ...names
]: string[]): CommitRow {
  const files = names.map((name) => name.replace(/^\n/, '')).filter((name) => name !== '')
  return {
    hash: start.slice(1),
    author: withoutAddress(author),
    date: new Date(date).toISOString(),
    subject,
    fileCount: files.length,
    files: files.slice(0, MAX_FILES_LISTED),
  }
}

/** Some people's git name is their e-mail address, which is not ours to publish. */
function withoutAddress(author: string): string {
  return author
    .replace(/<[^>]*>/g, '')
    .replace(/@\S+/g, '')
    .trim()
}

interface Failure extends Error {
  code?: string | number
  stderr?: string
}

function reason({ code, stderr, message }: Failure, directory: string): string {
  if (code === 'ENOENT') return 'git is not installed'
  if (stderr?.includes('not a git repository')) return `${directory} is not a git repository`
  if (stderr?.includes('does not have any commits')) return `${directory} has no commits yet`
  return stderr?.trim() || message
}
