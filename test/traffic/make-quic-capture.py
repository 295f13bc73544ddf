# Makes captures/quic.pcap: real QUIC clients and a real server (aioquic, from PyPI) on the loopback of a network
# namespace of its own. Run as root: unshare -n python3 make-quic-capture.py
#   one.example.test     version 1
#   two.example.test     version 2
#   retry.example.test   version 1, behind a Retry
#   long.example.test    a hello that takes several Initial packets and datagrams
import asyncio, os, ssl, subprocess, tempfile, time

from aioquic.asyncio import connect, serve
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.packet import QuicProtocolVersion

here = os.path.dirname(os.path.abspath(__file__))
work = tempfile.mkdtemp()
subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', work + '/key.pem',
                '-out', work + '/cert.pem', '-subj', '/CN=example.test', '-days', '2'], check=True, capture_output=True)


async def visit(port, name, alpn, versions):
    client = QuicConfiguration(is_client=True, alpn_protocols=alpn, server_name=name, verify_mode=ssl.CERT_NONE,
                               supported_versions=versions, original_version=versions[0])
    async with connect('127.0.0.1', port, configuration=client) as connection:
        await connection.ping()


async def main():
    versions = [QuicProtocolVersion.VERSION_1, QuicProtocolVersion.VERSION_2]
    for port, retry in ((4433, False), (4434, True)):
        server = QuicConfiguration(is_client=False, alpn_protocols=['h3'], supported_versions=versions)
        server.load_cert_chain(work + '/cert.pem', work + '/key.pem')
        await serve('127.0.0.1', port, configuration=server, retry=retry)
    await visit(4433, 'one.example.test', ['h3'], [QuicProtocolVersion.VERSION_1])
    await visit(4433, 'two.example.test', ['h3'], [QuicProtocolVersion.VERSION_2])
    await visit(4434, 'retry.example.test', ['h3'], [QuicProtocolVersion.VERSION_1])
    await visit(4433, 'long.example.test', ['h3'] + ['protocol-%d' % i for i in range(120)], [QuicProtocolVersion.VERSION_1])


dump = subprocess.Popen(['tcpdump', '-Z', 'root', '-i', 'lo', '-w', here + '/captures/quic.pcap', 'udp'], stderr=subprocess.DEVNULL)
time.sleep(1)
asyncio.run(main())
time.sleep(1)
dump.terminate()
dump.wait()
