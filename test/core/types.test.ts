import { describe, expectTypeOf, it } from 'vitest'
import { DurableStream, IdempotentProducer, stream } from '../../src/core/index.ts'
import type {
  Appended,
  CreateOptions,
  PipeOptions,
  ProducerOptions,
  ProducerState,
  ProducerStore,
  Arrival,
  BackoffPolicy,
  BytesArrival,
  DurableStreamError,
  DurableStreamOptions,
  ExpectedOffsetError,
  FetchError,
  JsonBatch,
  ReadOptions,
  ReadResult,
  SeqConflictError,
  SequenceGapError,
  StaleEpochError,
  StreamClosedError,
  StreamError,
  StreamErrorCode,
  StreamInfo,
  StreamOptions,
  StreamResponse,
  StreamStatus,
  TextArrival,
} from '../../src/core/index.ts'

// What the compiler accepts: `npm run types` checks this file, running it proves nothing.

interface Message {
  id: number
  text: string
}

type Response = StreamResponse<Message>
type Stream = DurableStream<Message>

describe('stream()', () => {
  it('gives a response of the items that it was told of', () => {
    expectTypeOf(stream<Message>).returns.resolves.toEqualTypeOf<Response>()
    expectTypeOf(stream<Message>).parameters.toEqualTypeOf<[StreamOptions]>()
  })

  it('gives items of an unknown kind when it was told nothing', () => {
    expectTypeOf(stream).returns.resolves.toExtend<StreamResponse<unknown>>()
    expectTypeOf<StreamResponse['json']>().returns.resolves.toEqualTypeOf<unknown[]>()
  })
})

describe('a response', () => {
  it('hands over items by every way of reading', () => {
    expectTypeOf<Response['json']>().returns.resolves.toEqualTypeOf<Message[]>()
    expectTypeOf<Response['text']>().returns.resolves.toEqualTypeOf<string>()
    expectTypeOf<Response['body']>().returns.resolves.toExtend<Uint8Array>()
    expectTypeOf<Response['jsonStream']>().returns.toEqualTypeOf<ReadableStream<Message>>()
    expectTypeOf<Response['textStream']>().returns.toEqualTypeOf<ReadableStream<string>>()
    expectTypeOf<Response['bodyStream']>().returns.toExtend<ReadableStream<Uint8Array>>()
    expectTypeOf<Response['jsonBatches']>().returns.toEqualTypeOf<
      AsyncGenerator<JsonBatch<Message>, void>
    >()
  })

  it('calls back with items, and where they leave the reader', () => {
    type JsonCallback = Parameters<Response['subscribeJson']>[0]
    expectTypeOf<Parameters<JsonCallback>[0]['items'][number]>().toEqualTypeOf<Message>()
    expectTypeOf<Parameters<JsonCallback>[0]>().toExtend<Arrival>()
    expectTypeOf<
      Parameters<Parameters<Response['subscribeText']>[0]>[0]
    >().toEqualTypeOf<TextArrival>()
    expectTypeOf<
      Parameters<Parameters<Response['subscribeBytes']>[0]>[0]
    >().toEqualTypeOf<BytesArrival>()
    expectTypeOf<Response['subscribeJson']>().returns.toEqualTypeOf<() => void>()
    // Both are waited for, or not, as their kind is.
    expectTypeOf<(arrival: JsonBatch<Message>) => Promise<void>>().toExtend<JsonCallback>()
    expectTypeOf<() => void>().toExtend<JsonCallback>()
  })

  it('tells where it stands', () => {
    expectTypeOf<Response['offset']>().toEqualTypeOf<string>()
    expectTypeOf<Response['cursor']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<Response['upToDate']>().toEqualTypeOf<boolean>()
    expectTypeOf<Response['streamClosed']>().toEqualTypeOf<boolean>()
    expectTypeOf<Response['closed']>().toEqualTypeOf<Promise<void>>()
    expectTypeOf<Response['cancel']>().toBeCallableWith('why')
    expectTypeOf<Pick<Arrival, 'offset' | 'upToDate' | 'streamClosed'>>().toEqualTypeOf<{
      offset: string
      upToDate: boolean
      streamClosed: boolean
    }>()
  })
})

