#!/bin/sh
# Makes the captures that the tests read: real programs talk to each other in two network namespaces, and tcpdump
# writes what passes. As root on Debian, with: iproute2 tcpdump curl dnsmasq dnsutils redis openssl nginx-light python3
# nmap hping3 iputils-ping editcap (tshark). Usage: make-captures.sh [DIRECTORY]
set -eu
out=$(realpath "${1:-$(dirname "$0")/captures}")
mkdir -p "$out"
a=sn-a-$$ b=sn-b-$$ work=$(mktemp -d)
pids=
in_a() { ip netns exec $a "$@"; }
in_b() { ip netns exec $b "$@"; }
finish() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  ip netns del $a 2>/dev/null || true
  ip netns del $b 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT INT TERM
serve() { "$@" >"$work/served.log" 2>&1 & pids="$pids $!"; }
capture() { # NAME INTERFACE [OPTIONS]: starts tcpdump in the first namespace
  name=$1 interface=$2; shift 2
  rm -f "$work/tcpdump.log"; : >"$work/tcpdump.log"
  ip netns exec $a tcpdump -i "$interface" -U -w "$out/$name" "$@" 2>>"$work/tcpdump.log" & dump=$!
  for _ in 1 2 3 4 5 6 7 8 9 10; do grep -q listening "$work/tcpdump.log" && break; sleep 0.2; done; sleep 0.2
}
captured() { sleep 0.8; kill $dump; wait $dump 2>/dev/null || true; }

ip netns add $a; ip netns add $b
ip link add sv0 netns $a type veth peer name sv1 netns $b
in_a ip link set lo up; in_b ip link set lo up
in_a ip addr add 10.77.0.1/24 dev sv0; in_b ip addr add 10.77.0.2/24 dev sv1
in_a ip -6 addr add fd77::1/64 dev sv0 nodad; in_b ip -6 addr add fd77::2/64 dev sv1 nodad
in_a ip link set sv0 address 02:00:00:00:77:01 up; in_b ip link set sv1 address 02:00:00:00:77:02 up
in_a ip link add svx type vxlan id 42 local 10.77.0.1 remote 10.77.0.2 dstport 4789
in_b ip link add svx type vxlan id 42 local 10.77.0.2 remote 10.77.0.1 dstport 4789
in_a ip addr add 10.81.0.1/24 dev svx; in_b ip addr add 10.81.0.2/24 dev svx; in_a ip link set svx up; in_b ip link set svx up

# Servers
mkdir "$work/www"; head -c 9000 /dev/zero | tr '\0' x >"$work/www/page.txt"; echo hello >"$work/www/index.html"
cat >"$work/nginx.conf" <<END
daemon off; pid $work/nginx.pid; error_log $work/error.log; worker_processes 1; user root;
events {}
http { access_log off; client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  gzip on; gzip_types text/plain; gzip_min_length 100;
  server { listen 80; listen [::]:80; listen 8080; root $work/www; location /post { return 204; } } }
END
serve in_b nginx -c "$work/nginx.conf"
serve in_b dnsmasq -d -C /dev/null --no-resolv --no-hosts --listen-address=10.77.0.2,fd77::2 --bind-interfaces \
  --address=/example.test/10.77.0.2 --txt-record=long.example.test,"$(head -c 200 /dev/zero | tr '\0' t)" --mx-host=example.test,mail.example.test,10 --local=/test/
serve in_b redis-server --port 6379 --bind 10.77.0.2 --save '' --daemonize no --dir "$work" --protected-mode no
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 2 -subj /CN=secure.example.test 2>/dev/null
serve in_b openssl s_server -accept 443 -key "$work/key.pem" -cert "$work/cert.pem" -www -quiet
serve in_b openssl s_server -accept 8443 -key "$work/key.pem" -cert "$work/cert.pem" -www -quiet -tls1 -cipher 'ALL:@SECLEVEL=0'
cat >"$work/lines.py" <<'END'
# Servers that speak just enough FTP and POP3 for a login.
import socketserver, sys
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        pop = sys.argv[1] == 'pop'
        self.wfile.write(b'+OK ready\r\n' if pop else b'220 ready\r\n')
        for line in self.rfile:
            word = line.split()[0].upper() if line.split() else b''
            if pop: self.wfile.write(b'+OK\r\n')
            else: self.wfile.write({b'USER': b'331 password\r\n', b'PASS': b'230 in\r\n', b'QUIT': b'221 bye\r\n'}.get(word, b'200 ok\r\n'))
            if word == b'QUIT': return
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(('10.77.0.2', int(sys.argv[2])), Handler).serve_forever()
END
serve in_b python3 "$work/lines.py" ftp 21
serve in_b python3 "$work/lines.py" pop 110
sleep 1.5

