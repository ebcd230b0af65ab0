import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { beforeAll, expect, it } from 'vitest'
import tsdown from '../tsdown.config.ts'
import { ROOT } from './support/imports.ts'

interface Entry {
  source: string
  /** Names with a space between, in the order of their code units. */
  values: string
  types: string
}

/** Every name that a user may import. One that is added, renamed or lost changes this table. */
const PUBLIC: Record<string, Entry> = {
  streamwell: {
    source: 'src/core/index.ts',
    values: `
      DurableStream DurableStreamError ExpectedOffsetError FetchError IdempotentProducer
      SeqConflictError SequenceGapError StaleEpochError StreamClosedError StreamError
      stream`,
    types: `
      AppendOptions Appended Arrival BackoffPolicy BytesArrival CreateOptions
      DurableStreamOptions Dynamic EndpointOptions JsonBatch LiveMode Observable PipeOptions
      Position ProducerOptions ProducerState ProducerStore ReadOptions ReadResult Source
      StoredBatch StreamErrorCode StreamErrorOptions StreamInfo StreamOptions StreamResponse StreamStatus
      TextArrival`,
  },
  'streamwell/events': {
    source: 'src/state/index.ts',
    values: `
      MaterializedState createStateSchema isChangeEvent isControlEvent parseEvent`,
    types: `
      ChangeEvent ChangeHeaders CollectionDefinition ControlEvent DeleteParams
      EventHeaders EventHelpers Issue Operation ParsedEvent PutParams StateDefinition
      StateEvent StateSchema`,
  },
  'streamwell/store': {
    source: 'src/state/store/index.ts',
    values: `
      checkpoint createPresence createSharedStore createStreamText indexedDBPersistence
      memoryPersistence outbox setStateReducer`,
    types: `
      CheckpointOptions Failure IndexedDBOptions Journal Keeper OutboxOptions Persistence
      Person Presence PresenceOptions PresenceRoom PresenceSession PresenceSnapshot Reducer
      Release SharedStore SharedStoreOptions StoreSnapshot StreamText StreamTextOptions
      StreamTextSnapshot`,
  },
  'streamwell/state': {
    source: 'src/state/db/index.ts',
    values: `
      MaterializedState createStateSchema createStreamDB getStreamDBCollectionId
      hydrateStreamDB indexedDBPersistence isChangeEvent isControlEvent loadStreamDB
      memoryPersistence parseEvent`,
    types: `
      ActionContext ActionDefinition ActionDefinitions Actions ChangeEvent ChangeHeaders
      CollectionDefinition Collections ControlEvent DehydratedStreamDB DeleteParams
      EventCounts EventHeaders EventHelpers FeedBatch IndexedDBOptions InvalidEvent Issue
      Journal KeepingOptions LoadStreamDBOptions Operation ParsedEvent Persistence PutParams
      Release RowHydration StartingOptions StateDefinition StateEvent StateSchema StateStream
      StateStreamOptions StreamDB StreamDBHooks StreamDBOptions StreamDBUtils`,
  },
  'streamwell/node': {
    source: 'src/state/persistence/file/index.ts',
    values: `filePersistence`,
    types: `FilePersistenceOptions Journal Persistence Release`,
  },
  'streamwell/react': {
    source: 'src/react/index.ts',
    values: `
      HydrationBoundary PartyProvider useConnectionStatus useFailures usePresence
      useServerReducer useServerReducerSuspense useServerState useServerStateSuspense
      useStreamStatus useStreamText useTyping`,
    types: `
      ConnectionStatus Failure HydrationBoundaryProps HydrationData KeyedFailure
      PartyProviderProps Person PresenceOptions PresenceView Reducer ServerStateMeta
      ServerStateOptions SetServerState StreamTextOptions StreamTextView TypingOptions
      TypingView`,
  },
  'streamwell/react/db': {
    source: 'src/react/db.ts',
    values: `useStreamDB`,
    types: `UseStreamDBOptions UsedStreamDB`,
  },
  'streamwell/react/atom': {
    source: 'src/react/atom.ts',
    values: `ServerAtoms serverAtom useServerAtom`,
    types: `ServerAtom ServerAtomOptions ServerAtomUpdate`,
  },
  'streamwell/solid': {
    source: 'src/solid/index.ts',
    values: `
      HydrationBoundary PartyProvider serverAtom useConnectionStatus useFailures usePresence
      useServerAtom useServerReducer useServerReducerSuspense useServerState
      useServerStateSuspense useStreamStatus useStreamText useTyping`,
    types: `
      ConnectionStatus Failure HydrationBoundaryProps HydrationData Key KeyedFailure MeOf
      PartyProviderProps Person PresenceOptions PresenceView Reducer ServerAtom
      ServerAtomOptions ServerAtomUpdate ServerStateMeta ServerStateOptions SetServerState
      StreamTextOptions StreamTextView TypingOptions TypingView`,
  },
  'streamwell/solid/db': {
    source: 'src/solid/db.ts',
    values: `useStreamDB`,
    types: `UseStreamDBOptions UsedStreamDB`,
  },
  'streamwell/ssr': {
    source: 'src/state/ssr/index.ts',
    values: `
      createSsrStateCache dehydrateStreamDB loadMultipleStreamsWithReducers
      loadStreamWithReducer serializeForHtml setStateReducer ssrStateCache`,
    types: `
      CacheLimits DehydratedStreamDB HydrationData LoadOptions LoadStreamOptions LoadedStream
      SsrStateCache SsrStateCacheStats StreamToLoad`,
  },
  'streamwell/vite': {
    source: 'src/vite-plugin/index.ts',
    values: `streamwell`,
    types: `StreamwellOptions`,
  },
  'streamwell/server': {
    source: 'dev-server/index.ts',
    values: `
      allow createDurableStreamServer createFetchHandler createNodeHandler deny lmdbStorage
      memoryStorage nodeWebhooks tabulateAccess`,
    types: `
      AccessTable AccessTableOptions Action Authorize AuthorizeQuestion CacheControl Change
      CommonOptions Cors Decide Decision Delivery DeliveryAnswer DurableStreamServer Expiry
      FetchHandler FetchHandlerOptions Fork HandlerOptions LifecycleEvent LmdbOptions NodeHandler
      NodeWebhooksOptions ProducerState RateLimitOptions ServerOptions Slice Storage StorageOption
      StreamRecord SubscriptionSettings UpdateScope Verdict Webhooks`,
  },
  'streamwell/fetch': {
    source: 'dev-server/fetch.ts',
    values: `allow createFetchHandler deny memoryStorage`,
    types: `
      Authorize AuthorizeQuestion CommonOptions FetchHandler FetchHandlerOptions Storage Verdict`,
  },
}

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean)

