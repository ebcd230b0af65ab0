import { defineConfig, type UserConfig } from 'tsdown'

const config: UserConfig = defineConfig({
  entry: {
    index: 'src/core/index.ts',
    events: 'src/state/index.ts',
    store: 'src/state/store/index.ts',
    node: 'src/state/persistence/file/index.ts',
    state: 'src/state/db/index.ts',
    react: 'src/react/index.ts',
    'react-db': 'src/react/db.ts',
    'react-atom': 'src/react/atom.ts',
    solid: 'src/solid/index.ts',
    'solid-db': 'src/solid/db.ts',
    ssr: 'src/state/ssr/index.ts',
    vite: 'src/vite-plugin/index.ts',
    server: 'dev-server/index.ts',
    fetch: 'dev-server/fetch.ts',
  },
  format: 'esm',
  dts: true,
  clean: true,
  platform: 'neutral',
  fixedExtension: false,
  deps: { neverBundle: [/^node:/] },
  // A constant costs less where it is used than by a name of its own.
  inputOptions: { optimization: { inlineConst: { mode: 'all', pass: 2 } } },
})

export default config
