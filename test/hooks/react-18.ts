import Module from 'node:module'

// oxlint-disable no-underscore-dangle -- There is no other door to what `require` finds.

type Resolve = (
  this: unknown,
  request: string,
  parent: { filename?: string } | undefined,
  ...rest: unknown[]
) => string

/**
 * Lets React DOM 18 find React 18, which is installed by another name: a setup file for tests in which
 * `react` and `react-dom` stand for those.
 */
const loader = Module as unknown as { _resolveFilename: Resolve }
const resolve = loader._resolveFilename

loader._resolveFilename = function (request, parent, ...rest) {
  const isReact18 = /[\\/]node_modules[\\/]react(-dom)?-18[\\/]/.test(parent?.filename ?? '')
  const name = isReact18 && request === 'react' ? 'react-18' : request
  return resolve.call(this, name, parent, ...rest)
}
