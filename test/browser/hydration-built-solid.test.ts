import { build } from './ssr-build.ts'
import { describeArrival } from './ssr-arrival.ts'
import { describeHtml } from './ssr-html.ts'
import { ssrTest } from './ssr-visit.ts'

// Minified, without the warnings of development, and without its servers.
const test = ssrTest('solid-ssr', { before: () => build('solid-ssr'), options: ['--built'] })

describeHtml(test)
describeArrival(test)