# Ordinary traffic: none of it raises a finding.
capture ordinary.pcap sv0
in_a ping -q -c 3 -i 0.2 10.77.0.2 >/dev/null; in_a ping -q -6 -c 3 -i 0.2 fd77::2 >/dev/null
in_a ping -q -c 2 -i 0.2 -s 4000 10.77.0.2 >/dev/null; in_a ping -q -6 -c 2 -i 0.2 -s 4000 fd77::2 >/dev/null
for name in www.example.test api.example.test www.example.test missing.other.test; do in_a dig +tries=1 +time=2 @10.77.0.2 "$name" >/dev/null || true; done
in_a dig @10.77.0.2 example.test MX >/dev/null; in_a dig +tcp @10.77.0.2 long.example.test TXT >/dev/null; in_a dig @fd77::2 www.example.test AAAA >/dev/null
in_a curl -s -o /dev/null -o /dev/null -o /dev/null http://10.77.0.2/ http://10.77.0.2/page.txt http://10.77.0.2/missing
in_a curl -s -o /dev/null --compressed -H 'Host: www.example.test' http://10.77.0.2/page.txt
in_a curl -s -o /dev/null -g 'http://[fd77::2]/index.html'
in_a curl -s -o /dev/null -X POST -d 'a=1&b=2' http://10.77.0.2/post; in_a curl -s -I -o /dev/null http://10.77.0.2:8080/page.txt
in_a curl -s -k -o /dev/null --resolve secure.example.test:443:10.77.0.2 https://secure.example.test/
in_a curl -s -k -o /dev/null --tls-max 1.2 --resolve secure.example.test:443:10.77.0.2 https://secure.example.test/
in_a redis-cli -h 10.77.0.2 set key value >/dev/null; in_a redis-cli -h 10.77.0.2 get key >/dev/null
in_a python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(bytes([0x23]) + bytes(47), ('10.77.0.2', 123))
s.sendto(b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\n\r\n', ('10.77.0.2', 1900))
s.sendto(b'x' * 3000, ('10.77.0.2', 9999))
t = socket.socket(); t.settimeout(2)
try: t.connect(('10.77.0.2', 81))
except OSError: pass
"
captured

# What is carried in what.
# VXLAN is the kernel's; the other headers are put around the packets of the capture above and sent as frames.
cat >"$work/wrap.py" <<'END'
import socket, struct, sys
data = open(sys.argv[1], 'rb').read()
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(('sv0', 0))
mac = bytes.fromhex('020000007702020000007701')
def ip(protocol, packet, version=4):
    if version == 6: return struct.pack('>IHBB', 6 << 28, len(packet), protocol, 64) + socket.inet_pton(socket.AF_INET6, 'fd77::1') + socket.inet_pton(socket.AF_INET6, 'fd77::2') + packet
    head = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(packet), 1, 0, 64, protocol, 0, socket.inet_aton('10.77.0.1'), socket.inet_aton('10.77.0.2'))
    n = sum(struct.unpack('>10H', head)); n = (n & 0xffff) + (n >> 16)
    return head[:10] + struct.pack('>H', ~n & 0xffff) + head[12:] + packet
at, number = 24, 0
while at < len(data) and number < 120:
    length = struct.unpack('<I', data[at + 8:at + 12])[0]; frame = data[at + 16:at + 16 + length]; at += 16 + length
    kind, packet = frame[12:14], frame[14:]
    if length > 1300 or kind not in (b'\x08\x00', b'\x86\xdd'): continue
    number += 1; v6 = kind == b'\x86\xdd'
    s.send([
        mac + b'\x81\x00\x00\x07' + kind + packet,
        mac + b'\x88\xa8\x00\x05\x81\x00\x00\x09' + kind + packet,
        mac + b'\x08\x00' + ip(47, b'\x00\x00' + kind + packet),
        mac + b'\x08\x00' + ip(47, b'\x20\x00' + kind + b'\x00\x00\x00\x2a' + packet),
        mac + b'\x08\x00' + ip(41 if v6 else 4, packet),
        mac + b'\x86\xdd' + ip(41 if v6 else 4, packet, 6),
        mac + b'\x86\xdd' + ip(0, bytes([60, 0, 1, 4, 0, 0, 0, 0, 41 if v6 else 4, 0, 1, 4, 0, 0, 0, 0]) + packet, 6),
        mac + b'\x88\x47\x00\x01\x00\x40\x00\x02\x01\x40' + packet,
    ][number % 8])
END
capture tunnels.pcap sv0
in_a ping -q -c 2 -i 0.2 10.81.0.2 >/dev/null; in_a curl -s -m 5 -o /dev/null http://10.81.0.2/
in_a python3 "$work/wrap.py" "$out/ordinary.pcap"
captured

