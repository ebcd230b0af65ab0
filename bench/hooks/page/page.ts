import type { Framework, SubjectName } from '../scene.ts'
import { bench, watchInputs } from './probe.ts'

// Runs in a page: `?framework=react&subject=ours&prefix=ours-0`.

const asked = new URLSearchParams(location.search)
const framework = asked.get('framework') as Framework
const { mount } = await (framework === 'react' ? import('./react.tsx') : import('./solid.tsx'))
mount(document.querySelector('main')!, asked.get('subject') as SubjectName, asked.get('prefix')!)
watchInputs()
Object.assign(globalThis, { bench })
