import { serve } from '../door/serve.ts'

await serve(import.meta.dirname, 5174)