# The link type of "any", and packets cut by a snap length.
capture cooked.pcap any -y LINUX_SLL2
in_a curl -s -o /dev/null http://10.77.0.2/; in_a ping -q -c 2 -i 0.2 10.77.0.2 >/dev/null; in_a ping -q -c 1 127.0.0.1 >/dev/null
captured
capture short.pcap sv0 -s 40
in_a curl -s -o /dev/null http://10.77.0.2/; in_a dig @10.77.0.2 www.example.test >/dev/null; in_a ping -q -6 -c 1 fd77::2 >/dev/null
captured
capture nanoseconds.pcap lo --nano
in_a ping -q -c 3 -i 0.2 127.0.0.1 >/dev/null
captured

# What has to be found.
capture port-scan.pcap sv0 -s 96
in_a nmap -n -Pn -sS --top-ports 60 10.77.0.2 >/dev/null
captured
capture udp-scan.pcap sv0 -s 96
in_b sysctl -q net.ipv4.icmp_ratelimit=0
in_a nmap -n -Pn -sU --max-retries 1 -p 2000-2030 10.77.0.2 >/dev/null
captured
capture host-sweep.pcap sv0 -s 96
in_a nmap -n -sn 10.77.0.3-60 >/dev/null || true
captured
capture syn-flood.pcap sv0 -s 64
in_a hping3 -q -S -p 80 -c 400 -i u2000 10.77.0.2 >/dev/null 2>&1 || true
captured
capture arp-spoofing.pcap sv0
in_a python3 -c "
import socket, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(('sv0', 0))
def arp(mac, ip):
    m = bytes.fromhex(mac.replace(':', '')); a = socket.inet_aton(ip)
    s.send(b'\xff' * 6 + m + b'\x08\x06' + b'\x00\x01\x08\x00\x06\x04\x00\x02' + m + a + b'\xff' * 6 + socket.inet_aton('10.77.0.9'))
for i in range(8):
    arp('02:00:00:00:77:fe', '10.77.0.254'); time.sleep(0.05); arp('02:66:66:66:66:66', '10.77.0.254'); time.sleep(0.05)
"
captured
capture dns-tunnel.pcap sv0
in_a python3 -c "
import base64, os, socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(40):
    name = base64.b32encode(os.urandom(30)).decode().lower().rstrip('=') + '.t.tunnel.test'
    q = struct.pack('>HHHHHH', i, 0x100, 1, 0, 0, 0) + b''.join(bytes([len(p)]) + p.encode() for p in name.split('.')) + b'\0' + struct.pack('>HH', 16, 1)
    s.sendto(q, ('10.77.0.2', 53))
"
captured
capture credentials.pcap sv0
in_a curl -s -o /dev/null -u alice:wonderland http://10.77.0.2/
in_a python3 -c "
import ftplib, poplib
f = ftplib.FTP(); f.connect('10.77.0.2', 21); f.login('bob', 'builder99'); f.quit()
f = ftplib.FTP(); f.connect('10.77.0.2', 21); f.login('anonymous', 'me@example.test'); f.quit()
p = poplib.POP3('10.77.0.2'); p.user('carol'); p.pass_('singer-secret'); p.quit()
"
captured
capture beacon.pcap sv0 -s 96
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do in_a curl -s -o /dev/null http://10.77.0.2:8080/; sleep 1.2; done
captured
capture old-tls.pcap sv0
OPENSSL_CONF=/dev/null in_a openssl s_client -connect 10.77.0.2:8443 -tls1 -cipher 'ALL:@SECLEVEL=0' </dev/null >/dev/null 2>&1 || true
captured
capture rogue-dhcp.pcap sv0
in_a python3 -c "
import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1); s.bind(('', 67))
def offer(server, router, kind):
    head = struct.pack('>BBBBIHH4s4s4s4s16s192x', 2, 1, 6, 0, 0x1234, 0, 0, b'\0' * 4, socket.inet_aton('10.77.0.50'), b'\0' * 4, b'\0' * 4, bytes.fromhex('020000007750') + b'\0' * 10)
    o = b'\x63\x82\x53\x63' + bytes([53, 1, kind, 54, 4]) + socket.inet_aton(server) + bytes([3, 4]) + socket.inet_aton(router) + bytes([6, 4]) + socket.inet_aton(router) + b'\xff'
    s.sendto(head + o, ('10.77.0.2', 68))
offer('10.77.0.254', '10.77.0.254', 2); offer('10.77.0.66', '10.77.0.66', 2); offer('10.77.0.254', '10.77.0.254', 5)
"
captured
capture icmp-tunnel.pcap sv0
in_a python3 -c "
import os, socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
for i in range(40):
    p = struct.pack('>BBHHH', 8, 0, 0, 7, i) + os.urandom(400); n = sum(struct.unpack('>%dH' % (len(p) // 2), p))
    while n >> 16: n = (n & 0xffff) + (n >> 16)
    s.sendto(p[:2] + struct.pack('>H', ~n & 0xffff) + p[4:], ('10.77.0.2', 0))
"
captured
# The same packets as pcapng.
editcap -F pcapng "$out/ordinary.pcap" "$out/ordinary.pcapng"
ls -l "$out"
