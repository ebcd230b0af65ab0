import { runSuite } from '../harness/suite.ts'
import { WORKLOADS } from './workloads.ts'

// npm run bench -- client [workload…] [--quick] [--profile <folder>]

const METHOD = `Messages are 100 bytes of JSON. Ours, the peer (\`@durable-streams/client\` from
npm) and the least code that does the same (the limit) read the same streams in turns, each in a process of its own.
A static file server in another process serves what was made before, so that only the client is measured;
for delivery, our server stores and serves. Medians of five rounds. Each workload also checks that every message came
once, in order and whole. A ratio compares ours with the other: above 1 is better for rates (/s), below 1 for times and memory.`

await runSuite({
  name: 'client',
  title: 'Results of the client',
  method: METHOD,
  contests: WORKLOADS,
  programs: import.meta.dirname,
})
