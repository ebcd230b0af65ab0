/**
 * Finds the folder that `import 'name'` reaches from the package in folder `from`, the way Node
 * does: its own `node_modules` first, then those of each folder above it.
 *
 * @param folders every folder that holds a package, relative to the project (`''`).
 * @returns undefined when nothing of that name is installed in reach.
 */
export function resolveDependency(
  folders: { has(folder: string): boolean },
  from: string,
  name: string,
): string | undefined {
  for (let folder: string | undefined = from; folder !== undefined; folder = parent(folder)) {
    const candidate = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (folders.has(candidate)) return candidate
  }
  return undefined
}

function parent(folder: string): string | undefined {
  if (folder === '') return undefined
  return folder.slice(0, Math.max(0, folder.lastIndexOf('/')))
}
