import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { OBSERVE, PROMETHEUS_FILE, parseYaml } from './test/shipped-files.ts';

type Service = {
  image: string;
  profiles?: string[];
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  mem_limit?: string;
  ports?: string[];
  volumes?: string[];
  networks: string[] | Record<string, unknown>;
  environment?: Record<string, string>;
};
type Compose = { services: Record<string, Service>; volumes: Record<string, unknown> };
type Config = { scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[] };

const ROOT = join(OBSERVE, '..', '..');
const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as Compose;
const observing = Object.entries(compose.services).filter(([, { profiles }]) => profiles?.includes('observe'));

test('Prometheus and Grafana are there on request', () => {
  expect(observing.map(([name]) => name)).toEqual(['prometheus', 'grafana']);
});

describe.each(observing)('%s', (_name, service) => {
  test('writes to its volume alone, has no privileges and a bound, and is reached from this machine alone', () => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(service.mem_limit).toMatch(/^\d+m$/);
    expect(service.ports!.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  test('is of a version that is named', () => {
    expect(service.image).toMatch(/^[\w./-]+:v?\d+\.\d+\.\d+$/);
  });

  test('is given what exists, and may not write to it', () => {
    const sources = service.volumes!.map((volume) => volume.split(':'));
    for (const [source, , mode] of sources) {
      if (!source!.startsWith('./')) expect(Object.keys(compose.volumes)).toContain(source);
      else
        expect({ source, exists: existsSync(join(ROOT, source!)), mode }).toEqual({ source, exists: true, mode: 'ro' });
    }
  });
});

test('Grafana reaches Prometheus, and no service', () => {
  const { prometheus, grafana } = compose.services;
  expect(grafana!.networks).toEqual(['observe']);
  expect(prometheus!.networks).toEqual(['observe', 'services']);
  expect(Object.entries(compose.services).filter(([, { networks }]) => isOn(networks, 'observe')).length).toBe(2);
});

test('whom Prometheus asks are services of compose that it reaches, on the port that they have there', () => {
  const { scrape_configs: jobs } = parseYaml(PROMETHEUS_FILE) as Config;
  const targets = jobs.flatMap((job) => job.static_configs.flatMap((each) => each.targets));
  expect(targets).toHaveLength(4);
  for (const [name, port] of targets.map((target) => target.split(':'))) {
    const { networks, environment, ports } = compose.services[name!]!;
    expect(isOn(networks, 'services')).toBe(true);
    const isEdge = environment!['EDGE_ID'] !== undefined;
    if (isEdge) expect(ports!.some((each) => each.endsWith(`:${port}`))).toBe(true);
    else expect(String(environment!['PORT'])).toBe(port);
  }
});

test('the edges watch the certificate of Nginx', () => {
  for (const name of ['edge-1', 'edge-2']) {
    expect(compose.services[name]!.environment).toMatchObject({ FRONT_URL: 'https://nginx:8443' });
  }
});

function isOn(networks: Service['networks'] | undefined, name: string): boolean {
  return Array.isArray(networks) ? networks.includes(name) : networks !== undefined && name in networks;
}
