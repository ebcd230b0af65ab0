import { hookContract } from './contract.ts'
import { reactHooks } from './react.tsx'

hookContract(reactHooks)
