import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { startServer } from '../support/server.ts'

const hasCurl = spawnSync('curl', ['--version']).status === 0

/** Runs curl as a person would type it, and parts what it prints into headers and body. */
async function curl(...args: string[]): Promise<{ head: string; body: string }> {
  const { stdout } = await promisify(execFile)('curl', ['--silent', '--include', ...args])
  const end = stdout.indexOf('\r\n\r\n')
  return { head: stdout.slice(0, end).toLowerCase(), body: stdout.slice(end + 4) }
}

const offsetIn = (head: string): string => /^stream-next-offset: (\S+)\r?$/m.exec(head)![1]!

it.skipIf(!hasCurl)(
  'speaks the protocol in 60 seconds with curl (needs curl installed)',
  async () => {
    const { url } = await startServer()
    const stream = `${url}/my-stream`
    const json = ['-H', 'Content-Type: application/json']

    const created = await curl('-X', 'PUT', stream, ...json)
    expect(created.head).toContain('http/1.1 201')

    const appended = await curl(
      '-X',
      'POST',
      stream,
      ...json,
      '-d',
      '{"event":"user.created","userId":"123"}',
    )
    expect(appended.head).toContain('http/1.1 204')
    const offset = offsetIn(appended.head)

    const read = await curl(`${stream}?offset=-1`)
    expect(read.body).toBe('[{"event":"user.created","userId":"123"}]')
    expect(read.head).toContain('cache-control: public, max-age=60')
    expect(offsetIn(read.head)).toBe(offset)

    const resumed = await curl(`${stream}?offset=${offset}`)
    expect(resumed.body).toBe('[]')

    const tailing = curl(`${stream}?offset=${offset}&live=long-poll`)
    await curl('-X', 'POST', stream, ...json, '-d', '{"event":"user.updated","userId":"123"}')
    expect((await tailing).body).toBe('[{"event":"user.updated","userId":"123"}]')

    const events = await curl(
      '--no-buffer',
      '-X',
      'POST',
      stream,
      '-H',
      'Stream-Closed: true',
    ).then(() => curl('--no-buffer', `${stream}?offset=${offset}&live=sse`))
    expect(events.body).toContain('data:[{"event":"user.updated","userId":"123"}]')
    expect(events.body).toContain('"streamClosed":true')
  },
)
