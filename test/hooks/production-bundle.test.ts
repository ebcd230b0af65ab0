import { expect, it } from 'vitest'
import { bundle } from '../browser/bundle.ts'

it.each(['src/react/index.ts', 'src/solid/index.ts'])(
  'leaves nothing of the warnings in what is deployed of %s',
  async (entry) => {
    const deployed = Object.values(await bundle({ page: entry })).join('\n')
    expect(deployed).toContain('has no server')
    expect(deployed).not.toContain('[streamwell]')
    expect(deployed).not.toContain('cannot keep')
    const inDevelopment = await bundle({ page: entry }, { mode: 'development' })
    expect(Object.values(inDevelopment).join('\n')).toContain('[streamwell]')
  },
)
