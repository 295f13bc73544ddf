# Offers datagrams to the loopback at a rate, for a time, as frames out of memory that the kernel sends from
# (PACKET_TX_RING of packet(7)); prints how many. Usage: send.py RATE SECONDS
# The checksum of the IP header is left out, so that they end where they arrive and nothing answers.
import ctypes, mmap, socket, struct, sys, time

rate, seconds = int(sys.argv[1]), float(sys.argv[2])
SOL_PACKET, PACKET_VERSION, PACKET_TX_RING, PACKET_QDISC_BYPASS = 263, 10, 13, 20
TPACKET_V2, HEADER_BYTES, SEND_REQUEST = 1, 32, 1
FRAME_BYTES, FRAMES, BATCH = 256, 8192, 256

loopback = bytes([127, 0, 0, 1])
udp = struct.pack('>HHHH', 3999, 4000, 68, 0) + b'x' * 60
ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(udp), 1, 0x4000, 64, 17, 0, loopback, loopback)
frame = bytes(12) + b'\x08\x00' + ip + udp

out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
out.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V2)
out.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
out.setsockopt(SOL_PACKET, PACKET_TX_RING, struct.pack('IIII', FRAME_BYTES * 4096, FRAMES // 4096, FRAME_BYTES, FRAMES))
ring = mmap.mmap(out.fileno(), FRAME_BYTES * FRAMES, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
out.bind(('lo', 0x0800))
words = (ctypes.c_uint32 * (FRAME_BYTES * FRAMES // 4)).from_buffer(ring)
for at in range(0, FRAME_BYTES * FRAMES, FRAME_BYTES):
    struct.pack_into('II', ring, at + 4, len(frame), len(frame))
    ring[at + HEADER_BYTES:at + HEADER_BYTES + len(frame)] = frame

send, fd, step = ctypes.CDLL(None).send, out.fileno(), FRAME_BYTES // 4
sent = place = 0
start = time.monotonic()
while True:
    elapsed = time.monotonic() - start
    if elapsed >= seconds:
        break
    if sent > elapsed * rate:
        time.sleep(0.0003)
        continue
    count = 0
    while count < BATCH and words[place * step] == 0:
        words[place * step] = SEND_REQUEST
        place = (place + 1) % FRAMES
        count += 1
    send(fd, None, 0, 0)
    sent += count
print(sent)
