import { answerCalls } from '../harness/child.ts'
import { connect } from '../harness/connection.ts'
import { download } from './load/stream.ts'
import { WORKLOADS } from './workloads/index.ts'
import type { Figures, Round, Workload } from './workload.ts'

// The process that makes the load, so that it shares nothing with the server but the machine.

const named = (name: string): Workload => WORKLOADS.find((workload) => workload.name === name)!

answerCalls({
  prepare: ({ name, round }: { name: string; round: Round }): Promise<unknown> | undefined =>
    named(name).prepare?.(round),

  measure: ({ name, round }: { name: string; round: Round }): Promise<Figures> =>
    named(name).measure(round),

  /** Resolves once the first bytes have come; goes on until the process is ended. */
  downloadForEver: async ({ url, headers }: { url: string; headers: string }): Promise<void> => {
    const connection = await connect(url)
    await new Promise<void>((resolve, reject) => {
      const again = (): void => {
        download(url, connection, () => resolve(), headers).then(again, reject)
      }
      again()
    })
  },
})
