import type { Framework, SubjectName } from '../scene.ts'
import { bench, watchInputs } from './probe.ts'

// Runs in a page: `?framework=react&subject=ours&prefix=ours-0`.

const asked = new URLSearchParams(location.search)
type Mount = (root: Element, subject: SubjectName, prefix: string) => void

const pages: Readonly<Record<Framework, () => Promise<Mount>>> = {
  react: async () => (await import('./react.tsx')).mount,
  solid: async () => (await import('./solid.tsx')).mount,
}
const mount = await pages[asked.get('framework') as Framework]()
mount(document.querySelector('main')!, asked.get('subject') as SubjectName, asked.get('prefix')!)
watchInputs()
Object.assign(globalThis, { bench })
