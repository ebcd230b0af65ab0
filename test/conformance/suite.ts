import { runConformanceTests } from '@durable-streams/server-conformance-tests'
import { afterAll, beforeAll, describe } from 'vitest'

/**
 * The public conformance suite, with the reserved API, against a server.
 *
 * @param start resolves to the server's origin and what stops it.
 */
export function describeConformance(
  name: string,
  start: () => Promise<{ origin: string; stop: () => Promise<void> }>,
): void {
  describe(`${name}`, () => {
    const options = { baseUrl: '', subscriptions: true }
    let stop: (() => Promise<void>) | undefined

    beforeAll(async () => {
      const server = await start()
      options.baseUrl = server.origin
      stop = server.stop
    })
    afterAll(() => stop?.())

    runConformanceTests(options)
  })
}
