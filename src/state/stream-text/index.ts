export { createStreamText } from './create-stream-text.ts'
export type { StreamTextOptions } from './options.ts'
export type { StreamText, StreamTextSnapshot } from './stream-text.ts'