const entries = Object.entries(PUBLIC)

function readJson<Shape>(file: string): Shape {
  const text = readFileSync(join(ROOT, file), 'utf8')
  return ts.parseConfigFileTextToJson(file, text).config as Shape
}

let program: ts.Program

beforeAll(() => {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT)
  program = ts.createProgram(
    entries.map(([, { source }]) => join(ROOT, source)),
    options,
  )
  // Binds what it reads, which takes its time.
  program.getTypeChecker()
}, 120_000)

function exportsOf(source: string): { values: string[]; types: string[] } {
  const checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(program.getSourceFile(join(ROOT, source))!)
  const names = { values: [] as string[], types: [] as string[] }
  for (const symbol of module ? checker.getExportsOfModule(module) : []) {
    const isAlias = symbol.flags & ts.SymbolFlags.Alias
    const { flags } = isAlias ? checker.getAliasedSymbol(symbol) : symbol
    names[flags & ts.SymbolFlags.Value && !isTypeOnly(symbol) ? 'values' : 'types'].push(
      symbol.name,
    )
  }
  return { values: names.values.sort(), types: names.types.sort() }
}

function isTypeOnly(symbol: ts.Symbol): boolean {
  return symbol.declarations?.some(ts.isTypeOnlyExportDeclaration) ?? false
}

it.each(entries)('%s exports what it says', (_, { source, values, types }) => {
  expect(exportsOf(source)).toEqual({ values: words(values), types: words(types) })
})

it.each(entries)(
  '%s can be imported in Node, and gives its values',
  async (_, { source, values }) => {
    const module = (await import(/* @vite-ignore */ join(ROOT, source))) as object
    expect(Object.keys(module).sort()).toEqual(words(values))
  },
)

it('is built, published and resolved in the repository under the same names', () => {
  const { exports } = readJson<{ exports: object }>('package.json')
  const { paths } = readJson<{ compilerOptions: { paths: object } }>(
    'tsconfig.json',
  ).compilerOptions
  const built = (tsdown as { entry: Record<string, string> }).entry
  const names = entries.map(([name]) => name)
  const file = (name: string): string => name.split('/').slice(1).join('-') || 'index'
  const each = <T>(value: (name: string) => T): Record<string, T> =>
    Object.fromEntries(names.map((name) => [name, value(name)]))

  expect(paths).toEqual(each((name) => [`./${PUBLIC[name]!.source}`]))
  expect(built).toEqual(Object.fromEntries(names.map((name) => [file(name), PUBLIC[name]!.source])))
  expect(exports).toEqual({
    ...Object.fromEntries(
      names.map((name) => [
        name.replace('streamwell', '.'),
        { types: `./dist/${file(name)}.d.ts`, default: `./dist/${file(name)}.js` },
      ]),
    ),
    './package.json': './package.json',
  })
})
