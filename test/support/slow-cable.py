# A cable that takes its time and loses frames: passes on what comes in at one of two interfaces to the other one,
# later, or not at all. For kernels without netem. Arguments: two interfaces, milliseconds one way, losses of a hundred.
import heapq, random, select, socket, sys, time

names, delay, loss = sys.argv[1:3], float(sys.argv[3]) / 1000, float(sys.argv[4]) / 100
OUTGOING = 4
ends = []
for name in names:
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUFFORCE if hasattr(socket, 'SO_RCVBUFFORCE') else 33, 1 << 23)
    end.bind((name, 0))
    end.setblocking(False)
    ends.append(end)
print('ready', flush=True)
due, count = [], 0
while True:
    wait = max(0, due[0][0] - time.monotonic()) if due else None
    for end in select.select(ends, [], [], wait)[0]:
        while True:
            try:
                frame, address = end.recvfrom(65536)
            except BlockingIOError:
                break
            if address[2] == OUTGOING or random.random() < loss:
                continue
            count += 1
            heapq.heappush(due, (time.monotonic() + delay, count, frame, ends[1 - ends.index(end)]))
    now = time.monotonic()
    while due and due[0][0] <= now:
        _, _, frame, other = heapq.heappop(due)
        try:
            other.send(frame)
        except OSError:
            pass
