# Sends datagrams to the loopback at a rate, for a time; prints how many. Usage: send.py RATE SECONDS
import ctypes, socket, sys, time

rate, seconds = int(sys.argv[1]), float(sys.argv[2])
BATCH = 256
libc = ctypes.CDLL(None)
sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
sink.bind(('127.0.0.1', 4000))
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.connect(('127.0.0.1', 4000))


class Vector(ctypes.Structure):
    _fields_ = [('base', ctypes.c_void_p), ('length', ctypes.c_size_t)]


class Message(ctypes.Structure):
    _fields_ = [('name', ctypes.c_void_p), ('name_length', ctypes.c_uint32), ('vectors', ctypes.c_void_p),
                ('count', ctypes.c_size_t), ('control', ctypes.c_void_p), ('control_length', ctypes.c_size_t),
                ('flags', ctypes.c_int), ('sent', ctypes.c_uint32)]


data = ctypes.create_string_buffer(b'x' * 60)
vector = Vector(ctypes.cast(data, ctypes.c_void_p), 60)
batch = (Message * BATCH)(*[Message(None, 0, ctypes.cast(ctypes.pointer(vector), ctypes.c_void_p), 1, None, 0, 0, 0)] * BATCH)
sent = 0
start = time.monotonic()
while True:
    elapsed = time.monotonic() - start
    if elapsed >= seconds:
        break
    if sent > elapsed * rate:
        time.sleep(0.0005)
        continue
    count = libc.sendmmsg(out.fileno(), ctypes.byref(batch), BATCH, 0)
    if count > 0:
        sent += count
print(sent)
