import { describeArrival } from './ssr-arrival.ts'
import { describeHtml } from './ssr-html.ts'
import { describeLife } from './ssr-life.ts'
import { ssrTest } from './ssr-visit.ts'

const test = ssrTest('react-ssr')

describeHtml(test)
describeArrival(test)
describeLife(test)
