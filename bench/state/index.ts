import { runSuite } from '../harness/suite.ts'
import { WORKLOADS } from './workloads/index.ts'

// npm run bench -- state [workload…] [--quick] [--profile <folder>]

const METHOD = `Rows are 100 bytes of JSON, validated by zod. Ours, the peer
(\`@durable-streams/state\` from npm) and the least code that does the same (the limit) read the same streams in turns, each
in a process of its own. A static file server in another process serves what was made before, so that only the reader is
measured; for what is live, our server stores and serves. Medians of three to five rounds, one where a round takes half a
minute. Each workload also checks the rows. A ratio compares ours with the other: below 1 is better.`

await runSuite({
  name: 'state',
  title: 'Results of the state layer',
  method: METHOD,
  contests: WORKLOADS,
  programs: import.meta.dirname,
})
