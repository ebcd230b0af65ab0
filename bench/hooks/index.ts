import { runSuite } from '../harness/suite.ts'
import { WORKLOADS } from './workloads.ts'

// npm run bench -- hooks [workload…] [--quick] [--profile <folder>]

const METHOD = `A page shows 50 streams, each by four hooks, while another client writes a hundred updates a second, two to each
stream, and somebody types into a field and clicks at a shared counter of the same page, 20 times a second in all. Ours, the peer
(\`@durable-streams/client\` from npm, followed by each hook for itself, into the state of its component) and the same page
without any network (the limit: a store in memory, changed by a timer) run in turns in a headless Chromium, built for
production. The server, the writer and the browser share the machine. Medians of three rounds. Each round also checks that all hooks show the last
value. A ratio compares ours with the other: below 1 is better.`

await runSuite({
  name: 'hooks',
  title: 'Results of the hooks',
  method: METHOD,
  contests: WORKLOADS,
  programs: import.meta.dirname,
})
