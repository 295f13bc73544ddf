/** The checksum of zip, gzip, PNG and Ethernet: CRC-32 with the reflected polynomial 0xEDB88320 (ITU-T V.42). */

/** Table `k` is for a byte that stands k bytes before the last of four. */
const tables: Int32Array[] = [];

function makeTables(): void {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    first[byte] = value;
  }
  tables.push(first);
  for (let k = 1; k < 4; k++) {
    const before = tables[k - 1]!;
    tables.push(before.map((value) => (value >>> 8) ^ first[value & 0xff]!));
  }
}

/** From 0 to 2 ** 32 - 1. */
export function crc32(bytes: Uint8Array): number {
  if (tables.length === 0) makeTables();
  const [t0, t1, t2, t3] = tables as [Int32Array, Int32Array, Int32Array, Int32Array];
  let crc = -1;
  let i = 0;
  for (const whole = bytes.length - 3; i < whole; i += 4) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc = t3[crc & 0xff]! ^ t2[(crc >>> 8) & 0xff]! ^ t1[(crc >>> 16) & 0xff]! ^ t0[crc >>> 24]!;
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[i]!) & 0xff]!;
  return ~crc >>> 0;
}
