"""The same as examples/log-analyser.sn --json."""
import json
import sys


def most(counts):
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:10])


def main(path):
    statuses, clients, pages, hours = {}, {}, {}, [0] * 24
    requests = size = malformed = 0
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            parts = line.rstrip("\n").split(" ")
            if len(parts) < 10:
                malformed += 1
                continue
            requests += 1
            if parts[9].isdigit():
                size += int(parts[9])
            status = parts[8]
            statuses[status] = statuses.get(status, 0) + 1
            client = parts[0]
            clients[client] = clients.get(client, 0) + 1
            page = parts[6]
            pages[page] = pages.get(page, 0) + 1
            hour = parts[3][13:15]
            if hour.isdigit() and int(hour) < 24:
                hours[int(hour)] += 1
    result = {
        "requests": requests,
        "malformed": malformed,
        "bytes": size,
        "statuses": dict(sorted(statuses.items())),
        "hours": hours,
        "clients": most(clients),
        "pages": most(pages),
    }
    print(json.dumps(result, separators=(",", ":")))


main(sys.argv[1])
