/** All rules. Each run of an analysis has its own. */
import type { Rule } from '../rule';
import { ArpSpoofing } from './arp-spoofing';
import { Beaconing } from './beaconing';
import { DnsTunnelling } from './dns-tunnelling';
import { HostSweep } from './host-sweep';
import { IcmpTunnel } from './icmp-tunnel';
import { OldTls } from './old-tls';
import { PlainCredentials } from './plain-credentials';
import { PortScan } from './port-scan';
import { RogueDhcp } from './rogue-dhcp';
import { SynFlood } from './syn-flood';

export function allRules(): Rule[] {
  return [
    new SynFlood(),
    new ArpSpoofing(),
    new RogueDhcp(),
    new DnsTunnelling(),
    new IcmpTunnel(),
    new PortScan(),
    new HostSweep(),
    new PlainCredentials(),
    new OldTls(),
    new Beaconing(),
  ];
}