describe('a DurableStream', () => {
  it('is of one kind of items, read and written', () => {
    expectTypeOf(DurableStream.create<Message>).returns.resolves.toEqualTypeOf<Stream>()
    expectTypeOf(DurableStream.connect<Message>).returns.resolves.toEqualTypeOf<Stream>()
    expectTypeOf(DurableStream.head).returns.resolves.toEqualTypeOf<StreamInfo>()
    expectTypeOf<Stream['stream']>().returns.resolves.toEqualTypeOf<Response>()
    expectTypeOf<Stream['json']>().returns.toEqualTypeOf<AsyncGenerator<Message, void>>()
    expectTypeOf<Stream['follow']>().returns.toEqualTypeOf<
      AsyncGenerator<JsonBatch<Message>, void>
    >()
    expectTypeOf<Stream['read']>().returns.resolves.toEqualTypeOf<ReadResult>()
    expectTypeOf<Stream['append']>().returns.resolves.toEqualTypeOf<{ offset: string }>()
  })

  it('takes its items, and JSON text or bytes', () => {
    expectTypeOf<Parameters<Stream['append']>[0]>().toEqualTypeOf<Message | string | Uint8Array>()
    expectTypeOf<Stream['append']>().toBeCallableWith({ id: 1, text: 'a' })
    expectTypeOf<Stream['append']>().toBeCallableWith('{}', {
      seq: 'a',
      expectedOffset: '1',
      signal: new AbortController().signal,
    })
    expectTypeOf<{ id: string }>().not.toExtend<Parameters<Stream['append']>[0]>()
    expectTypeOf<Stream['appendAll']>().toBeCallableWith(['{}', { id: 1, text: 'a' }] as const)
  })
})

describe('a stream that is written', () => {
  it('takes what it is piped from anything that can be read', () => {
    type Source = Parameters<Stream['appendStream']>[0]
    expectTypeOf<Message[]>().toExtend<Source>()
    expectTypeOf<Set<string>>().toExtend<Source>()
    expectTypeOf<AsyncGenerator<Message>>().toExtend<Source>()
    expectTypeOf<ReadableStream<Uint8Array<ArrayBuffer>>>().toExtend<Source>()
    expectTypeOf<ReadableStream<string>>().toExtend<Source>()
    expectTypeOf<number[]>().not.toExtend<Source>()
    expectTypeOf<Stream['appendStream']>().returns.toEqualTypeOf<Promise<Appended>>()
    expectTypeOf<Parameters<Stream['appendStream']>[1]>().toEqualTypeOf<PipeOptions | undefined>()
    type Writable = WritableStream<Message | string | Uint8Array>
    expectTypeOf<Stream['writable']>().returns.toEqualTypeOf<Writable>()
  })

  it('is made, forked and closed', () => {
    expectTypeOf<Stream['fork']>().toBeCallableWith('https://example.test/fork')
    expectTypeOf<Stream['fork']>().toBeCallableWith({
      url: '/fork',
      forkOffset: '1',
      ttlSeconds: 9,
    })
    expectTypeOf<Stream['fork']>().returns.resolves.toEqualTypeOf<Stream>()
    expectTypeOf(DurableStream.fork<Message>).returns.resolves.toEqualTypeOf<Stream>()
    expectTypeOf<{ url: string }>().not.toExtend<Parameters<typeof DurableStream.fork>[0]>()
    expectTypeOf<Stream['close']>().toBeCallableWith({ id: 1, text: 'last' })
    expectTypeOf<Stream['close']>().returns.toEqualTypeOf<Promise<Appended>>()
    expectTypeOf<Appended>().toEqualTypeOf<{ offset: string }>()
    expectTypeOf<{ expiresAt: Date; closed: true; body: Message[] }>().toExtend<CreateOptions>()
  })
})

describe('a producer', () => {
  type Producer = IdempotentProducer<Message>

  it('writes the items of its stream', () => {
    const produce = (stream: Stream, options?: ProducerOptions) =>
      new IdempotentProducer(stream, 'a', options)
    expectTypeOf(produce).returns.toEqualTypeOf<Producer>()
    expectTypeOf<Parameters<Producer['append']>[0]>().toEqualTypeOf<Message | string | Uint8Array>()
    expectTypeOf<Producer['append']>().returns.toEqualTypeOf<Promise<void>>()
    expectTypeOf<Producer['ready']>().toEqualTypeOf<Promise<void>>()
    expectTypeOf<Producer['flush']>().returns.toEqualTypeOf<Promise<Appended>>()
    expectTypeOf<Producer['close']>().returns.toEqualTypeOf<Promise<Appended>>()
    expectTypeOf<Producer['detach']>().returns.toEqualTypeOf<Promise<Appended>>()
    expectTypeOf<Producer['restart']>().returns.toEqualTypeOf<Promise<void>>()
  })

  it('tells its numbers', () => {
    expectTypeOf<
      Producer['epoch' | 'nextSeq' | 'pendingCount' | 'inFlightCount']
    >().toEqualTypeOf<number>()
  })

  it('keeps plain JSON in its store', () => {
    expectTypeOf<NonNullable<ProducerOptions['store']>>().toEqualTypeOf<ProducerStore>()
    expectTypeOf<ProducerStore['load']>().returns.toEqualTypeOf<
      Promise<ProducerState | undefined>
    >()
    expectTypeOf<ProducerStore['save']>().parameters.toEqualTypeOf<[ProducerState]>()
  })
})

