import solid from 'vite-plugin-solid'
import { bundle, type Scripts } from '../bundle.ts'

export const FRAMEWORKS = ['react', 'solid'] as const
export type Framework = (typeof FRAMEWORKS)[number]

/** The page of each framework as a script, with what only a development build checks and warns of. */
export function bundlePages(): Promise<Scripts> {
  return bundle(
    Object.fromEntries(FRAMEWORKS.map((name) => [name, `test/browser/hooks/page/${name}.tsx`])),
    { mode: 'development', plugins: [solid({ include: /\/hooks\/page\/solid\.tsx$/ })] },
  )
}
