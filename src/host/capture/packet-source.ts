/** Where packets come from as they pass: what those who read them know of the engine that takes them. */

export interface SourceOptions {
  /** In tcpdump's language; empty takes everything. */
  readonly filter: string;
  /** Bytes of each packet that are kept. */
  readonly snapLength: number;
  readonly promiscuous: boolean;
  /** MiB of packets that wait to be read. */
  readonly bufferMiB: number;
  /** 'kernel': the system's packet sockets, on Linux alone. 'auto': those where they are, else libpcap. */
  readonly engine: 'auto' | 'kernel' | 'libpcap';
}

/** One packet; `bytes[start..end)` is valid during the call only. `isOutgoing` is null where that cannot be told. */
export type PacketSink = (
  bytes: Uint8Array,
  start: number,
  end: number,
  wireLength: number,
  seconds: number,
  nanos: number,
  isOutgoing: boolean | null,
) => void;

/** Always: packets are handed over in the order in which they passed, one of the loopback once. */
export interface PacketSource {
  readonly linkType: number;
  /** Packets that were handed over. */
  readonly received: number;
  /** Packets that could not be handed over in time, as the system counts them. */
  readonly dropped: number;
  /** The interface has gone or was taken down. */
  readonly wentDown: boolean;
  /** Hands over what has come, at once. */
  read(): void;
  /** Brings `dropped` up to date. */
  readStatistics(): void;
  close(): void;
}

/** What is not full is handed over after this time. */
export const BLOCK_MS = 20;
export const MAX_PACKET = 262_144;
