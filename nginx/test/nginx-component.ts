import type { Component } from '@fit/test-kit/components';
import { findNginx, whatIsMissing } from '../src/find-nginx.ts';
import type { FoundNginx } from '../src/find-nginx.ts';
import type { Topology } from '../src/topology.ts';

/** The real Nginx, for tests of topology `edge`, and with njs for those of `direct`. */
export const nginx = componentFor('nginx', 'edge');
export const nginxWithNjs = componentFor('nginx with njs', 'direct');

function componentFor(name: string, topology: Topology): Component<FoundNginx> {
  return {
    name,
    find: () => {
      const reason = whatIsMissing(topology);
      return reason === undefined ? { available: true, value: findNginx()! } : { available: false, reason };
    },
  };
}
