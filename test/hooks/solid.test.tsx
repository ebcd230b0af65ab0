import { hookContract } from './contract.ts'
import { solid } from './solid.tsx'

hookContract(solid)
