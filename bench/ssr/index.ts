import { runSuite } from '../harness/suite.ts'
import { WORKLOADS } from './workloads.ts'

// npm run bench -- ssr [workload…] [--quick] [--profile <folder>]

const METHOD = `A page is rendered on a server that reads a stream of 100,000 actions. Ours loads it with
\`loadStreamWithReducer\`; the peer is \`@durable-streams/client\` from npm in a loop that folds what it reads, on each request; the limit
is the least code that does that. All ask our server, which is another process, and each runs in one of its own, in turns. Medians of
three rounds; within a round, ours of 50 requests with nothing new, and of 20 with ten new actions each. Each request also checks
the state. A ratio compares ours with the other: below 1 is better.`

await runSuite({
  name: 'ssr',
  title: 'Results of server-side rendering',
  method: METHOD,
  contests: WORKLOADS,
  programs: import.meta.dirname,
})
