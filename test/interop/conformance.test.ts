import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it(
  'the public conformance suite passes as far as docs/conformance.md says',
  { timeout: 240_000 },
  async () => {
    const run = promisify(execFile)(process.execPath, ['scripts/conformance.mjs'])
    const outcome = await run.catch((error: { stderr: string }) => error)
    expect(outcome.stderr).toBe('')
  },
)
