#!/bin/sh
# Records real traffic on the loopback of a network namespace of its own: wrk at nginx, dig at dnsmasq.
# Usage: unshare -n record.sh FILE PACKETS
set -eu
file=$1 packets=$2 work=$(mktemp -d)
pids=
trap 'for pid in $pids; do kill $pid 2>/dev/null || true; done; rm -rf "$work"' EXIT
ip link set lo up
head -c 2000 /dev/zero | tr '\0' x >"$work/index.html"
cat >"$work/nginx.conf" <<END
daemon off; master_process off; pid $work/pid; error_log /dev/null; user root;
events {}
http { access_log off; keepalive_requests 100; client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  server { listen 8080; root $work; } }
END
nginx -c "$work/nginx.conf" 2>/dev/null & pids="$pids $!"
dnsmasq -d -C /dev/null --no-resolv --no-hosts --listen-address=127.0.0.1 --bind-interfaces --address=/example.test/192.0.2.1 2>/dev/null & pids="$pids $!"
i=0; while [ $i -lt 20000 ]; do echo "host-$i.example.test A"; i=$((i + 1)); done >"$work/names"
sleep 1
tcpdump -i lo -B 131072 -c "$packets" -w "$file" 2>/dev/null & dump=$!
sleep 1
dig @127.0.0.1 +tries=1 -f "$work/names" >/dev/null 2>&1 & pids="$pids $!"
while kill -0 $dump 2>/dev/null; do
  for last in 2 3 4 5; do wrk -t1 -c20 -d2s "http://127.0.0.$last:8080/?page=$last" >/dev/null; done
done
