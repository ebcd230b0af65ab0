import { describe } from 'vitest'
import { hydrationContract } from './contract-hydration.ts'
import { keyContract } from './contract-keys.ts'
import { loadingContract } from './contract-loading.ts'
import { overviewContract } from './contract-overview.ts'
import { renderingContract } from './contract-rendering.ts'
import { writingContract } from './contract-writing.ts'
import type { HookFramework } from './framework.ts'
import { expectSilentConsole } from './silent-console.ts'

/** What hooks promise, in every framework. */
export function hookContract(framework: HookFramework): void {
  describe(`the hooks of ${framework.name}`, () => {
    expectSilentConsole()
    writingContract(framework)
    renderingContract(framework)
    keyContract(framework)
    loadingContract(framework)
    hydrationContract(framework)
    overviewContract(framework)
  })
}
