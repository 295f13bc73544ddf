#!/bin/sh
# Records what ordinary programs do on a network, one capture for each kind, into captures/hour/; hour.test.ts makes an
# hour of it. Real clients and servers in two network namespaces: Chromium at nginx (HTTP and HTTPS, names by dnsmasq),
# downloads as apt makes them, an interactive SSH session, a WebSocket with heartbeats, NTP, DHCP, names of content
# networks, mDNS and SSDP, IPv6 with its neighbour discovery.
# As root on Debian: iproute2 tcpdump chromium nginx-light dnsmasq-base bind9-dnsutils curl openssl openssh-server
# openssh-client python3, and Sentra built. Usage: make-hour.sh
set -eu
here=$(dirname "$(realpath "$0")"); root=$(realpath "$here/../.."); out=$here/captures/hour
mkdir -p "$out"
a=sh-a-$$ b=sh-b-$$ work=$(mktemp -d)
pids=
in_a() { ip netns exec $a "$@"; }
in_b() { ip netns exec $b "$@"; }
finish() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  ip netns del $a 2>/dev/null || true; ip netns del $b 2>/dev/null || true
  rm -rf "$work" "/etc/netns/$a"
}
trap finish EXIT INT TERM
serve() { "$@" >>"$work/log" 2>&1 & pids="$pids $!"; }
capture() { # NAME: starts tcpdump on the client's side
  : >"$work/dump"; ip netns exec $a tcpdump -Z root -i sv0 -U -w "$out/$1.pcap" 2>"$work/dump" & dump=$!
  for _ in 1 2 3 4 5 6 7 8 9 10; do grep -q listening "$work/dump" && break; sleep 0.2; done; sleep 0.2
}
captured() { sleep 0.8; kill $dump; wait $dump 2>/dev/null || true; }

ip netns add $a; ip netns add $b
mkdir -p /etc/netns/$a; echo 'nameserver 10.77.0.2' >/etc/netns/$a/resolv.conf
ip link add sv0 netns $a type veth peer name sv1 netns $b
in_a ip link set lo up; in_b ip link set lo up
in_a ip addr add 10.77.0.1/24 dev sv0; in_b ip addr add 10.77.0.2/24 dev sv1
in_a ip -6 addr add fd77::1/64 dev sv0; in_b ip -6 addr add fd77::2/64 dev sv1
in_a ip link set sv0 up; in_b ip link set sv1 up
sleep 2

mkdir -p "$work/www/pool"
python3 - "$work/www" <<END
import os, random, sys
www = sys.argv[1]; random.seed(7)
parts = []
for i in range(24):
    kind = ('css', 'js', 'png', 'svg')[i % 4]
    open(f'{www}/part{i}.{kind}', 'wb').write((b'/* %d */ ' % i) * random.randint(20, 900))
    parts.append({'css': f'<link rel=stylesheet href=/part{i}.css>', 'js': f'<script src=/part{i}.js></script>'}.get(kind, f'<img src=https://img{i % 3}.shop.example.test/part{i}.{kind}>'))
open(f'{www}/index.html', 'w').write('<!doctype html><title>Shop</title>' + ''.join(parts) + '<p>hello')
for i in range(12):
    open(f'{www}/pool/package{i}.deb', 'wb').write(b'data' * random.randint(500, 6000))
open(f'{www}/InRelease', 'w').write('Origin: test\n' * 200); open(f'{www}/Packages.gz', 'w').write('x' * 20000)
END
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -subj '/CN=shop.example.test' -days 2 2>/dev/null
cat >"$work/nginx.conf" <<END
daemon off; master_process off; pid $work/pid; error_log /dev/null; user root;
events {}
http { access_log off; client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  server { listen 80; listen [::]:80; listen 443 ssl; ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem; root $work/www; } }
END
serve in_b nginx -c "$work/nginx.conf"
serve in_b dnsmasq -d -C /dev/null --no-resolv --no-hosts --listen-address=10.77.0.2 --bind-interfaces --address=/#/10.77.0.2 --dhcp-range=10.77.0.100,10.77.0.200,30m --dhcp-option=3,10.77.0.254 --dhcp-leasefile="$work/leases"
ssh-keygen -q -t ed25519 -N '' -f "$work/host"; ssh-keygen -q -t ed25519 -N '' -f "$work/user"
cp "$work/user.pub" "$work/authorized"; chmod 600 "$work/authorized"; chmod 755 "$work"; mkdir -p /run/sshd
printf 'HostKey %s\nAuthorizedKeysFile %s\nStrictModes no\nUsePAM no\nPidFile none\n' "$work/host" "$work/authorized" >"$work/sshd.conf"
serve in_b "$(command -v sshd)" -D -e -f "$work/sshd.conf"
serve in_b python3 -c "
import socket, struct, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('10.77.0.2', 123))
while True:
    q, who = s.recvfrom(512); now = struct.pack('>II', int(time.time()) + 2208988800, 0)
    s.sendto(bytes([0x24, 2, q[2], 0xe8]) + bytes(8) + b'GPS\0' + now + q[40:48] + now + now, who)"
cat >"$work/chat.sn" <<'END'
let server = ws_listen("10.77.0.2", 8080)
while true {
  let client = ws_server_accept(server)
  spawn { while true { let m = ws_server_receive_from(server, client.id, 60)
    if m == null { break }
    ws_server_send_to(server, client.id, "ok " + m) } }
}
END
serve in_b "$root/bin/sentra" run "$work/chat.sn"
sleep 2