describe('options', () => {
  it('may be left out, or be undefined', () => {
    type Undefined<Options> = { [Name in keyof Options]-?: undefined }
    expectTypeOf<Undefined<ReadOptions>>().toExtend<ReadOptions>()
    expectTypeOf<
      Undefined<Omit<DurableStreamOptions, 'url'>> & { url: string }
    >().toExtend<DurableStreamOptions>()
    expectTypeOf<Partial<BackoffPolicy>>().toExtend<NonNullable<ReadOptions['backoff']>>()
    expectTypeOf<{ url: URL }>().toExtend<StreamOptions>()
    expectTypeOf<{ live: true }>().not.toExtend<StreamOptions>()
  })

  it('take headers and params as values, or functions of either colour', () => {
    const headers = { plain: 'a', now: () => 'b', later: async () => 'c', absent: undefined }
    expectTypeOf(headers).toExtend<NonNullable<StreamOptions['headers']>>()
    expectTypeOf(headers).toExtend<NonNullable<StreamOptions['params']>>()
    expectTypeOf<{ a: number }>().not.toExtend<NonNullable<StreamOptions['headers']>>()
    expectTypeOf<{ a: () => Promise<number> }>().not.toExtend<
      NonNullable<StreamOptions['params']>
    >()
  })

  it('know the modes of reading live', () => {
    expectTypeOf<ReadOptions['live']>().toEqualTypeOf<boolean | 'sse' | 'long-poll' | undefined>()
  })

  it('let onError and onReset answer at once or later, or not at all', () => {
    type OnError = NonNullable<ReadOptions['onError']>
    expectTypeOf<Parameters<OnError>>().toEqualTypeOf<[StreamError]>()
    expectTypeOf<() => void>().toExtend<OnError>()
    expectTypeOf<() => Promise<void>>().toExtend<OnError>()
    expectTypeOf<() => { headers: { token: string } }>().toExtend<OnError>()
    expectTypeOf<() => Promise<{ params: { token: () => string } }>>().toExtend<OnError>()
    type OnReset = NonNullable<ReadOptions['onReset']>
    expectTypeOf<Parameters<OnReset>>().toEqualTypeOf<[StreamError]>()
    expectTypeOf<() => void>().toExtend<OnReset>()
    expectTypeOf<() => string>().toExtend<OnReset>()
    expectTypeOf<() => Promise<string>>().toExtend<OnReset>()
    expectTypeOf<() => number>().not.toExtend<OnReset>()
  })
})

describe('a status', () => {
  it('is told apart by its kind', () => {
    expectTypeOf<StreamStatus['kind']>().toEqualTypeOf<
      'idle' | 'connecting' | 'catching-up' | 'live' | 'offline' | 'closed' | 'error'
    >()
    expectTypeOf<Extract<StreamStatus, { kind: 'offline' }>>().toEqualTypeOf<{
      kind: 'offline'
      retryAt: number
      cause: StreamError
    }>()
    expectTypeOf<Extract<StreamStatus, { kind: 'error' }>['error']>().toEqualTypeOf<StreamError>()
  })
})

describe('errors', () => {
  it('are all of one kind, with a code', () => {
    expectTypeOf<StreamError>().toExtend<Error>()
    expectTypeOf<StreamError['code']>().toEqualTypeOf<StreamErrorCode>()
    expectTypeOf<'gone' | 'not-found' | 'disconnected'>().toExtend<StreamErrorCode>()
    expectTypeOf<StreamError['status']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<StreamError['retryable']>().toEqualTypeOf<boolean>()
    expectTypeOf<StreamError['offset']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<DurableStreamError>().toExtend<StreamError>()
    expectTypeOf<FetchError>().toExtend<StreamError>()
    expectTypeOf<StaleEpochError>().toExtend<StreamError>()
    expectTypeOf<SequenceGapError>().toExtend<StreamError>()
    expectTypeOf<StreamClosedError>().toExtend<StreamError>()
  })

  it('of producers carry their numbers', () => {
    expectTypeOf<StaleEpochError['currentEpoch']>().toEqualTypeOf<number>()
    expectTypeOf<SequenceGapError['expectedSeq']>().toEqualTypeOf<number>()
    expectTypeOf<SequenceGapError['receivedSeq']>().toEqualTypeOf<number>()
  })

  it('of conditional writes carry what was asked, and the end of the stream', () => {
    expectTypeOf<ExpectedOffsetError['expectedOffset']>().toEqualTypeOf<string>()
    expectTypeOf<SeqConflictError['seq']>().toEqualTypeOf<string>()
    expectTypeOf<ExpectedOffsetError>().toExtend<StreamError>()
    expectTypeOf<SeqConflictError>().toExtend<StreamError>()
  })
})
