import { describeDoor } from './ssr-contract.ts'
import { ssrTest } from './ssr-visit.ts'

describeDoor(ssrTest('next'))