capture browser
in_a timeout 40 chromium --headless --no-sandbox --disable-gpu --ignore-certificate-errors --user-data-dir="$work/profile" --virtual-time-budget=8000 --dump-dom http://shop.example.test/ >/dev/null 2>&1 || true
captured
capture apt
for path in InRelease Packages.gz $(cd "$work/www" && ls pool/*.deb); do echo "url=\"http://deb.example.test/$path\""; echo 'output="/dev/null"'; done >"$work/urls"
in_a curl -s -A 'Debian APT-HTTP/1.3 (2.6.1)' -K "$work/urls"
captured
capture ssh
(for line in 'ls -l /etc' 'cat /etc/os-release' 'df -h' 'uptime' 'ps aux | head -30' 'ls /usr/bin | head -60'; do sleep 1.3; echo "$line"; done; sleep 1; echo exit) |
  in_a ssh -tt -q -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -i "$work/user" root@10.77.0.2 >/dev/null 2>&1 || true
captured
capture chat
cat >"$work/talk.sn" <<'END'
let chat = ws_connect("ws://10.77.0.2:8080/")
for i in 1..10 { ws_send(chat, "heartbeat " + str(i))
  ws_receive(chat, 5)
  ws_ping(chat)
  sleep(500) }
ws_close(chat)
END
in_a "$root/bin/sentra" run "$work/talk.sn" >/dev/null
captured
capture ntp
in_a python3 -c "
import socket, struct, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('10.77.0.1', 123)); s.settimeout(2)
s.sendto(bytes([0x23, 0, 6, 0xec]) + bytes(36) + struct.pack('>II', int(time.time()) + 2208988800, 1), ('10.77.0.2', 123)); s.recv(512)"
captured
capture dns
for i in $(seq 1 60); do
  echo "d$(printf '%07x' $((i * 7919)))abcdef8.cloudfront.example.net A"; echo "e$i.dscb.akamaiedge.example.net AAAA"
  echo "r$((i % 9))---sn-4g5e6nl$((i % 7)).googlevideo.example.com A"; echo "prod-static-assets-eu-west-$((i % 3)).s3.dualstack.eu-west-1.amazonaws.example.com A"
  echo "$((i % 20)).0.77.10.in-addr.arpa PTR"; echo "_ldap._tcp.dc._msdcs.office.example.com SRV"
done >"$work/names"
in_a dig @10.77.0.2 +tries=1 -f "$work/names" >/dev/null
captured
capture dhcp
in_a python3 -c "
import os, socket, struct, time
mac = bytes.fromhex(open('/sys/class/net/sv0/address').read().strip().replace(':', '')) if os.path.exists('/sys/class/net/sv0/address') else bytes([2, 0, 0, 0, 0, 9])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1); s.setsockopt(socket.SOL_SOCKET, 25, b'sv0\0'); s.bind(('', 68)); s.settimeout(4)
def ask(kind, extra, client=b'\0' * 4, to='255.255.255.255'):
    m = struct.pack('>BBBBIHH', 1, 1, 6, 0, 0x1234, 0, 0x8000 if to == '255.255.255.255' else 0) + client + bytes(12) + mac + bytes(10) + bytes(192) + bytes([99, 130, 83, 99, 53, 1, kind]) + extra + b'\x0c\x06laptop\x37\x04\x01\x03\x06\x0f\xff'
    s.sendto(m, (to, 67)); return s.recv(1500)
offer = ask(1, b''); address = offer[16:20]
ask(3, b'\x32\x04' + address + b'\x36\x04' + socket.inet_aton('10.77.0.2'))
try: ask(3, b'', address, '10.77.0.2')
except TimeoutError: pass" || true
captured
capture chatter
in_a python3 -c "
import socket, struct
def name(n): return b''.join(bytes([len(p)]) + p.encode() for p in n.split('.')) + b'\0'
m = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); m.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); m.bind(('10.77.0.1', 5353))
m.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('10.77.0.1'))
for service in ('_ipp._tcp.local', '_googlecast._tcp.local', '_airplay._tcp.local', '_companion-link._tcp.local'):
    m.sendto(struct.pack('>HHHHHH', 0, 0, 1, 0, 0, 0) + name(service) + struct.pack('>HH', 12, 1), ('224.0.0.251', 5353))
d = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); d.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('10.77.0.1'))
for st in ('ssdp:all', 'upnp:rootdevice', 'urn:dial-multiscreen-org:service:dial:1'):
    d.sendto(('M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: ' + st + '\r\n\r\n').encode(), ('239.255.255.250', 1900))
l = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); l.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('10.77.0.1'))
for host in ('wpad', 'printer', 'nas'): l.sendto(struct.pack('>HHHHHH', 7, 0, 1, 0, 0, 0) + name(host) + struct.pack('>HH', 1, 1), ('224.0.0.252', 5355))"
captured
capture ipv6
in_a ip -6 neigh flush dev sv0; in_b ip -6 neigh flush dev sv1
in_a curl -s -g 'http://[fd77::2]/' >/dev/null; in_a curl -s -g 'http://[fd77::2]/part1.js' >/dev/null
in_a "$root/bin/sentra" -e 'ping("fd77::2", {"count": 3})
ping("10.77.0.2", {"count": 3})' >/dev/null 2>&1 || true
captured
gzip -9nf "$out"/*.pcap
